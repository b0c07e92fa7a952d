"""Finding an article's fields in a record, by the names in `field_names`."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from transforms.formats.article import Found
from transforms.formats.compound_names import field_of_compound
from transforms.formats.field_names import (
    FIELDS,
    HOLDERS,
    RECORDED,
    SUMMARY,
    TIME,
    WRAPPERS,
    ZONES,
    loose,
)
from transforms.formats.html.markup import has_markup, markup_to_text
from transforms.formats.markdown_text import looks_like_markdown, markdown_to_html
from transforms.formats.record_dates import all_dates, dates_of, in_zone
from transforms.formats.values import as_names, as_text, is_empty, lines_of, literal, plain
from transforms.text.words import count_words

MUCH_LONGER = 1.5
"""How much longer than a summary a string of unknown name must be to be the text instead."""

PROSE_WORDS = 40
"""Fewest words of such a string."""

SUMMARY_ONLY = "summary_only"
"""Flag: a summary stands in for the text."""

TEXT_GUESSED = "text_guessed"
"""Flag: the text is a field of a name that nobody knows."""

_ADDRESS = re.compile(r"(?:https?:)?//\S|www\.\S", re.IGNORECASE)
_SCHEMELESS = re.compile(r"(?://)?((?:[\w-]+\.)+[a-z]{2,24}/\S+)", re.IGNORECASE)
_NO_PROSE = re.compile(r"\s*(?:<!doctype|<html|<\?xml|[{\[]|https?:)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？…؟।](?:\s|[\"'”’»)]|$)")


@lru_cache(maxsize=10_000)
def _loose(name: str) -> str:
    """Return a name without case, accents, spaces and signs; its points stay."""
    return ".".join(map(loose, name.split(".")))


_PATHS = {field: tuple(map(_loose, names)) for field, names in FIELDS.items()}
_KNOWN = frozenset(path for paths in _PATHS.values() for path in paths)
_ZONES = tuple(map(_loose, ZONES))
_RECORDED = frozenset(map(_loose, RECORDED))
_KNOWN_ALONE = _KNOWN.union(_ZONES)
_HEADS = frozenset(HOLDERS).union(path.partition(".")[0] for path in _KNOWN if "." in path)
"""Names of the objects in which fields are looked for."""


def find_fields(
    record: Mapping[str, Any], mapping: Mapping[str, tuple[str, ...]], date_source: str = "record"
) -> Found:
    """Return what `record` says about the article.

    Args:
        record: the fields as read.
        mapping: article field -> names to look for before those of `FIELDS`.
        date_source: what the record's date counts as, see `date_sources.DATE_SOURCES`.
    """
    record = unwrapped(record)
    known = _flat(record)
    compound: dict[str, list[Any]] = {}
    for key, value in record.items():
        if not _is_known(key) and (of := field_of_compound(key)):
            compound.setdefault(of, []).append(value)

    def values(field: str) -> Iterator[Any]:
        named = (lookup(record, name) for name in mapping.get(field, ()))
        usual = (known.get(path) for path in _PATHS[field])
        others = compound.get(field, ())
        return (literal(value) for value in (*named, *usual, *others) if not is_empty(value))

    def first(field: str) -> str:
        return next(filter(None, map(as_text, values(field))), "")

    text, flags = _text(record, values, mapping)
    zone = next((as_text(known[name]) for name in _ZONES if name in known), "")
    dates = all_dates(values("date"), [*values(TIME)], known)
    dates = [in_zone(date, zone) for date in dates] if zone else dates
    changed = [in_zone(date, zone) for date in dates_of(values("modified"))]
    address, sites = _address(values("url")), list(map(as_text, values("source")))
    return Found(
        title=plain(first("title")),
        text=text,
        url=address or _address(sites) or _address(values("id")),
        source_id=first("id") or None,
        source=_site(sites),
        feed=first("feed").removeprefix("feed/") or None,
        authors=next(filter(None, map(as_names, values("authors"))), []),
        section=plain(first("section").partition("\n")[0]) or None,
        language=first("language") or None,
        dates=tuple((date_source, date) for date in dates or changed),
        modified=next(iter(changed), None),
        flags=flags,
    )


def unwrapped(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record that an object of an export holds, with the object's own fields behind it.

    >>> unwrapped({"_id": "7", "_source": {"title": "One"}})
    {'_id': '7', 'title': 'One'}
    """
    for name in WRAPPERS:
        inner = record.get(name)
        if isinstance(inner, Mapping) and (name == "_source" or not is_article(record)):
            outer = {key: value for key, value in record.items() if key != name}
            return {**outer, **inner}
    return record


def is_article(record: Mapping[str, Any]) -> bool:
    """Return whether an object says by itself what an article's title or text is."""
    keys = [key for key, value in record.items() if isinstance(value, str)]
    names = {_loose(key) for key in keys}
    return any(not names.isdisjoint(_PATHS[field]) for field in ("title", "text")) or any(
        field_of_compound(key) in ("title", "text") for key in keys
    )


def field_named(name: str) -> str | None:
    """Return the field that a record's field of this name is for, `None` if it is unknown."""
    path = _loose(name)
    known = (field for field, paths in _PATHS.items() if path in paths)
    return next(known, None) or field_of_compound(name)


@lru_cache(maxsize=10_000)
def _fields_named(name: str) -> frozenset[str]:
    """Return the fields that a record's field of this name may be for: a time may be a date."""
    path = _loose(name)
    known = frozenset(field for field, paths in _PATHS.items() if path in paths)
    return known or frozenset(filter(None, [field_of_compound(name)]))


def says(record: Mapping[str, Any], *fields: str) -> bool:
    """Return whether an object has a field whose name is one of those for `fields`."""
    heads = {path.partition(".")[0] for field in fields for path in _PATHS[field]}
    return any(_loose(key) in heads for key in record)


def unknown_names(
    record: Mapping[str, Any], mapping: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Return the fields of `record` that no name is known for, without the empty ones."""
    return {
        key: value
        for key, value in unwrapped(record).items()
        if not (_is_mapped(key, mapping) or (is_read(key, mapping) and _may_hold(key, value)))
        and not is_empty(value)
    }


def _may_hold(name: str, value: Any) -> bool:
    """Return whether a field holds what its name says: one named like a wrapper may be none."""
    path = _loose(name)
    if path not in WRAPPERS or path in _PATHS["text"]:
        return True
    inner = literal(value)
    if any(isinstance(item, Mapping) for item in (inner if isinstance(inner, list) else [inner])):
        return True
    return path in _KNOWN_ALONE and not is_prose(as_text(inner))  # "data" is a date in Romanian


def _is_known(name: str) -> bool:
    path = _loose(name)
    return path in _KNOWN_ALONE or path in _HEADS or path in WRAPPERS


def is_read(name: str, mapping: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether a field of this name is looked at: as it is, or for what is in it."""
    return bool(_is_known(name) or field_of_compound(name) or _is_mapped(name, mapping))


def _is_mapped(name: str, mapping: Mapping[str, tuple[str, ...]]) -> bool:
    return any(name in {own, own.partition(".")[0]} for names in mapping.values() for own in names)


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields by their paths; of several with one path, the first that is not empty."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        path = _loose(key)
        for inner_path, inner in _inside(path, value) if path in _HEADS else [(path, value)]:
            if not is_empty(inner):
                found.setdefault(inner_path, inner)
    holders = [literal(record[name]) for name in HOLDERS if name in record]
    own = _fields_of(record) if holders else frozenset()
    for inner in holders:
        for name, part in inner.items() if isinstance(inner, Mapping) else ():
            fields = _fields_named(str(name))
            if not is_empty(part) and not (fields and fields <= own):
                found.setdefault(_loose(str(name)), part)
    return found


def _fields_of(record: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields that a record has itself, but for a date that may be the record's own."""
    names = (str(name) for name, value in record.items() if not is_empty(value))
    fields = (field_named(name) for name in names if _loose(name) not in _RECORDED)
    return frozenset(field for field in fields if field)


def _inside(path: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield `value` and what is in it, if it is an object or a list of objects."""
    yield path, value
    inner = literal(value)
    inner = inner[0] if isinstance(inner, list) and inner else inner
    if isinstance(inner, Mapping) and depth < 2:
        for key, part in inner.items():
            yield from _inside(f"{path}.{_loose(key)}", part, depth + 1)


def lookup(record: Mapping[str, Any], path: str) -> Any:
    """Return the value at `path`, where "a.b" is the field "a.b" or the field b of the object a.

    >>> lookup({"meta": {"by": "Jane"}}, "meta.by")
    'Jane'
    """
    if path in record:
        return record[path]
    head, dot, rest = path.partition(".")
    inner = record.get(head)
    if isinstance(inner, list) and inner:
        inner = inner[0]
    return lookup(inner, rest) if dot and isinstance(inner, Mapping) else None


def _text(
    record: Mapping[str, Any],
    values: Callable[[str], Iterator[Any]],
    mapping: Mapping[str, tuple[str, ...]],
) -> tuple[str, tuple[str, ...]]:
    """Return the text, and a flag where no field is named as text."""
    if text := next(filter(None, map(_prose, values("text"))), ""):
        return text, ()
    summary = max(map(_prose, values(SUMMARY)), key=len, default="")
    if not summary:
        return "", ()
    others = (as_text(literal(value), 1) for value in unknown_names(record, mapping).values())
    longest = max(map(plain, filter(is_prose, others)), key=len, default="")
    if len(longest) > MUCH_LONGER * len(summary):
        return longest, (TEXT_GUESSED,)
    return summary, (SUMMARY_ONLY,)


def _prose(value: Any) -> str:
    """Return the text that a value is, in whatever markup it is written."""
    text = lines_of(as_text(value, 1))
    is_bare = not has_markup(text) and looks_like_markdown(text)
    return markup_to_text(markdown_to_html(text)) if is_bare else plain(text)


def is_prose(text: str) -> bool:
    """Return whether a text is made of sentences."""
    found = count_words(text) >= PROSE_WORDS and _SENTENCE_END.search(text)
    return bool(found) and not _NO_PROSE.match(text)


def is_address(text: str) -> bool:
    """Return whether a text is a web address."""
    return _ADDRESS.match(text) is not None and len(text.split()) == 1


def _address(values: Iterable[Any]) -> str:
    """Return the first address, with the scheme that many leave out."""
    for text in map(as_text, values):
        if _ADDRESS.match(text) and "://" in text:
            return text
        if match := _SCHEMELESS.fullmatch(text):
            return f"https://{match[1]}"
    return ""


def _site(names: Iterable[str]) -> str | None:
    """Return the first name that is no address, else the host of the first address."""
    names = [name for name in names if len(name) <= 200]
    plain_names = (name for name in names if not _ADDRESS.match(name))
    return next(filter(None, (*plain_names, *map(_host, names))), None)


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
