"""The values that programs print where JSON is expected: Python's, JavaScript's, MongoDB's shell's.

Single quotes, `None`, tuples, names without quotes, comments, a last comma, `ISODate("...")`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from transforms.formats.json_text import load_json

_STRING = r"'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\""
_INNER = r"\((?:[^()\"']|\((?:[^()\"']|\([^()\"']*+\))*+\))*+\)"
_TOKEN = re.compile(
    rf"(?P<skip>\s++|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)|(?P<string>{_STRING})"
    rf"|(?P<call>(?:new\s++)?[A-Za-z_$][\w.$]*+\((?:[^()\"']|{_STRING}|{_INNER})*+\))"
    r"|(?P<name>[A-Za-z_$][\w$]*+(?=\s*+:))"
    r"|(?P<word>-?(?:\d[\d.eE+-]*+|Infinity)|None|True|False|null|true|false|nan|NaN|Infinity"
    r"|undefined)|(?P<pattern>/(?:[^/\\\n]|\\.)++/[a-z]*+)|(?P<sign>[\[\]{}(),:])",
    re.DOTALL,
)
_ONE_ARGUMENT = re.compile(
    rf"(?:new\s++)?[\w.$]++\(\s*+(?P<value>{_STRING}|-?\d++)\s*+\)", re.DOTALL
)
_ESCAPE = re.compile(r"\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_WORDS = {"None": "null", "undefined": "null", "True": "true", "False": "false"}
_CLOSING = frozenset(("]", "}"))
_BEHIND_VALUE = _CLOSING | {",", ":"}
_BEFORE_VALUE = frozenset(("", "[", "{", ",", ":"))
_NO_NUMBERS = re.compile(r"-?(?:nan|NaN|Infinity)")


def load_literal(text: str) -> Any:
    """Return the value that a program printed.

    What a call stands for is its only argument, else the call as it is written.

    Raises:
        ValueError: it is none.
        RecursionError: it is nested too deeply.

    >>> load_literal("{_id: ObjectId('6641'), 'n': (1, None), d: date(2024, 5, 13),}")
    {'_id': '6641', 'n': [1, None], 'd': 'date(2024, 5, 13)'}
    """
    return load_json("".join(literal_tokens(text)))


def literal_tokens(text: str) -> list[str]:
    """Return the tokens of a literal as those of JSON, with the commas that were left out.

    Raises:
        ValueError: it is no literal.
    """
    tokens: list[str] = []
    for token in _tokens(text):
        last = tokens[-1] if tokens else ""
        if last == "," and token in _CLOSING:
            tokens.pop()
        elif last not in _BEFORE_VALUE and token not in _BEHIND_VALUE:
            tokens.append(",")
        tokens.append(token)
    return tokens


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"no literal at character {position}")
        position = match.end()
        kind, token = str(match.lastgroup), match[0]
        if kind == "sign":
            yield {"(": "[", ")": "]"}.get(token, token)
        elif kind == "string":
            yield _string(token)
        elif kind == "word":
            yield "null" if _NO_NUMBERS.fullmatch(token) else _WORDS.get(token, token)
        elif kind == "call":
            only = _ONE_ARGUMENT.fullmatch(token)
            argument = only["value"] if only else ""
            yield _string(argument) if argument[:1] in {'"', "'"} else argument or json.dumps(token)
        elif kind != "skip":
            yield json.dumps(token)


def _string(token: str) -> str:
    """Return a string in Python's or JSON's quotes as one of JSON."""
    inner = _ESCAPE.sub(_unescaped, token[1:-1])
    return json.dumps(inner)  # halves of surrogate pairs stay escaped


def _unescaped(match: re.Match[str]) -> str:
    if digits := match[1] or match[2]:
        return chr(int(digits, 16))
    return _ESCAPED.get(match[3], match[3])
