"""E-mail newsletters: one article per message; `.eml` files and mailboxes."""

import email
import re
from collections.abc import Iterator
from dataclasses import replace
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from functools import partial
from typing import IO

from transforms.errors import Rejected
from transforms.formats.article import Found, make_article
from transforms.formats.base import (
    FileInfo,
    Format,
    ParseOptions,
    document,
    letter,
    split_whole,
    too_large,
)
from transforms.formats.encoding import decode, peek
from transforms.formats.http_body import charset_text
from transforms.formats.mail.email_text import html_text, plain_text
from transforms.records import Article, DeadLetter, RawDocument

MEDIA_TYPE = "message/rfc822"

MAX_HEADER = 10_000
"""Most characters of a header that are read: ten lines of the longest that mail allows."""

_ATTACHED = re.compile(r"\s*attachment\b", re.IGNORECASE)


def split_mbox(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the messages of a mailbox (mbox or mboxrd), `line` being their number."""
    _, source = peek(stream, 0)
    number, size, after_blank = 0, 0, True
    lines: list[bytes] = []

    def message() -> RawDocument | DeadLetter:
        content = b"".join(lines)
        if size > max_bytes:
            return too_large(file, content, max_bytes, number)
        return document(file, MEDIA_TYPE, content, number)

    while line := source.readline(max_bytes + 1):
        if after_blank and line.startswith(b"From "):
            if number:
                yield message()
            number, size, lines = number + 1, 0, []
        elif not number and line.strip():
            yield letter(file, "bad_mbox", "it does not start with a From line", line)
            return
        else:
            size += len(line)
            if size <= max_bytes or not lines:
                lines.append(line[1:] if re.match(rb">+From ", line) else line)
        after_blank = not line.strip()
    if number:
        yield message()
    else:
        yield letter(file, "empty_file", "the file is empty", b"")


def parse_email(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a message: its HTML part as text, else its plain one.

    Attachments are ignored.

    Raises:
        Rejected: `bad_email` if it is none, `not_an_article` for a delivery report, or `no_text`.
    """
    try:
        return _parse(document, options)
    except RecursionError as error:
        raise Rejected("bad_email", "its parts or addresses are nested too deeply") from error


def _parse(document: RawDocument, options: ParseOptions) -> Article:
    message = email.message_from_bytes(document.content.lstrip())
    parts = list(_texts(message))
    if not message.keys():
        raise Rejected("bad_email", "it has no header")
    if message.get_content_type() == "multipart/report":
        raise Rejected("not_an_article", "a delivery report")
    sender, address = _address(message, "from")
    list_name, list_id = _address(message, "list-id")
    identity = _header(message, "message-id").strip("<> ")
    found = Found(
        title=_header(message, "subject"),
        text=next((text for kind in ("html", "plain") for k, text in parts if k == kind), ""),
        url=_header(message, "archived-at").strip("<> "),
        source_id=identity or None,
        source=sender or list_name or address.rpartition("@")[2] or None,
        feed=list_id or None,
        language=_header(message, "content-language"),
        dates=tuple(("record", value) for value in _dates(message)),
    )
    # A Message-ID is unique by itself: the same letter may lie in two mailboxes.
    return make_article(document, replace(options, id_scope="global"), found)


def _dates(message: Message) -> list[str]:
    """Return when it was sent, else when a server first received it."""
    received = message.get_all("Received", [])[-1:]
    return [_header(message, "date"), *(str(value).rpartition(";")[2] for value in received)]


def _raw(message: Message, name: str) -> str:
    """Return a header as it was sent, on one line; raw bytes are UTF-8 if they can be."""
    values = (str(value) for key, value in message.raw_items() if key.lower() == name)
    raw = decode(next(values, "").encode("utf-8", "surrogateescape"))
    return " ".join(raw[:MAX_HEADER].split())


def _header(message: Message, name: str) -> str:
    return _words(_raw(message, name))


def _address(message: Message, name: str) -> tuple[str, str]:
    """Return the display name and the address, parted first: an encoded name may hold commas."""
    display, address = parseaddr(_raw(message, name))
    return _words(display), address


def _words(text: str) -> str:
    """Return `text` with its encoded words (RFC 2047) decoded."""
    try:
        pieces = decode_header(text)
    except HeaderParseError:
        return text
    return " ".join("".join(_word(piece, charset) for piece, charset in pieces).split())


def _word(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    # `decode_header` hands text between encoded words as bytes in this encoding.
    return (
        charset_text(piece, charset) if charset else piece.decode("raw-unicode-escape", "replace")
    )


def _texts(message: Message) -> Iterator[tuple[str, str]]:
    """Yield (subtype, text) of each part that is text and no attachment, the empty ones aside."""
    for part in message.walk():
        attached = _ATTACHED.match(str(part.get("Content-Disposition", "")))
        if attached or part.get_content_maintype() != "text":
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        body = charset_text(payload, part.get_content_charset() or "")
        flowed = str(part.get_param("format", "")).lower() == "flowed"
        is_html = part.get_content_subtype() == "html"
        text = html_text(body) if is_html else plain_text(body, flowed=flowed)
        if text:
            yield part.get_content_subtype(), text


EML = Format(MEDIA_TYPE, (".eml",), partial(split_whole, media_type=MEDIA_TYPE), parse_email)
MBOX = Format("application/mbox", (".mbox",), split_mbox, parse_email)
