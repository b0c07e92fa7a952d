"""Fields of records that no name is known for: which of them say what is missing."""

import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from transforms.formats.fields import (
    SUMMARY_ONLY,
    TEXT_GUESSED,
    find_fields,
    is_address,
    is_prose,
    unknown_names,
)
from transforms.formats.values import as_date, as_text, literal
from transforms.records import NO_TITLE, Article
from transforms.text.date_text import parse_date

MOST_NAMES = 12
"""Names that a message lists."""

LONGEST_NAME = 60
"""Characters of a name that are told."""

UNKNOWN = "unknown field: "
"""What the counters of unknown fields begin with."""

GAP_FLAGS = frozenset((NO_TITLE, SUMMARY_ONLY, TEXT_GUESSED))
_TALLY = re.compile(r"unknown field for (?P<field>\w+): (?P<name>.+)", re.DOTALL)
_UNIX_TIME = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d{1,9})?")
"""Of 2001 to 2033, in seconds or milliseconds: other numbers are rather counts or ids."""
_ENDING = re.compile(
    r"\.(?:csv|tsv|json|jsonl|ndjson|parquet|pq)(?:\.(?:gz|bz2|zst))?$", re.IGNORECASE
)
_TITLE_WORDS = range(2, 31)


def is_of_records(uri: str) -> bool:
    """Return whether the file holds records, by its name.

    >>> is_of_records("in/a.CSV.gz"), is_of_records("in/a.html")
    (True, False)
    """
    return _ENDING.search(uri) is not None


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
    dates += [key for key, value in unknown.items() if _UNIX_TIME.fullmatch(str(value))]
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
    is_number = isinstance(date, int | float) or str(date).replace(".", "", 1).isdecimal()
    return date is not None and not is_number and parse_date(date) is not None


def unknown_hint(record: Mapping[str, Any], mapping: Mapping[str, tuple[str, ...]]) -> str:
    """Return what to add to the detail of a rejection for want of text.

    >>> unknown_hint({"title": "One", "Kopf": "x"}, {})
    '; newsbeam knows no field called Kopf'
    """
    found = gaps(record, mapping)
    return f"; {found}" if found.unknown else ""


def named(unknown: Collection[str], taken: Mapping[str, str]) -> str:
    """Return one line on unknown fields, and the setting that would take them."""
    names = ", ".join(sorted(unknown)[:MOST_NAMES]) + ", ..." * (len(unknown) > MOST_NAMES)
    line = f"newsbeam knows no field called {names}"
    return f"{line}; to take them: {setting(taken)}" if taken else line


def setting(taken: Mapping[str, str]) -> str:
    """Return the option that takes fields, as a shell takes it.

    >>> print(setting({"title": "Kopf", "date": "Wann: Tag"}))
    --set 'input.fields={date: ["Wann: Tag"], title: [Kopf]}'
    """
    pairs = (f"{field}: [{_quoted(name)}]" for field, name in sorted(taken.items()))
    value = f"input.fields={{{', '.join(pairs)}}}"
    return f"--set {shlex.quote(value)}"


def _quoted(name: str) -> str:
    plain = name.replace("_", "").replace(" ", "").isalnum() and not name[:1].isdigit()
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return name if plain else f'"{escaped}"'


class Gaps(NamedTuple):
    """What a record lacks.

    Attributes:
        unknown: its fields that no name is known for.
        taken: missing field of the article -> the unknown field that looks like it.
    """

    unknown: frozenset[str]
    taken: Mapping[str, str]

    def __str__(self) -> str:
        return named(self.unknown, self.taken)


def gaps(record: Mapping[str, Any], mapping: Mapping[str, tuple[str, ...]]) -> Gaps:
    """Return the unknown fields of a record, and which of them would fill what it lacks.

    >>> gaps({"Kopf": "Bridge opens", "text": "It is open."}, {}).taken
    {'title': 'Kopf'}
    """
    found = find_fields(record, mapping)
    says = {
        "title": found.title,
        "text": found.text and not {SUMMARY_ONLY, TEXT_GUESSED} & set(found.flags),
        "date": found.dates,
        "url": found.url,
    }
    missing = [field for field, value in says.items() if not value]
    unknown = frozenset(name[:LONGEST_NAME] for name in unknown_names(record, mapping))
    return Gaps(unknown, suggested(record, mapping, missing))


def lacks_a_field(article: Article) -> bool:
    """Return whether the article of a record lacks its title, date or text."""
    return article.date_source != "record" or not GAP_FLAGS.isdisjoint(article.flags)


def tallies(found: Gaps) -> Iterator[str]:
    """Yield the names of the counters in which a run counts the gaps of its records."""
    for name in sorted(found.unknown)[:MOST_NAMES]:
        yield UNKNOWN + name
    for field, name in found.taken.items():
        yield f"{UNKNOWN[:-2]} for {field}: {name[:LONGEST_NAME]}"


def tallied(counters: Mapping[str, int]) -> str:
    """Return one line on the gaps that were counted; empty if none were.

    >>> print(tallied({"unknown field: Kopf": 34, "unknown field for title: Kopf": 34}))
    newsbeam knows no field called Kopf; to take them: --set 'input.fields={title: [Kopf]}'
    """
    unknown = [name.removeprefix(UNKNOWN) for name in counters if name.startswith(UNKNOWN)]
    taken: dict[str, str] = {}
    for name in sorted(counters, key=lambda name: (counters[name], name)):  # the last one stays
        if match := _TALLY.fullmatch(name):
            taken[match["field"]] = match["name"]
    return named(unknown, taken) if unknown else ""
