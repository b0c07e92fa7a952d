"""What the values of a record's fields mean, in whatever form a tool writes them."""

import math
import re
from collections.abc import Mapping
from typing import Any

from transforms.formats.html.markup import has_markup, markup_to_text
from transforms.formats.json_text import load_json
from transforms.formats.literals import literal_tokens

MAX_DEPTH = 12
"""Levels of lists and objects in which a text is looked for."""

MAX_LITERAL = 20_000
"""Characters of the longest cell that is read as a list or an object."""

NOTHING = frozenset(
    ("", "null", r"\n", "nan", "none", "<na>", "nat", "n/a", "#n/a", "undefined", "-", "[removed]")
)
"""What a cell says, in lower case, that holds nothing: of databases, pandas and spreadsheets."""

_SOLD = re.compile(r"only available in [\w ,]+ plans?\.?")
"""What interfaces put in the place of a text that they sell, in lower case."""

_INNER = (
    *("rendered", "name", "text", "value", "main", "basic", "#text", "$t", "_", "content", "title"),
    *("original", "url", "href", "paragraphs", "sections", "children", "blocks", "data", "body"),
    *("attributes", "node", "nodes", "edges", "#cdata-section", "__cdata", "__text"),
)
"""Fields of an object that stand for it, in order."""

_DAY = (("year",), ("monthValue", "month"), ("dayOfMonth", "day"))
"""Fields of an object that is a day: year, month and day."""

_TYPE = ("type", "_type", "nodeType")
"""Fields in which editors say what an object of a text is."""

_BLOCK = re.compile(
    r"<(?:p|br|div|li|ul|ol|h[1-6]|table|tr|blockquote|article|section|pre|hr)\b", re.IGNORECASE
)
_TAG_OR_END = re.compile(r"<[/!a-zA-Z][^<>]*+>|\n")
_WRITTEN_END = re.compile(r"(?:\\r)?\\n(?=\\[rn]|[^a-z]|$)|(?<=\\n)\\n")
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")
"""The name of a language, by which an object has a text in several."""

_PICTURES = frozenset((
    *("image", "img", "picture", "photo", "gallery", "slideshow", "video", "audio", "embed"),
    *("iframe", "oembed", "oembed_response", "ad", "advert", "advertisement", "divider"),
    *("image_block", "media", "kicker", "byline", "date", "author_info"),
))  # fmt: skip
"""Types of what stands in a text and is none; an author or a date by itself may say such a type."""

_GIVEN = ("givenname", "firstname", "first", "given")
_FAMILY = ("familyname", "lastname", "last", "family", "surname")
_EXTENDED = (
    *("$oid", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$date"),
    *("$timestamp", "$uuid"),
)
"""Types of MongoDB's Extended JSON, versions 1 and 2."""

_SAYS_NOTHING = frozenset(("[", "]", ",", "null"))


def is_empty(value: Any) -> bool:
    r"""Return whether a value says nothing.

    >>> [is_empty(value) for value in (None, "NULL", r"\N", float("nan"), [], 0, "no")]
    [True, True, True, True, True, False, False]
    """
    if isinstance(value, str):
        said = value.strip().casefold() if len(value) < 80 else "text"
        return said in NOTHING or _SOLD.fullmatch(said) is not None
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
        if _is_line(value):
            return "".join(_run(part, depth + 1) for part in value).strip()
        return "\n\n".join(filter(None, (as_text(item, depth + 1) for item in value)))
    if isinstance(value, Mapping):
        if (plain_value := extended(value)) is not None:
            return as_text(plain_value, depth + 1)
        return _inner_text(value, depth)
    return str(value).strip()


def _inner_text(value: Mapping[str, Any], depth: int) -> str:
    """Return the text of an object: that of the first of its usual fields which has one."""
    if "paragraphs" in value and "headline" in value:  # a section of fundus
        return as_text([value["headline"], value["paragraphs"]], depth + 1)
    if depth and any(str(value.get(name)).lower() in _PICTURES for name in _TYPE):
        return ""
    if isinstance(value.get("ops"), list):  # Quill
        runs = (run.get("insert") for run in value["ops"] if isinstance(run, Mapping))
        return "".join(run for run in runs if isinstance(run, str)).strip()
    if value.keys() - {"id"} and all(map(_LOCALE.fullmatch, map(str, value))):
        return next(filter(None, (as_text(part, depth + 1) for part in value.values())), "")
    inner = (value[name] for name in _INNER if isinstance(value.get(name), str | list | dict))
    return next(filter(None, (as_text(part, depth + 1) for part in inner)), "")


def _is_line(values: list[Any]) -> bool:
    """Return whether a list holds the parts of one line, as editors and messengers part it.

    Strings and objects stand beside each other, or all are runs of text.
    """
    objects = [value for value in values if isinstance(value, Mapping)]
    strings = [value for value in values if isinstance(value, str)]
    if not objects or len(objects) + len(strings) < len(values):
        return False
    return bool(strings) or all(
        "content" not in value and any(value.get(name) in {"text", "span"} for name in _TYPE)
        for value in objects
    )


def _run(value: Any, depth: int) -> str:
    """Return the text of a part of a line, with the spaces around it."""
    inner = value.get("text", value.get("value")) if isinstance(value, Mapping) else value
    return inner if isinstance(inner, str) else as_text(value, depth)


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
    if isinstance(seconds, int | float | str):  # a protocol buffer, Firestore, MongoDB
        return seconds
    # As a calendar has them; Java's names of the month and the day are others.
    day = [_whole(next((value[n] for n in names if n in value), None)) for names in _DAY]
    if all(isinstance(part, int) for part in day):
        clock = [_whole(value.get(name)) or 0 for name in ("hour", "minute", "second")]
        return as_date([*day, *clock])
    if isinstance(value.get("date"), str):  # a DateTime of PHP
        return " ".join(filter(None, (value["date"], as_text(value.get("timezone")))))
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):  # CSL, Crossref
        return "-".join(as_text(part).zfill(2) for part in parts[0][:3])
    return as_text(value.get("iso", value)) or None


def _whole(value: Any) -> Any:
    """Return a number that is written as text as one."""
    is_number = isinstance(value, str) and value.isdecimal() and len(value) < 5
    return int(value) if is_number else value


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
    try:
        tokens = literal_tokens(text)
    except ValueError:
        return value
    if not (_SAYS_NOTHING.issuperset(tokens) or any(quote in text for quote in "\"'")):
        return value
    if text[0] == "{" and ":" not in tokens:
        tokens[0], tokens[-1] = "[", "]"
    for spelled in (text, "".join(tokens)):
        try:
            return load_json(spelled)
        except (ValueError, RecursionError):
            continue
    return value


def plain(text: str) -> str:
    r"""Return `text` without its markup, if it has any; without blocks, its lines are the text's.

    >>> plain("<p>One</p> <p>Two</p>"), plain("One\n\n<b>Two</b>")
    ('One\n\nTwo', 'One\n\nTwo')
    """
    if not has_markup(text):
        return text
    if "\n" in text and not _BLOCK.search(text):
        text = _TAG_OR_END.sub(lambda match: "<br>" if match[0] == "\n" else match[0], text)
    return markup_to_text(text)


def lines_of(text: str) -> str:
    r"""Return `text` with line ends in the place of what an export wrote for them.

    >>> lines_of(r"One.\n\nTwo in C:\news")
    'One.\n\nTwo in C:\\news'
    """
    if "\n" in text or not (r"\n\n" in text or r"\r\n" in text):
        return text
    return _WRITTEN_END.sub("\n", text)
