"""JSON and JSON Lines: one article per object."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

import ijson  # type: ignore[import-untyped]

from transforms.errors import Rejected
from transforms.formats.article import make_article
from transforms.formats.base import FileInfo, Format, ParseOptions, document, letter, too_large
from transforms.formats.byte_streams import peek, utf8_lines
from transforms.formats.encoding import decode
from transforms.formats.fields import find_fields
from transforms.formats.json_text import load_json
from transforms.formats.wire.ninjs import is_ninjs, ninjs_article
from transforms.records import RECORD_MEDIA_TYPE, Article, DeadLetter, RawDocument

CONTAINERS = (
    *("articles", "items", "results", "data", "records", "documents", "docs", "entries"),
    *("news", "stories", "response"),
)
"""Fields of a JSON file's one object that may hold its articles."""


def parse_record(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article that a JSON object describes, by IPTC ninjs or by its field names.

    Raises:
        Rejected: `bad_json`, `not_an_object`, `no_text`, or what `ninjs_article` raises.
    """
    try:
        record = load_json(decode(document.content))
        if not isinstance(record, dict):
            raise Rejected("not_an_object", f"a JSON {type(record).__name__}, expected an object")
        if is_ninjs(record):
            return ninjs_article(document, options, record)
        return make_article(document, options, find_fields(record, options.fields))
    except ValueError as error:
        raise Rejected("bad_json", _one_line(error)) from error
    except RecursionError as error:
        raise Rejected("bad_json", "it is nested too deeply") from error


def encode_record(record: Any) -> bytes:
    """Return `record` as JSON bytes; what JSON has no type for becomes a string."""
    text = json.dumps(record, ensure_ascii=False, default=str)
    return text.encode("utf-8", "backslashreplace")


def split_json(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the objects of an array or of a container object, or the one object of the file.

    A file of up to `max_bytes` is read at once; a larger or a broken one only if it is an array,
    object by object, up to where it breaks.
    """
    head, whole = peek(stream, max_bytes + 1)
    if not head.strip():
        yield letter(file, "empty_file", "the file is empty", head)
        return
    error = None
    if len(head) <= max_bytes:
        try:
            yield from _split_value(file, load_json(decode(head)), head)
        except (ValueError, RecursionError) as found:
            error = _one_line(found)
        else:
            return
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        yield from _split_array(file, whole, head)
    elif error:
        yield letter(file, "bad_json", error, head, media_type=RECORD_MEDIA_TYPE)
    else:
        yield too_large(file, head, max_bytes)


def _split_value(file: FileInfo, value: Any, content: bytes) -> Iterator[RawDocument]:
    items = value if isinstance(value, list) else articles_within(value)
    if items is None:
        yield document(file, RECORD_MEDIA_TYPE, content)
        return
    for row, item in enumerate(items, 1):
        yield document(file, RECORD_MEDIA_TYPE, encode_record(item), row)


def articles_within(value: Any) -> list[Any] | None:
    """Return the list of objects in a container object, `None` if `value` is no container.

    >>> articles_within({"status": "ok", "response": {"results": [{"id": 1}]}})
    [{'id': 1}]
    """
    if not isinstance(value, Mapping):
        return None
    for name in CONTAINERS:
        inner = value.get(name)
        if isinstance(inner, list) and all(isinstance(item, dict) for item in inner):
            return inner
        if isinstance(inner, Mapping) and (found := articles_within(inner)) is not None:
            return found
    return None


def _split_array(
    file: FileInfo, stream: IO[bytes], head: bytes
) -> Iterator[RawDocument | DeadLetter]:
    row = 0
    try:
        for item in ijson.items(stream, "item", use_float=True):
            row += 1
            yield document(file, RECORD_MEDIA_TYPE, encode_record(item), row)
    except ijson.JSONError as error:
        detail = f"the array breaks after {row} objects: {_one_line(error)}"
        yield letter(file, "bad_json", detail, head, line=row + 1, media_type=RECORD_MEDIA_TYPE)


def split_jsonl(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield each line that is not blank; `parse` finds out whether it is JSON."""
    number, started, skipping = 0, False, False
    for piece in utf8_lines(stream, max_bytes):
        ended, started = piece.endswith(b"\n"), True
        if not skipping:
            number += 1
            if len(piece) > max_bytes:
                yield too_large(file, piece, max_bytes, number)
            elif content := piece.strip():
                yield document(file, RECORD_MEDIA_TYPE, content, number)
        skipping = not ended
    if not started:
        yield letter(file, "empty_file", "the file is empty", b"")


def _one_line(error: BaseException) -> str:
    return re.sub(r"\s+", " ", str(error)).strip()[:200]


# Files of JSON are opened by `json_feed`, which leaves to `split_json` what is no feed.
JSON = Format(RECORD_MEDIA_TYPE, (), split_json, parse_record)
JSONL = Format("application/jsonl", (".jsonl", ".ndjson"), split_jsonl, parse_record)
