"""Articles that a program gives in memory: what they have to be, and as documents of a run."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from transforms.formats.base import FileInfo, document, too_large
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument
from transforms.text.date_sources import STATED_SOURCES

_PLACE = "memory:articles"
"""Stands for a file that there is none of. Of a number of seven digits no path makes a date."""


def checked(articles: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return `articles` as a list.

    Raises:
        TypeError: it is no list of mappings.
    """
    if isinstance(articles, str | bytes | Mapping) or not isinstance(articles, Iterable):
        raise TypeError(
            "a list of mappings is expected, such as [{'title': ..., 'text': ...}], not "
            f"{_kind(articles)}"
        )
    given = list(articles)
    for index, article in enumerate(given):
        if not isinstance(article, Mapping):
            raise TypeError(f"article {index} is {_kind(article)}; a mapping is expected")
    return given


def records(articles: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Return each of `articles` as JSON.

    Raises:
        TypeError: the value of a field is of no kind that an article may hold, such as bytes.
    """
    return [_record(index, article) for index, article in enumerate(articles)]


def documents(
    contents: Sequence[bytes], now: datetime, max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the documents of `records`; they have no time of their own.

    Args:
        contents: the records.
        now: when they are read.
        max_bytes: the largest that is read.
    """
    for index, content in enumerate(contents):
        file = FileInfo(f"{_PLACE}/{index:07d}", len(content), None, now)
        if len(content) > max_bytes:
            yield too_large(file, content, max_bytes, index + 1)
        else:
            yield document(file, RECORD_MEDIA_TYPE, content, index + 1)


def given_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return `row` with the index of its article, and without a date if that states none."""
    dated = row["published_at"] if row["date_source"] in STATED_SOURCES else None
    return {"index": int(row["uri"].rpartition("/")[2]), **row, "published_at": dated}


def _record(index: int, article: Mapping[str, Any]) -> bytes:
    try:
        return _json(dict(article))
    except (TypeError, ValueError) as error:
        for name, value in article.items():
            try:
                _json({name: value})
            except (TypeError, ValueError) as of_field:
                raise TypeError(f"article {index}, field {name!r}: {of_field}") from None
        raise TypeError(f"article {index}: {error}") from None


def _json(value: dict[Any, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, default=_as_text)
    return text.encode("utf-8", "backslashreplace")


def _as_text(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"it is {_kind(value)}, not str: decode it first")
    return str(value)


def _kind(value: object) -> str:
    return f"a {type(value).__name__}"
