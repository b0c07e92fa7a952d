"""What the values of a record's fields mean, in whatever form a tool writes them."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.formats.html.markup import has_markup, markup_to_text
from transforms.formats.json_text import load_json

MAX_DEPTH = 12
"""Levels of lists and objects in which a text is looked for."""

MAX_LITERAL = 20_000
"""Characters of the longest cell that is read as a list or an object."""

NOTHING = frozenset(
    ("", "null", r"\n", "nan", "none", "<na>", "nat", "n/a", "#n/a", "undefined", "-")
)
"""What a cell says, in lower case, that holds nothing: of databases, pandas and spreadsheets."""

_INNER = (
    *("rendered", "name", "text", "value", "main", "basic", "#text", "$t", "_", "content", "title"),
    *("original", "url", "href", "paragraphs", "sections", "children", "blocks"),
)
"""Fields of an object that stand for it, in order."""

_GIVEN = ("givenname", "firstname", "first", "given")
_FAMILY = ("familyname", "lastname", "last", "family", "surname")
_EXTENDED = (
    *("$oid", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$date"),
    *("$timestamp", "$uuid"),
)
"""Types of MongoDB's Extended JSON, versions 1 and 2."""

_TOKEN = re.compile(
    r"\s*+(?:(?P<string>'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\")"
    r"|(?P<word>-?\d[\d.eE+-]*+|None|True|False|null|true|false|nan|NaN)"
    r"|(?P<sign>[\[\]{}(),:]))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|(.))", re.DOTALL)
_SAYS_NOTHING = frozenset(("[", "]", ",", "null"))
_WORDS = {"None": "null", "nan": "null", "NaN": "null", "True": "true", "False": "false"}


def is_empty(value: Any) -> bool:
    r"""Return whether a value says nothing.

    >>> [is_empty(value) for value in (None, "NULL", r"\N", float("nan"), [], 0, "no")]
    [True, True, True, True, True, False, False]
    """
    if isinstance(value, str):
        return len(value) < 12 and value.strip().casefold() in NOTHING
    if isinstance(value, float) and math.isnan(value):
        return True
    return value is None or (isinstance(value, list | Mapping) and not value)


def as_text(value: Any, depth: int = 0) -> str:
    r"""Return a value as text: lists are paragraphs, objects give their usual inner field.

    >>> as_text({"rendered": "One"}), as_text(["One", "Two"]), as_text({"$oid": "6641"})
    ('One', 'One\n\nTwo', '6641')
    """
    if depth > MAX_DEPTH or value is None or isinstance(value, bool):
        return ""
    if isinstance(value, list):
        return "\n\n".join(filter(None, (as_text(item, depth + 1) for item in value)))
    if isinstance(value, Mapping):
        if (plain_value := extended(value)) is not None:
            return as_text(plain_value, depth + 1)
        if "paragraphs" in value and "headline" in value:  # a section of fundus
            return as_text([value["headline"], value["paragraphs"]], depth + 1)
        inner = (value[name] for name in _INNER if isinstance(value.get(name), str | list | dict))
        return next(filter(None, (as_text(part, depth + 1) for part in inner)), "")
    return str(value).strip()


def as_names(value: Any) -> list[str]:
    """Return names from a string, a list of strings or objects, or an object.

    Numbers are ids, and no names.

    >>> as_names([{"name": "Jane Doe"}, "John Roe"]), as_names("['Jane Doe', 'John Roe']")
    (['Jane Doe', 'John Roe'], ['Jane Doe', 'John Roe'])
    >>> as_names({"givenName": "Jane", "familyName": "Doe"})
    ['Jane Doe']
    """
    value = literal(value)
    items = value if isinstance(value, list) else [value]
    names = (_name(item) for item in items if not isinstance(item, int | float))
    return [name for name in names if not is_empty(name)]


def _name(value: Any) -> str:
    """Return the name in one entry of a list of authors."""
    if isinstance(value, Mapping) and not is_empty(value) and not as_text(value.get("name")):
        loose = {re.sub(r"[\W_]", "", key).casefold(): part for key, part in value.items()}
        parts = [
            next((as_text(loose[n]) for n in names if n in loose), "")
            for names in (_GIVEN, _FAMILY)
        ]
        if any(parts):
            return " ".join(filter(None, parts))
    return as_text(value)


def as_date(value: Any) -> str | int | float | None:
    """Return a value that `parse_date` reads, `None` for nothing.

    >>> as_date({"$date": {"$numberLong": "1715639400000"}}), as_date([2024, 5, 13, 22, 30])
    (1715639400000, '2024-05-13T22:30:00')
    >>> as_date({"date": "2024-05-13 22:30:00.000000", "timezone": "Europe/Berlin"})
    '2024-05-13 22:30:00.000000 Europe/Berlin'
    """
    if isinstance(value, Mapping):
        return _date_in(value)
    if isinstance(value, list) and 3 <= len(value) <= 9 and all(type(n) is int for n in value):
        parts = [*value[:6], 0, 0, 0]  # Jackson, and struct_time
        return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*parts[:6])
    if isinstance(value, bool):
        return None
    return value if isinstance(value, int | float) else as_text(value) or None


def _date_in(value: Mapping[str, Any]) -> str | int | float | None:
    """Return the date that an object holds, as the libraries of many languages write it."""
    if (inner := extended(value)) is not None:
        return as_date(inner)
    seconds = value.get("seconds", value.get("_seconds", value.get("t")))
    if isinstance(seconds, int | float):  # a protocol buffer, Firestore, MongoDB
        return seconds
    if isinstance(value.get("date"), str):  # a DateTime of PHP
        return " ".join(filter(None, (value["date"], as_text(value.get("timezone")))))
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):  # CSL, Crossref
        return "-".join(as_text(part).zfill(2) for part in parts[0][:3])
    return as_text(value.get("iso", value)) or None


def extended(value: Mapping[str, Any]) -> Any:
    """Return the value in an object of MongoDB's Extended JSON, `None` if it is no such object."""
    name = next((name for name in _EXTENDED if name in value), None)
    if name is None or len(value) > 2:
        return None
    inner = value[name]
    if isinstance(inner, Mapping) and name != "$timestamp":
        inner = extended(inner)
    is_number = name.startswith("$number") and isinstance(inner, str)
    return int(inner) if is_number and re.fullmatch(r"-?\d{1,19}", inner) else inner


def literal(value: Any) -> Any:
    """Return the list or object that a cell of a table spells out, else `value` itself.

    pandas and others write `['Jane Doe', 'John Roe']`, NumPy without the commas, PostgreSQL with
    braces, spreadsheets JSON.

    >>> literal("['Jane Doe' 'John Roe']"), literal('{"name": "Jane"}'), literal("[sic]")
    (['Jane Doe', 'John Roe'], {'name': 'Jane'}, '[sic]')
    """
    if not isinstance(value, str) or not 1 < len(value) <= MAX_LITERAL:
        return value
    text = value.strip()
    if text[:1] + text[-1:] not in {"[]", "{}"}:
        return value
    tokens = list(_tokens(text))
    if not tokens or not (_SAYS_NOTHING.issuperset(tokens) or any(t[0] == '"' for t in tokens)):
        return value
    if text[0] == "{" and ":" not in tokens:
        tokens[0], tokens[-1] = "[", "]"
    for spelled in (text, "".join(tokens)):
        try:
            return load_json(spelled)
        except (ValueError, RecursionError):
            continue
    return value


def _tokens(text: str) -> Iterator[str]:
    """Yield a literal's tokens as those of JSON, with a comma where one is left out between values.

    Nothing where it is none.
    """
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return
        position = match.end()
        if match["sign"]:
            token = {"(": "[", ")": "]"}.get(match["sign"], match["sign"])
        else:
            token = (
                _string(match["string"])
                if match["string"]
                else _WORDS.get(match["word"], match["word"])
            )
        if tokens and token not in {"]", "}", ",", ":"} and tokens[-1] not in {"[", "{", ",", ":"}:
            tokens.append(",")
        if token in {"]", "}"} and tokens and tokens[-1] == ",":
            tokens.pop()
        tokens.append(token)
    yield from tokens


def _string(token: str) -> str:
    """Return a string in Python's or JSON's quotes as one of JSON."""
    inner = _ESCAPE.sub(_unescaped, token[1:-1])
    return json.dumps(inner)  # halves of surrogate pairs stay escaped


def _unescaped(match: re.Match[str]) -> str:
    if digits := match[1] or match[2]:
        return chr(int(digits, 16))
    return {"n": "\n", "t": "\t", "r": "\r"}.get(match[3], match[3])


def plain(text: str) -> str:
    """Return `text` without its markup, if it has any."""
    return markup_to_text(text) if has_markup(text) else text
