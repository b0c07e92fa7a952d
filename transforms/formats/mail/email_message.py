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
from transforms.formats.byte_streams import peek
from transforms.formats.encoding import decode, decode_as, encoding_of
from transforms.formats.http_body import charset_text
from transforms.formats.mail.email_text import html_text, plain_text
from transforms.records import Article, DeadLetter, RawDocument
from transforms.text.tags import shield_tags

MEDIA_TYPE = "message/rfc822"

MAX_HEADER = 10_000
"""Most characters of a header that are read: ten lines of the longest that mail allows."""

_MAX_SEPARATOR = 300
_DATED = re.compile(
    rb"From .*?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +"
    rb"(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2})\b.*\b\d{1,2}:\d\d\b"
)
"""A line that separates messages of a mailbox, whatever its sender looks like (RFC 4155)."""
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:")
_QUOTED = re.compile(rb">+From ")

_HEADER_END = re.compile(rb"\r?\n\r?\n")
_CHARSET = re.compile(rb"charset\s?=\s?\"?([\w.:-]{1,40})", re.IGNORECASE)

_SAME_TEXT = 0.8
"""Share of a plain part's words in an HTML part beside it, from which on they are one text."""

_FORWARDED = re.compile(
    r"(?:\s*\b(?:fwd?|re|wg|aw|tr|rv|enc|antw)(?:\[\d+\]|\(\d+\))?\s?[:：])+"
    r"\s*(?=\S)",
    re.IGNORECASE,
)
"""What mail programs put before the subject of what is passed on or answered, by language."""

_LIST_MARK = re.compile(r"\[[^\[\]]{1,40}\]\s+(?=\S)")
"""The name of a mailing list, before the subject."""

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

    for line, following in _pairs(source, max_bytes):
        if _starts_message(line, following, first=not number, after_blank=after_blank):
            if number:
                yield message()
            number, size, lines = number + 1, 0, []
        elif not number and line.strip():
            yield letter(file, "bad_mbox", "it does not start with a From line", line)
            return
        else:
            size += len(line)
            if size <= max_bytes or not lines:
                lines.append(line[1:] if _QUOTED.match(line) else line)
        after_blank = not line.strip()
    if number:
        yield message()
    else:
        yield letter(file, "empty_file", "the file is empty", b"")


def _pairs(source: IO[bytes], max_bytes: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield each line and the one after it, which is empty at the end."""
    line = source.readline(max_bytes + 1)
    while line:
        following = source.readline(max_bytes + 1)
        yield line, following
        line = following


def _starts_message(line: bytes, following: bytes, *, first: bool, after_blank: bool) -> bool:
    """Return whether `line` separates messages: it names a sender and a time, or a header follows.

    Sentences begin with "From" too, and not every program quotes those.
    """
    if not line.startswith(b"From "):
        return False
    is_dated = _DATED.match(line[:_MAX_SEPARATOR]) is not None
    is_bare = len(line.split()) <= 2
    has_header = _HEADER.match(following) is not None
    return (
        first
        or (is_dated and (after_blank or has_header))
        or (is_bare and (after_blank or line.strip() == b"From") and has_header)
    )


def parse_email(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a message; its attachments are ignored.

    Raises:
        Rejected: `bad_email` if it is none, `not_an_article` for a delivery report, or `no_text`.
    """
    try:
        return _parse(document, options)
    except RecursionError as error:
        raise Rejected("bad_email", "its parts or addresses are nested too deeply") from error


def _parse(document: RawDocument, options: ParseOptions) -> Article:
    message = email.message_from_bytes(_with_utf8_header(document.content.lstrip()))
    text, _ = _text(message)
    if not message.keys():
        raise Rejected("bad_email", "it has no header")
    if message.get_content_type() == "multipart/report":
        raise Rejected("not_an_article", "a delivery report")
    sender, address = _address(message, "from")
    list_name, list_id = _address(message, "list-id")
    identity = _header(message, "message-id").strip("<> ")
    found = Found(
        title=shield_tags(_subject(message)),
        text=text,
        url=_header(message, "archived-at").strip("<> "),
        source_id=identity or None,
        source=sender or list_name or address.rpartition("@")[2] or None,
        feed=list_id or None,
        language=_header(message, "content-language"),
        dates=tuple(("record", value) for value in _dates(message)),
    )
    # A Message-ID is unique by itself: the same letter may lie in two mailboxes.
    return make_article(document, replace(options, id_scope="global"), found)


def _with_utf8_header(content: bytes) -> bytes:
    """Return a message with its header in UTF-8, where its bytes are in the charset of its text."""
    end = _HEADER_END.search(content)
    head, body = (content[: end.start()], content[end.start() :]) if end else (content, b"")
    if _is_utf8(head):
        return content
    stated = _CHARSET.search(content)
    label = stated[1].decode() if stated else ""
    return decode_as(head, encoding_of(content, stated=label)).encode("utf-8", "replace") + body


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


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


def _subject(message: Message) -> str:
    subject = _header(message, "subject")
    passed_on = _FORWARDED.match(subject)
    subject = subject[passed_on.end() :] if passed_on else subject
    marked = _LIST_MARK.match(subject) if message.get("List-Id") else None
    return subject[marked.end() :] if marked else subject


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


def _text(part: Message) -> tuple[str, bool]:
    """Return the text of a message or a part of one, and whether it comes from HTML.

    Of alternatives it is the HTML one, of related parts the first, else all that is there in order:
    a letter is often cut in two by a picture or an attachment.
    """
    if _ATTACHED.match(str(part.get("Content-Disposition", ""))):
        return "", False
    if not part.is_multipart():
        return _leaf_text(part), part.get_content_subtype() == "html"
    found = [_text(inner) for inner in part.get_payload() if isinstance(inner, Message)]
    texts = [(text, is_html) for text, is_html in found if text]
    subtype = part.get_content_subtype()
    if subtype == "alternative":
        texts = sorted(texts, key=lambda text: not text[1])[:1]
    elif subtype == "related":
        texts = texts[:1]
    else:
        texts = _without_twins(texts)
    return "\n\n".join(text for text, _ in texts), any(is_html for _, is_html in texts)


def _without_twins(texts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Return the texts without plain ones that repeat an HTML one, as mistaken mailers send."""
    markup = {word for text, is_html in texts if is_html for word in text.split()}
    return [
        (text, is_html)
        for text, is_html in texts
        if is_html or not markup or _share(set(text.split()), markup) < _SAME_TEXT
    ]


def _share(words: set[str], others: set[str]) -> float:
    return len(words & others) / max(1, len(words))


def _leaf_text(part: Message) -> str:
    """Return the text of a part that has no parts; empty if it is no text."""
    kind, payload = part.get_content_type(), part.get_payload(decode=True)
    if kind not in ("text/plain", "text/html") or not isinstance(payload, bytes):
        return ""
    body = charset_text(payload, part.get_content_charset() or "")
    if kind == "text/html":
        return html_text(body)
    flowed = str(part.get_param("format", "")).lower() == "flowed"
    joined = str(part.get_param("delsp", "")).lower() == "yes"
    return plain_text(body, flowed=flowed, joined=joined)


EML = Format(MEDIA_TYPE, (".eml",), partial(split_whole, media_type=MEDIA_TYPE), parse_email)
MBOX = Format("application/mbox", (".mbox",), split_mbox, parse_email)
