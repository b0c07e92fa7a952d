"""Pages as browsers and archivers save them, with a note of where and when that was.

A comment or an attribute at the head of a page (browsers, SingleFile, HTTrack, WebScrapBook,
monolith), MHTML (`.mht`), and Safari's `.webarchive`.
"""

import email
import plistlib
import re
from dataclasses import replace
from datetime import datetime
from email.message import Message
from functools import partial
from xml.parsers.expat import ExpatError

from transforms.errors import Rejected
from transforms.formats.base import LINKS_ONLY, Format, ParseOptions, split_whole
from transforms.formats.html.page import MEDIA_TYPE, parse_html
from transforms.formats.http_body import charset_text
from transforms.identity import article_id, canonical_url, names_an_article
from transforms.records import Article, RawDocument
from transforms.text.date_text import parse_date

_PAGES = ("text/html", "application/xhtml+xml")
MHTML = "multipart/related"
WEBARCHIVE = "application/x-webarchive"

_HEAD = 1 << 13
"""Bytes of a page in which it may say where it was saved from."""

_NOTES = (
    re.compile(r"<!-- saved from url=\(\d{1,6}\)(?P<url>\S{1,2000}?)\s*-->"),
    re.compile(
        r"<!--\s{1,9}Page saved with SingleFile\s{1,9}url: (?P<url>\S{1,2000})"
        r"(?:\s{1,9}saved date: (?P<at>[^\n]{1,99}))?"
    ),
    re.compile(r"<!-- Saved from (?P<url>\S{1,2000}) at (?P<at>\S{1,40}) using monolith"),
    re.compile(
        r"<!-- Mirrored from (?P<url>\S{1,2000}) by HTTrack [^,\n]{1,99},"
        r" (?P<at>[^\n>]{1,60}?) -->"
    ),
    re.compile(
        r"<html\b[^>]{0,500}\bdata-scrapbook-source=\"(?P<url>[^\"\s]{1,2000})\""
        r"(?:[^>]{0,500}\bdata-scrapbook-create=\"(?P<at>\d{14}))?"
    ),
)
_BOOKMARKS = re.compile(
    r"\s*<!DOCTYPE NETSCAPE-Bookmark-file|.{0,2000}?<title>(?:Pocket Export|Instapaper: Export)<",
    re.DOTALL | re.IGNORECASE,
)
"""What browsers and reading lists write when they export what was kept for later."""

_IN_ZONE = re.compile(r"(?<=[+-]\d{4}) \([^()]*\)")


def parse_page_file(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a page; of a saved one, with the address that it was saved from.

    Raises:
        Rejected: `not_an_article` for exported bookmarks, or what `parse_html` raises.
    """
    if document.uri.startswith(("http://", "https://")):
        return parse_html(document, options)
    head = document.content[:_HEAD].decode("latin-1")
    if _BOOKMARKS.match(head):
        raise Rejected("not_an_article", f"bookmarks{LINKS_ONLY}")
    note = next(filter(None, (pattern.search(head) for pattern in _NOTES)), None)
    address = note["url"].encode("latin-1").decode("utf-8", "replace") if note else ""
    address = address if "://" in address else f"http://{address}"
    if note is None or canonical_url(address) is None:
        return parse_html(document, options)
    stated = note.groupdict().get("at") or ""
    saved = parse_date(_IN_ZONE.sub("", stated.strip()))
    return parse_saved(document, options, _saved(document, address, document.content, saved))


def parse_mhtml(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a page that a browser saved with all that it shows, as a message.

    Raises:
        Rejected: `not_html` where no part is a page, or what `parse_html` raises.
    """
    message = email.message_from_bytes(document.content.lstrip())
    part = next((p for p in message.walk() if p.get_content_type() in _PAGES), None)
    payload = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(payload, bytes):
        raise Rejected("not_html", "no part of the message is a page")
    content = charset_text(payload, part.get_content_charset() or "").encode("utf-8", "replace")
    address = _one_line(message, "Snapshot-Content-Location") or _one_line(part, "Content-Location")
    saved = parse_date(_one_line(message, "Date"))
    return parse_saved(document, options, _saved(document, address, content, saved))


def _one_line(part: Message, name: str) -> str:
    return " ".join(str(part.get(name, "")).split())


def parse_webarchive(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a page that Safari saved.

    Raises:
        Rejected: `not_html` where it holds no page, or what `parse_html` raises.
    """
    try:
        archive = plistlib.loads(document.content)
    except (ValueError, ExpatError, plistlib.InvalidFileException, IndexError, KeyError) as error:
        raise Rejected("not_html", f"no property list: {error}"[:200]) from error
    main = archive.get("WebMainResource") if isinstance(archive, dict) else None
    data = main.get("WebResourceData") if isinstance(main, dict) else None
    if not isinstance(main, dict) or not isinstance(data, bytes):
        raise Rejected("not_html", "the archive holds no page")
    charset = str(main.get("WebResourceTextEncodingName") or "")
    content = charset_text(data, charset).encode("utf-8", "replace")
    address = str(main.get("WebResourceURL") or "")
    return parse_saved(document, options, _saved(document, address, content, None))


def _saved(
    document: RawDocument, address: str, content: bytes, saved: datetime | None
) -> RawDocument:
    """Return the page in `document`, with when it was saved in the place of when it was read."""
    uri = address if canonical_url(address) else document.uri
    fetched, modified = (saved, saved) if saved else (document.fetched_at, document.modified_at)
    return RawDocument(uri, MEDIA_TYPE, content, fetched, modified, document.line)


def parse_saved(document: RawDocument, options: ParseOptions, page: RawDocument) -> Article:
    """Return the article of a page that `document` holds.

    Its address is the page's own canonical one, else the one it was fetched from.

    Args:
        document: the file or the part of an archive.
        options: settings of parsing.
        page: the page in it; its `uri` is where it was fetched from, its times when.

    Raises:
        Rejected: what `parse_html` raises.
    """
    article = parse_html(page, options)
    own = article.url if article.url and names_an_article(article.url) else None
    url = own or canonical_url(page.uri)
    return replace(
        article,
        id=article_id(
            uri=document.uri,
            whole_file=document.line is None,
            id_scope=options.id_scope,
            url=url,
            source=article.source,
            title=article.title,
            text=article.text,
        ),
        uri=document.uri,
        url=url,
        fetched_at=document.fetched_at,
        raw=document,
    )


FORMAT = Format(
    MEDIA_TYPE,
    (".html", ".htm", ".xhtml"),
    partial(split_whole, media_type=MEDIA_TYPE),
    parse_page_file,
)
MHTML_FORMAT = Format(
    MHTML, (".mht", ".mhtml"), partial(split_whole, media_type=MHTML), parse_mhtml
)
WEBARCHIVE_FORMAT = Format(
    WEBARCHIVE, (".webarchive",), partial(split_whole, media_type=WEBARCHIVE), parse_webarchive
)
