"""The shapes in which a JSON value holds records: lists, containers, and frames of pandas."""

from collections.abc import Mapping
from typing import Any

from transforms.formats.field_names import CONTAINERS, SUMMARY
from transforms.formats.fields import is_article, says, unwrapped

_MAX_DEPTH = 5
"""Objects within another in which records are looked for."""

_LISTS = frozenset((
    "articles", "items", "entries", "posts", "stories", "results", "docs", "item", "entry", "data",
    "objects", "messages", "records", "rows", "news",
))  # fmt: skip
"""Names of the lists of an export that has a title of its own."""


def records_within(value: Any) -> list[Any] | None:
    """Return the records in a JSON value, `None` if it is one record itself.

    >>> records_within({"status": "ok", "response": {"results": [{"id": 1}]}})
    [{'id': 1}]
    >>> records_within({"title": {"0": "A", "1": "B"}, "text": {"0": "C", "1": "D"}})
    [{'title': 'A', 'text': 'C'}, {'title': 'B', 'text': 'D'}]
    >>> records_within([{"page": 1, "items": [{"title": "A"}]}, {"items": [{"title": "B"}]}])
    [{'title': 'A'}, {'title': 'B'}]
    """
    if isinstance(value, list):
        if value and all(isinstance(page, list) for page in value):
            flat = [item for page in value for item in page]
            if flat and all(isinstance(item, Mapping) for item in flat):
                return flat
        return _named_by_first_row(value) or _of_pages(value) or value
    if not isinstance(value, Mapping):
        return None
    if is_article(value):
        return _titled_list(value)
    frame = _frame(value)
    return _contained(value, 0) if frame is None else frame


def _of_pages(values: list[Any]) -> list[Any] | None:
    """Return the records of the answers of an API, or of tables, that were put in one list.

    What says nothing of an article beside a titled one is about the export, as in phpMyAdmin's.
    """
    pages = [value for value in values if isinstance(value, Mapping)]
    if not pages or len(pages) < len(values):
        return None
    titled = [_titled_list(page) if is_article(page) else None for page in pages]
    if any(titled):
        rest = (page for page, records in zip(pages, titled, strict=True) if records is None)
        found = None if any(says(page, "text", SUMMARY) for page in rest) else titled
    elif any(is_article(unwrapped(page)) for page in pages):
        return None
    else:
        found = [_contained(page, 0, by_name=True) for page in pages]
        found = None if None in found else found
    return None if found is None else [record for records in found for record in records or ()]


def _titled_list(value: Mapping[str, Any]) -> list[Any] | None:
    """Return the records of an export with a title of its own, `None` for an article."""
    for name, inner in value.items():
        if name.lower() in _LISTS and isinstance(inner, list) and not says(value, "text"):
            records = [unwrapped(item) for item in inner if isinstance(item, Mapping)]
            if records and all(says(record, "text", SUMMARY) for record in records):
                return inner
    return None


def _contained(value: Mapping[str, Any], depth: int, *, by_name: bool = False) -> list[Any] | None:
    """Return the list of objects in a container object, `None` if it is none.

    Args:
        value: the object.
        depth: of objects around it.
        by_name: whether only those of `CONTAINERS` are looked at, and no others after them.
    """
    names = {name.lower(): inner for name, inner in value.items()}
    for name in CONTAINERS:
        inner = names.get(name)
        if isinstance(inner, list) and all(isinstance(item, dict) for item in inner):
            return inner if by_name else _of_pages(inner) or inner
        if isinstance(inner, Mapping) and depth < _MAX_DEPTH:
            found = _titled_list(inner) or [inner] if is_article(inner) else _frame(inner)
            if found is None:
                found = _contained(inner, depth + 1, by_name=by_name)
            if found is not None:
                return found
    lists = (inner for inner in value.values() if isinstance(inner, list) and not by_name)
    return next((inner for inner in lists if _is_of_articles(inner)), None)


def _is_of_articles(values: list[Any]) -> bool:
    """Return whether a list of unknown name holds nothing but titles with texts or summaries."""
    records = [value for value in values if isinstance(value, Mapping)]
    if not records or len(records) < len(values):
        return False
    return all(says(record, "title") and says(record, "text", SUMMARY) for record in records)


def _frame(value: Mapping[str, Any]) -> list[Any] | None:
    """Return the rows of a data frame as pandas writes it: by column, by index, or split.

    An object of articles by their ids has the shape of a frame by its index.
    """
    columns, rows = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(rows, list):
        return [
            dict(zip(map(str, columns), row, strict=False)) for row in rows if isinstance(row, list)
        ]
    if not value or not all(isinstance(inner, Mapping) for inner in value.values()):
        return None
    if is_article(next(iter(value.values()))):
        by_id = frozenset(CONTAINERS).isdisjoint(map(str.lower, value))
        return [*value.values()] if by_id else None
    indexes = {tuple(inner) for inner in value.values()}
    if len(indexes) > 1 or not is_article(dict.fromkeys(value, "")):
        return None
    return [{name: inner[i] for name, inner in value.items()} for i in indexes.pop()]


def _named_by_first_row(rows: list[Any]) -> list[Any] | None:
    """Return the rows of a table whose first row holds the names of its columns."""
    first = rows[0] if rows else None
    if not isinstance(first, list) or not all(isinstance(name, str) for name in first):
        return None
    if len(set(first)) != len(first) or not is_article(dict.fromkeys(first, "")):
        return None
    return [dict(zip(first, row, strict=False)) for row in rows[1:] if isinstance(row, list)]
