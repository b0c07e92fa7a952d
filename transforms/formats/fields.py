"""Finding an article's fields in a record: which names to look for, and what their values mean."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.formats.article import Found
from transforms.formats.html.markup import has_markup, markup_to_text

DEFAULT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "guid", "article_id", "doc_id", "document_id", "item_id", "uuid", "uid"),
    "title": ("title", "headline", "heading", "name", "article_title"),
    "text": (
        *("text", "body", "full_text", "article_body", "maintext", "article_text", "article"),
        *("content_text", "content_html", "body_text", "body_html", "content", "story"),
        *("paragraphs", "description", "summary", "abstract"),
    ),
    "date": (
        *("published_at", "date_published", "published", "publication_date", "publish_date"),
        *("published_date", "pub_date", "first_published", "date_publish", "date", "datetime"),
        *("timestamp", "created_at", "date_created", "created"),
    ),
    "modified": (
        *("modified_at", "date_modified", "modified", "updated_at", "date_updated", "updated"),
        *("last_modified", "modified_date", "date_modify"),
    ),
    "url": ("canonical_url", "url", "link", "web_url", "article_url", "permalink", "href", "uri"),
    "authors": ("authors", "author", "byline", "creator", "by"),
    "source": ("source", "publisher", "site_name", "site", "source_name", "publication", "outlet"),
    "section": ("section", "section_name", "article_section"),
    "language": ("language", "lang", "in_language", "locale"),
    "feed": ("feed", "feed_url"),
}
"""Article field -> names to look for in a record, in order. Case, spaces and signs make no
difference: `publishedAt`, `published_at` and `Published At` are one name."""

_INNER = ("rendered", "name", "text", "value", "#text", "$t", "content", "title", "url", "href")


def find_fields(
    record: Mapping[str, Any], mapping: Mapping[str, tuple[str, ...]], date_source: str = "record"
) -> Found:
    """Return what `record` says about the article.

    Args:
        record: the fields as read.
        mapping: article field -> names to look for before those of `DEFAULT_FIELDS`.
        date_source: what the record's date counts as, see `dates.DATE_SOURCES`.
    """
    loose = {_loose(key): value for key, value in reversed([*record.items()]) if value is not None}

    def values(field: str) -> Iterator[Any]:
        named = (lookup(record, name) for name in mapping.get(field, ()))
        usual = (loose.get(_loose(name)) for name in DEFAULT_FIELDS[field])
        return (value for value in (*named, *usual) if not _is_empty(value))

    def first(field: str) -> str:
        return next(filter(None, map(as_text, values(field))), "")

    return Found(
        title=plain(first("title")),
        text=plain(first("text")),
        url=first("url"),
        source_id=first("id") or None,
        source=first("source") or None,
        feed=first("feed") or None,
        authors=as_names(next(values("authors"), None)),
        section=plain(first("section")) or None,
        language=first("language") or None,
        dates=tuple((date_source, _as_date(value)) for value in values("date")),
        modified=_as_date(next(values("modified"), None)),
    )


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


def as_text(value: Any) -> str:
    r"""Return a value as text: lists are paragraphs, objects give their usual inner field.

    >>> as_text({"rendered": "One"}), as_text(["One", "Two"])
    ('One', 'One\n\nTwo')
    """
    if isinstance(value, list):
        return "\n\n".join(filter(None, map(as_text, value)))
    if isinstance(value, Mapping):
        inner = (value[name] for name in _INNER if isinstance(value.get(name), str | list))
        return next(filter(None, map(as_text, inner)), "")
    return "" if value is None or isinstance(value, bool) else str(value).strip()


def as_names(value: Any) -> list[str]:
    """Return names from a string, a list of strings or objects, or an object.

    >>> as_names([{"name": "Jane Doe"}, "John Roe"])
    ['Jane Doe', 'John Roe']
    """
    items = value if isinstance(value, list) else [value]
    return list(filter(None, map(as_text, items)))


def plain(text: str) -> str:
    """Return `text` without its markup, if it has any."""
    return markup_to_text(text) if has_markup(text) else text


def _is_empty(value: Any) -> bool:
    is_nan = isinstance(value, float) and math.isnan(value)
    return is_nan or value in (None, "", [], {})


def _as_date(value: Any) -> str | int | float | None:
    return value if isinstance(value, int | float) else as_text(value) or None


def _loose(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()
