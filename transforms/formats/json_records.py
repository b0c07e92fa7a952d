"""JSON and JSON Lines: one article per object."""

import json
import re
from collections.abc import Iterator
from typing import IO, Any

from transforms.errors import Rejected
from transforms.formats.article import make_article
from transforms.formats.base import (
    LINKS_ONLY,
    FileInfo,
    Format,
    ParseOptions,
    document,
    letter,
    too_large,
)
from transforms.formats.byte_streams import peek, utf8_lines, utf8_stream
from transforms.formats.encoding import decode
from transforms.formats.field_names import CONTAINERS
from transforms.formats.fields import find_fields, is_read
from transforms.formats.json_scan import scan_records
from transforms.formats.json_shapes import records_within
from transforms.formats.json_text import load_json
from transforms.formats.literals import load_literal
from transforms.formats.unknown_fields import Gaps, gaps, unknown_hint
from transforms.formats.wire.ninjs import is_ninjs, ninjs_article
from transforms.records import RECORD_MEDIA_TYPE, Article, DeadLetter, RawDocument

UNREADABLE = "newsbeam:unreadable"
"""Field of a record that names those of its fields whose values could not be read."""


_SCRIPT = re.compile(
    rb"\s*+(?:/\*[^*]*+\*/\s*+|\)\]\}',?\s*+|(?:for|while)\s?\([^()]{0,9}\);\s*+)?"
    rb"(?:typeof [^&\n]{1,100}&&\s*+)?"
    rb"(?:(?:export +default|(?:(?:var|let|const) +)?[A-Za-z_$][\w$.\[\]\"']{0,99}+\s*+[=(])\s*+)?"
    rb"(?=[\[{])"
)
"""What stands before JSON in a script: a comment, a guard, a call's or a variable's name."""

_SCRIPT_END = re.compile(rb"(?<!\s)\s*+\)?\s*+;?\s*+\Z")

_FIRST_BYTES = 256
_NO_LINES = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:\[\s*+[\[{]|\[\s*?\n|\{[ \t\r]*+\n)")
"""The first bytes of JSON that goes over several lines."""

_ACTION = re.compile(rb'\{\s*+"(?:index|create|update|delete)"\s*+:\s*+\{[^{}]{0,1000}\}\s*+\}')
_ID = re.compile(rb'"_id"\s*+:\s*+(?:"(?:[^"\\]|\\.){0,500}"|-?\d{1,20})')
"""A line of Elasticsearch's bulk interface that says what to do with the next one, and its id."""


def parse_record(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article that a JSON object describes, by IPTC ninjs or by its field names.

    Raises:
        Rejected: `bad_json`, `not_an_object`, `no_text`, or what `ninjs_article` raises.
    """
    try:
        record = _load(decode(document.content))
        if isinstance(record, str) and record.lstrip().startswith("{"):
            record = _load(record)  # encoded twice
        if not isinstance(record, dict):
            raise Rejected("not_an_object", f"a JSON {type(record).__name__}, expected an object")
        if is_ninjs(record):
            return ninjs_article(document, options, record)
        return _article(document, options, record)
    except ValueError as error:
        raise Rejected("bad_json", _one_line(error)) from error
    except RecursionError as error:
        raise Rejected("bad_json", "it is nested too deeply") from error


def _load(text: str) -> Any:
    """Return the value of JSON, or what a program printed in its place.

    Raises:
        ValueError: it is neither; what is wrong with it as JSON.
        RecursionError: it is nested too deeply.
    """
    try:
        return load_json(text)
    except ValueError:
        try:
            return load_literal(text)
        except ValueError:
            pass
        raise


def _article(document: RawDocument, options: ParseOptions, record: dict[str, Any]) -> Article:
    """Return the article that a record describes; without text, say which field may be it."""
    unreadable = record.pop(UNREADABLE, ())
    found = find_fields(record, options.fields)
    if any(is_read(str(name), options.fields) for name in unreadable):
        found.flags = (*found.flags, "field_unreadable")
    try:
        return make_article(document, options, found)
    except Rejected as rejected:
        if rejected.reason != "no_text":
            raise
        hint = unknown_hint(record, options.fields)
        taken = gaps(record, options.fields).taken
        hint += LINKS_ONLY if found.url and found.title and "text" not in taken else ""
        raise Rejected(rejected.reason, rejected.detail + hint) from rejected


def gaps_of(document: RawDocument, options: ParseOptions) -> Gaps | None:
    """Return what a record lacks, `None` if it is none, or has its fields by a standard."""
    try:
        record = _load(decode(document.content))
    except (ValueError, RecursionError):
        return None
    is_plain = isinstance(record, dict) and not is_ninjs(record)
    return gaps(record, options.fields) if is_plain else None


def encode_record(record: Any) -> bytes:
    """Return `record` as JSON bytes; what JSON has no type for becomes a string."""
    text = json.dumps(record, ensure_ascii=False, default=str)
    return text.encode("utf-8", "backslashreplace")


def split_json(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the objects of an array or of a container object, or the one object of the file.

    A file of up to `max_bytes` is read at once. A larger or a broken one is read object by object:
    an object that is too large or no JSON by itself costs no other. JSON Lines are read as such.
    What makes a script of it, as in JSONP, is passed over.
    """
    head, whole = peek(utf8_stream(stream), max_bytes + 1)
    if start := _start_of_value(head):
        whole.read(start)
        head = head[start:]
        head = _SCRIPT_END.sub(b"", head) if len(head) <= max_bytes else head
    if not head.strip():
        yield letter(file, "empty_file", "the file is empty", head)
    elif _is_lines(head):
        del head  # up to `max_bytes`, which would be kept until the last record is read
        yield from split_jsonl(file, whole, max_bytes)
    else:
        error = "it is too large to be read at once"
        if len(head) <= max_bytes:
            try:
                documents = list(_split_value(file, _load(decode(head)), head))
            except (ValueError, RecursionError) as found:
                error = _one_line(found)
            else:
                del head, whole
                yield from documents
                return
        del head
        yield from _split_scanned(file, whole, max_bytes, error)


def _start_of_value(head: bytes) -> int:
    """Return where the JSON begins behind what makes a script of it, 0 where nothing does."""
    script = _SCRIPT.match(head)
    return script.end() if script and script.group().strip() else 0


def _is_lines(head: bytes) -> bool:
    """Return whether the first line is an object, and others follow."""
    line, _, rest = head.lstrip().partition(b"\n")
    if not line.startswith(b"{") or not rest.strip():
        return False
    try:
        return isinstance(_load(decode(line)), dict)
    except (ValueError, RecursionError):
        return False


def _split_value(file: FileInfo, value: Any, content: bytes) -> Iterator[RawDocument]:
    is_item = isinstance(value, dict) and is_ninjs(value)
    records = None if is_item else records_within(value)
    if records is None:
        yield document(file, RECORD_MEDIA_TYPE, content)
        return
    for row, record in enumerate(records, 1):
        yield document(file, RECORD_MEDIA_TYPE, encode_record(record), row)


def _split_scanned(
    file: FileInfo, stream: IO[bytes], max_bytes: int, error: str
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the records that `scan_records` finds; `error` is why the file is not read at once."""
    for content, number, problem in scan_records(stream, CONTAINERS, max_bytes):
        if problem == "too_large":
            yield too_large(file, content, max_bytes, number)
        elif problem or number is None:
            detail = f"{error}; {'it ends early' if problem else 'it holds no list of objects'}"
            yield letter(
                file, "bad_json", detail, content, line=number, media_type=RECORD_MEDIA_TYPE
            )
        else:
            yield document(file, RECORD_MEDIA_TYPE, content, number)


def split_jsonl(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield each line that is not blank; `parse` finds out whether it is JSON.

    In what is written for the bulk interface of Elasticsearch, every other line only says the id.
    What is no JSON Lines but one list, or values of several lines each, is read as that.
    """
    head, stream = peek(stream, _FIRST_BYTES)
    if _NO_LINES.match(head):
        yield from split_json(file, stream, max_bytes)
        return
    number, started, skipping = 0, False, False
    action: re.Match[bytes] | None = None
    for piece in utf8_lines(stream, max_bytes):
        ended, started = piece.endswith(b"\n"), True
        if not skipping:
            number += 1
            if len(piece) > max_bytes:
                yield too_large(file, piece, max_bytes, number)
            elif content := piece.strip():
                if (found := _ACTION.fullmatch(content)) is None:
                    identity = _ID.search(action.group()) if action else None
                    content = (
                        b'{%b,"_source":%b}' % (identity.group(), content) if identity else content
                    )
                    yield document(file, RECORD_MEDIA_TYPE, content, number)
                action = found
        skipping = not ended
    if not started:
        yield letter(file, "empty_file", "the file is empty", b"")


def _one_line(error: BaseException) -> str:
    return re.sub(r"\s+", " ", str(error)).strip()[:200]


# Files of JSON are opened by `json_feed`, which leaves to `split_json` what is no feed.
JSON = Format(RECORD_MEDIA_TYPE, (), split_json, parse_record)
JSONL = Format("application/jsonl", (".jsonl", ".ndjson"), split_jsonl, parse_record)
