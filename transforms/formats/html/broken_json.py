"""Reading the JSON-LD that templates break: in linear time, and without a guess at what is missing.

Quotes that are not escaped, commas left out or one too many, comments, several values in one
script, and a script that is cut off. What can be read of it is read; nothing is made up.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from transforms.formats.json_text import load_json

MAX_LENGTH = 100_000
"""Characters of a script that are read."""

_MAX_DEPTH = 50

_PIECE = re.compile(
    r"(?P<skip>\s++|//[^\n]*+|/\*.*?(?:\*/|\Z))|(?P<sign>[\[\]{},:])|(?P<quote>[\"'])|(?P<word>[^\s\[\]{},:\"]++)",
    re.DOTALL,
)
_ENDS = {
    quote: re.compile(
        rf"\\.|{quote}(?=\s*+(?:[:\]}}]|\Z|,\s*+(?:[\"'{{\[\]}}\d/-]|true|false|null|\Z)|\"[\w@:-]++\"\s*+:)"
        r"|[^\S\n]*+\n\s*+[\"'])",
        re.DOTALL,
    )
    for quote in "\"'"
}
"""A string ends at a quote before a sign of JSON; any other is one of its text."""

_BAD_ESCAPE = re.compile(r"\\(?![\"\\/bfnrt]|u[\da-fA-F]{4})(.?)", re.DOTALL)
_BARE_QUOTE = re.compile(r"(\\.)|\"", re.DOTALL)
_CLOSED = {"{": "}", "[": "]"}
_SCALAR = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


def broken_values(text: str) -> list[Any]:
    r"""Return the objects and lists that can be read of JSON that is none, if they hold anything.

    >>> broken_values('{"headline": "The "late" ferry" "author": "Ann", } {"a": [1')
    [{'headline': 'The "late" ferry', 'author': 'Ann'}, {'a': [1]}]
    """
    found = []
    for document in _documents(text[:MAX_LENGTH]):
        try:
            value = load_json(document)
        except (ValueError, RecursionError):
            continue
        items = value.values() if isinstance(value, dict) else value
        if any(item is not None for item in items):
            found.append(value)
    return found


def _documents(text: str) -> Iterator[str]:
    """Yield each object or list at the top of `text` as proper JSON, as far as it goes."""
    out: list[str] = []
    opened: list[str] = []
    for token in _tokens(text):
        if len(opened) > _MAX_DEPTH:
            return
        if token in _CLOSED.values():
            if token not in map(_CLOSED.get, opened):
                continue  # one too many
            while _close(out, opened) != token:
                pass
            if not opened:
                yield "".join(out)
                out = []
        elif opened or token in _CLOSED:
            _add(out, opened, token)
    while opened:
        _close(out, opened)
    yield "".join(out)


def _add(out: list[str], opened: list[str], sign: str) -> None:
    """Put a sign that opens a value or parts two, or a value, behind the others."""
    starts = not out or out[-1] in ",:[{"
    if sign == ":":
        out += [] if starts else [sign]
        return
    if sign == "," or not starts:
        _end_value(out, opened)
        out += [","] if out[-1] not in ",[{" else []
    if sign != ",":
        out.append(sign)
    if sign in _CLOSED:
        opened.append(sign)


def _end_value(out: list[str], opened: list[str]) -> None:
    """Give a name without a value the value null."""
    if out[-1] == ":":
        out.append("null")
    elif opened[-1] == "{" and out[-1][0] == '"' and out[-2] in "{,":
        out += [":", "null"]


def _close(out: list[str], opened: list[str]) -> str:
    """Close what was opened last, without a comma at its end; return the sign."""
    if out[-1] == ",":
        out.pop()
    _end_value(out, opened)
    out.append(_CLOSED[opened.pop()])
    return out[-1]


def _tokens(text: str) -> Iterator[str]:
    """Yield the signs, and the strings and words as those of JSON."""
    position = 0
    while match := _PIECE.match(text, position):
        position = match.end()
        if match["sign"]:
            yield match["sign"]
        elif match["word"]:
            word = "null" if match["word"] == "undefined" else match["word"]
            yield word if _SCALAR.fullmatch(word) else json.dumps(word)
        elif quote := match["quote"]:
            end = next((m for m in _ENDS[quote].finditer(text, position) if m[0] == quote), None)
            inner = text[position : end.start() if end else len(text)]
            position = end.end() if end else len(text)
            inner = _BAD_ESCAPE.sub(r"\1", inner)
            yield '"' + _BARE_QUOTE.sub(lambda m: m[1] or r"\"", inner) + '"'
