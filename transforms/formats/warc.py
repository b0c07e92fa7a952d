"""WARC archives: one article per archived HTML page, or per text of one."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from warcio.recordloader import ArcWarcRecordLoader  # type: ignore[import-untyped]
from warcio.statusandheaders import (  # type: ignore[import-untyped]
    StatusAndHeaders,
    StatusAndHeadersParser,
)

from transforms.compression import CompressionError
from transforms.errors import Rejected
from transforms.formats.base import (
    FileInfo,
    Format,
    ParseOptions,
    document,
    letter,
    too_large,
)
from transforms.formats.byte_streams import peek
from transforms.formats.html.saved_pages import parse_saved
from transforms.formats.http_body import charset_text, http_body
from transforms.formats.warc_records import (
    MAX_HEADER,
    DamageError,
    next_line,
    read_rest,
    record_header,
    skip_to_record,
)
from transforms.formats.warc_text import parse_text
from transforms.formats.xml.sniff import HTML, sniff_xml
from transforms.records import Article, DeadLetter, RawDocument, add_flags
from transforms.text.date_text import parse_date

MEDIA_TYPE = "application/warc"

_HTML = ("text/html", "application/xhtml+xml")
_TEXT = "conversion"
"""Type of the records that hold the text of a page, in WET files."""
_OF_TEXT = frozenset((
    "warc-type", "warc-target-uri", "warc-date", "warc-record-id", "content-type",
    "warc-identified-content-language",
))  # fmt: skip
_UNKNOWN = ("*/*", "unknown/unknown", "application/unknown")
_SNIFFED = 1445
"""Bytes of a body that browsers look at (MIME Sniffing Standard, as the two patterns below)."""
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?[\t\n\x0c\r ]*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a"
    rb"|style|title|b|body|br|p)[ >]|(?:\xef\xbb\xbf)?[\t\n\x0c\r ]*<!--",
    re.IGNORECASE,
)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_HTTP_PARSER = StatusAndHeadersParser(ArcWarcRecordLoader.HTTP_TYPES, verify=False)


def split_warc(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield a document for each HTML page that was fetched with status 200; `line` counts records.

    Other records are no input, but a file of nothing else is a dead letter. A document is a WARC
    file of one record whose body is decoded. Damaged or missing parts become one dead letter each,
    and reading goes on at the next record.
    """
    _, source = peek(stream, 0)
    found = False
    for item in _split_records(file, source, max_bytes):
        found = True
        yield item
    if not found:
        yield letter(file, "no_pages", "no record holds an HTML page fetched with status 200", b"")


def _split_records(
    file: FileInfo, source: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    number, first = 0, next_line(source)
    if not first:
        yield letter(file, "empty_file", "the file is empty", b"")
    while first:
        number += 1
        try:
            header, length = record_header(source, first)
        except DamageError as damage:
            junk, first = skip_to_record(source, first)
            yield letter(file, "bad_warc", f"record {number}: {damage}", junk, line=number)
            continue
        yield from _split_record(file, source, number, (header, length), max_bytes)
        first = next_line(source)


def _split_record(
    file: FileInfo,
    source: IO[bytes],
    number: int,
    record: tuple[StatusAndHeaders, int],
    max_bytes: int,
) -> Iterator[RawDocument | DeadLetter]:
    """Yield what one record gives, and leave `source` at its end."""
    header, length = record
    start = source.read(min(length, MAX_HEADER))
    try:
        http, unknown = _page_header(header, start), None
    except Rejected as rejected:
        http, unknown = None, rejected
    wanted = http is not None and length <= max_bytes
    block, missing = read_rest(source, start, length, keep=wanted)
    if missing:
        detail = f"the file ends {missing} bytes before the end of record {number}"
        yield letter(file, "bad_warc", detail, block, line=number)
    elif unknown:
        yield letter(file, unknown.reason, unknown.detail, block, line=number)
    elif http and not wanted:
        yield too_large(file, block, max_bytes, number)
    elif http:
        yield _page_document(file, number, header, http, block, max_bytes)


def _page_header(header: StatusAndHeaders, block: bytes) -> StatusAndHeaders | None:
    """Return the HTTP header of a page; `None` if the record holds none.

    A `resource` record is a page without an HTTP header, a `conversion` its text alone. Where the
    server did not say what it sends, its content does, as in a browser (RFC 9110, section 8.3).

    Raises:
        Rejected: `not_html`, for text of a kind that neither says, or `corrupt_compression`.
    """
    kind = header.get_header("WARC-Type", "").strip().lower()
    media_type = header.get_header("Content-Type", "").strip().lower()
    if kind == "resource" or (kind == _TEXT and media_type.startswith("text/plain")):
        http = StatusAndHeaders("200 OK", [("Content-Type", media_type)], protocol="HTTP/1.1")
        http.total_len = 0
    elif kind == "response" and media_type.startswith("application/http") and block:
        http = _HTTP_PARSER.parse(io.BytesIO(block[:MAX_HEADER]))
    else:
        return None
    stated = http.get_header("Content-Type", "").strip().lower()
    if http.get_statuscode() != "200":
        return None
    if kind == _TEXT:
        return http
    if "/" in stated and not stated.startswith(_UNKNOWN):
        return http if stated.startswith(_HTML) else None
    identified = header.get_header("WARC-Identified-Payload-Type", "").strip().lower()
    if not (identified.startswith(_HTML) or _looks_like_html(_start_of_body(http, block))):
        return None
    others = [(name, value) for name, value in http.headers if name.lower() != "content-type"]
    http.headers = [("Content-Type", "text/html"), *others]
    return http


def _start_of_body(http: StatusAndHeaders, block: bytes) -> bytes:
    """Return the first bytes of a response's decoded body, at least `_SNIFFED` if there are."""
    try:
        return http_body(block[http.total_len :], *_codings(http), _SNIFFED)[0]
    except CompressionError as error:
        raise Rejected("corrupt_compression", str(error)) from error


def _codings(http: StatusAndHeaders) -> tuple[str, str]:
    return http.get_header("Transfer-Encoding", ""), http.get_header("Content-Encoding", "")


def _looks_like_html(body: bytes) -> bool:
    """Return whether content of a kind that nobody states is a page.

    Raises:
        Rejected: `not_html`, where it is another text, or none can be told.
    """
    if _HTML_START.match(body) or sniff_xml(body) == HTML:
        return True
    if body.strip() and not _BINARY.search(body[:_SNIFFED]):
        raise Rejected("not_html", "its server states no media type, and it begins with no HTML")
    return False


def _page_document(  # noqa: PLR0913, PLR0917 (a record's place and parts)
    file: FileInfo,
    number: int,
    header: StatusAndHeaders,
    http: StatusAndHeaders,
    block: bytes,
    max_bytes: int,
) -> RawDocument | DeadLetter:
    """Return the document of a page: one record, its body decoded."""
    try:
        body, complete = http_body(block[http.total_len :], *_codings(http), max_bytes)
    except CompressionError as error:
        return letter(file, "corrupt_compression", str(error), block, line=number)
    if len(body) > max_bytes:
        return too_large(file, block, max_bytes, number)
    if header.get_header("WARC-Type", "").strip().lower() == _TEXT:
        kept = {name: value for name, value in header.headers if name.lower() in _OF_TEXT}
        fields = kept | {"Content-Length": str(len(block))}
        return document(file, MEDIA_TYPE, _head("WARC/1.0", fields) + block, number)
    truncated = header.get_header("WARC-Truncated") or ("" if complete else "unspecified")
    head = _head("HTTP/1.1 200 OK", {"Content-Type": http.get_header("Content-Type")})
    fields = {
        "WARC-Type": "response",
        "WARC-Record-ID": header.get_header("WARC-Record-ID"),
        "WARC-Target-URI": header.get_header("WARC-Target-URI", "").strip("<> "),
        "WARC-Date": header.get_header("WARC-Date"),
        "WARC-Truncated": truncated,
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(head) + len(body)),
    }
    return document(file, MEDIA_TYPE, _head("WARC/1.0", fields) + head + body, number)


def _head(first: str, fields: dict[str, str | None]) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in fields.items() if value)]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def parse_page(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of an archived page.

    Its address is the page's own canonical one, else the one it was fetched from. When it was
    fetched stands for the file's own time, and no date after it is believed.

    Raises:
        Rejected: `bad_warc`, or what `parse_html` raises.
    """
    source = io.BytesIO(document.content)
    try:
        header, _ = record_header(source, source.readline())
    except DamageError as damage:
        raise Rejected("bad_warc", str(damage)) from damage
    block = source.read()
    http = _page_header(header, block)
    if http is None:
        raise Rejected("bad_warc", "the record holds no HTML page")
    if header.get_header("WARC-Type", "").strip().lower() == _TEXT:
        parts = {name.lower(): value for name, value in header.headers}
        return parse_text(document, options, parts, block)
    target = header.get_header("WARC-Target-URI", "")
    fetched = parse_date(header.get_header("WARC-Date")) or document.fetched_at
    _, _, charset = http.get_header("Content-Type", "").lower().partition("charset=")
    content = charset_text(block[http.total_len :], charset).encode("utf-8", "replace")
    page = RawDocument(target, "text/html", content, fetched, fetched, document.line)
    article = parse_saved(document, options, page)
    truncated = ("page_truncated",) if header.get_header("WARC-Truncated") else ()
    return replace(article, flags=add_flags(article.flags, *truncated))


FORMAT = Format(MEDIA_TYPE, (".warc", ".wet"), split_warc, parse_page)
