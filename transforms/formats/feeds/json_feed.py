"""JSON Feed 1.0 and 1.1: one article per item."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from transforms.formats.base import FileInfo, Format, letter
from transforms.formats.byte_streams import peek
from transforms.formats.encoding import decode
from transforms.formats.feeds.feed_article import parse_entry
from transforms.formats.feeds.feed_entry import (
    ENTRY_TYPE,
    Body,
    Entry,
    entry_document,
    text_of,
)
from transforms.formats.feeds.feed_identity import mark_shared
from transforms.formats.json_records import encode_record, split_json
from transforms.formats.persons import person_name
from transforms.formats.values import as_names, as_text
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument

MEDIA_TYPE = "application/feed+json"

_VERSION = re.compile(rb"jsonfeed\.org\\?/version")


def split_json_or_feed(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the items of a JSON Feed, or the articles of any other JSON file."""
    head, whole = peek(stream, max_bytes + 1)
    if len(head) <= max_bytes and (feed := read_json_feed(head)) is not None:
        del head, whole  # up to `max_bytes` each, which would be kept until the last item is read
        yield from json_feed_documents(file, feed)
    else:
        del head
        yield from split_json(file, whole, max_bytes)


def read_json_feed(content: bytes) -> Mapping[str, Any] | None:
    """Return the object of a JSON Feed, `None` for any other content.

    >>> read_json_feed(b'{"version": "https://jsonfeed.org/version/1.1", "items": []}')["items"]
    []
    """
    if not _VERSION.search(content.replace(b"\0", b"")):
        return None
    try:
        text = decode(content)
        feed = json.loads(text)
        if "\\ud" in text.lower():  # half a surrogate pair could not be written
            feed = json.loads(json.dumps(feed, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return None
    return feed if "jsonfeed.org/version" in text_of(feed, "version") else None


def json_feed_documents(
    file: FileInfo, feed: Mapping[str, Any]
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the items of a JSON Feed, `line` being their 1-based number; an empty feed has none."""
    numbered = [(n, item) for n, item in enumerate(feed["items"], 1) if isinstance(item, dict)]
    entries = mark_shared([_entry(item, feed) for _, item in numbered])
    for (number, _), entry in zip(numbered, entries, strict=True):
        yield entry_document(file, entry, number)
    for number, item in enumerate(feed["items"], 1):
        if not isinstance(item, dict):
            detail = f"a JSON {type(item).__name__}, expected an object"
            payload = encode_record(item)
            yield letter(
                file, "not_an_object", detail, payload, line=number, media_type=RECORD_MEDIA_TYPE
            )


def _entry(item: Mapping[str, Any], feed: Mapping[str, Any]) -> Entry:
    contents = [
        Body(text_of(item, name), markup)
        for name, markup in (("content_html", True), ("content_text", False))
        if text_of(item, name)
    ]
    tags = item.get("tags")
    return Entry(
        title=Body(text_of(item, "title")),
        contents=tuple(contents),
        summary=Body(text_of(item, "summary")),
        link=text_of(item, "url") or text_of(item, "external_url"),
        guid=as_text(item.get("id")),
        published=text_of(item, "date_published"),
        updated=text_of(item, "date_modified"),
        authors=_authors(item) or _authors(feed),
        categories=tuple(as_names(tags)) if isinstance(tags, list) else (),
        language=text_of(item, "language") or text_of(feed, "language"),
        feed_url=text_of(feed, "feed_url"),
        feed_link=text_of(feed, "home_page_url"),
        feed_title=text_of(feed, "title"),
    )


def _authors(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of `authors` (1.1) or of `author` (1.0), be they objects or strings."""
    authors = fields.get("authors") or [fields.get("author")]
    people = authors if isinstance(authors, list) else [authors]
    named = (text_of(person, "name") if isinstance(person, dict) else person for person in people)
    return tuple(filter(None, (person_name(name) for name in named if isinstance(name, str))))


FORMAT = Format(ENTRY_TYPE, (".json", ".ninjs"), split_json_or_feed, parse_entry)
"""Goes before `records.JSON` in the registry: it reads other JSON files in that way."""
