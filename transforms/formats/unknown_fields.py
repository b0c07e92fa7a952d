"""Fields of records that no name is known for: which of them say what is missing."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from transforms.formats.fields import is_address, is_prose, unknown_names
from transforms.formats.values import as_date, as_text, literal
from transforms.records import NO_TITLE
from transforms.text.date_text import parse_date

MOST_NAMES = 12
"""Names that a message lists."""

_TITLE_WORDS = range(2, 31)


def suggested(
    record: Mapping[str, Any], mapping: Mapping[str, tuple[str, ...]], missing: Collection[str]
) -> dict[str, str]:
    """Return missing field -> the unknown field of `record` whose value looks like it.

    >>> suggested({"Kopf": "Bridge opens", "Wann": "2024-05-13"}, {}, ["title", "date"])
    {'date': 'Wann', 'title': 'Kopf'}
    """
    unknown = {key: literal(value) for key, value in unknown_names(record, mapping).items()}
    texts = {key: as_text(value) for key, value in unknown.items()}
    prose = {key: text for key, text in texts.items() if is_prose(text)}
    dates = [key for key, value in unknown.items() if _is_date(value)]
    links = [key for key, text in texts.items() if is_address(text)]
    others = (key for key in texts if key not in {*prose, *dates, *links})
    found = {
        "text": max(prose, key=lambda key: len(prose[key]), default=None),
        "date": next(iter(dates), None),
        "url": next(iter(links), None),
        "title": next((key for key in others if len(texts[key].split()) in _TITLE_WORDS), None),
    }
    return {field: key for field, key in found.items() if key is not None and field in missing}


def _is_date(value: Any) -> bool:
    date = as_date(value)
    return date is not None and parse_date(date) is not None and not str(date).isdecimal()


def unknown_hint(record: Mapping[str, Any], mapping: Mapping[str, tuple[str, ...]]) -> str:
    """Return what to add to the detail of a rejection for want of text.

    >>> unknown_hint({"title": "One", "Kopf": "x"}, {})
    '; no name is known for Kopf'
    """
    unknown = [*unknown_names(record, mapping)]
    return f"; {named(unknown, suggested(record, mapping, ['text']))}" if unknown else ""


def named(unknown: Collection[str], taken: Mapping[str, str]) -> str:
    """Return one line on unknown fields, and the setting that would take them."""
    names = ", ".join(sorted(unknown)[:MOST_NAMES]) + ", ..." * (len(unknown) > MOST_NAMES)
    line = f"no name is known for {names}"
    return f"{line}; to take them: {setting(taken)}" if taken else line


def setting(taken: Mapping[str, str]) -> str:
    """Return the line of the config that takes fields, as YAML.

    >>> setting({"title": "Kopf", "date": "Wann: Tag"})
    'input.fields: {date: ["Wann: Tag"], title: [Kopf]}'
    """
    pairs = (f"{field}: [{_quoted(name)}]" for field, name in sorted(taken.items()))
    return f"input.fields: {{{', '.join(pairs)}}}"


def _quoted(name: str) -> str:
    plain = name.replace("_", "").replace(" ", "").isalnum() and not name[:1].isdigit()
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return name if plain else f'"{escaped}"'


def missing_fields(flags: Collection[str], date_source: str | None) -> Iterator[str]:
    """Yield the fields that an article of a record lacks."""
    if NO_TITLE in flags:
        yield "title"
    if date_source != "record":
        yield "date"
    if "summary_only" in flags:
        yield "text"
