"""One entry of a feed, of whatever kind of feed: its fields, its document, its text."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml.html import defs
from pydantic import TypeAdapter, ValidationError

from transforms.errors import Rejected, what_is_wrong
from transforms.formats.base import FileInfo, document
from transforms.formats.feeds.feed_trailer import without_trailer
from transforms.formats.html.markup import markup_to_text
from transforms.records import RawDocument
from transforms.text.date_text import parse_date
from transforms.text.words import count_words

ENTRY_TYPE = "application/x-newsbeam-feed-entry+json"

TEASER_WORDS = 100
"""A summary of fewer words is a teaser: feeds that carry whole articles as summary, not as content,
have several hundred, an introduction has 20 to 60."""

MUCH_LONGER = 1.5
"""How much longer than the content a summary must be to be the better text."""

_CUT_OFF = re.compile(
    r"(?:\[\s*(?:…|\.{3})\s*\]|…|\.{3})\s*\W*$"
    r"|(?:read|continue) (?:more|reading|the full)[^.\n]{0,100}$|weiterlesen\W*$|lire la suite\W*$"
    r"|leer más\W*$|lees verder\W*$|leggi tutto\W*$",
    re.IGNORECASE,
)
"""The end of a text that goes on elsewhere."""

_PADDED_MONTH = re.compile(r"^\s*(\d{4})-0(\d\d)-(?=\d\d)")
_SHORT_ORDINAL = re.compile(r"\s*(\d\d)-?(\d{3})\s*")

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\s[^<>]*)?)(?:>|$)", re.IGNORECASE)
_ELEMENTS = defs.tags | {
    *("article", "aside", "audio", "canvas", "details", "dialog", "embed", "figcaption", "figure"),
    *("footer", "header", "main", "mark", "math", "nav", "object", "picture", "section", "source"),
    *("summary", "svg", "template", "time", "video", "wbr"),
}


_CLOSED = frozenset(("br", "hr", "img", "wbr", *defs.block_tags))
"""Elements that need no end tag, and those that nobody writes about in a headline."""


class Body(NamedTuple):
    """A text of a feed.

    Attributes:
        value: as the feed has it.
        markup: whether the feed says that it is markup.
        literal: whether it is surely plain text, so that tags in it are what it is about.
    """

    value: str = ""
    markup: bool = False
    literal: bool = False


NOTHING = Body()


@dataclass(frozen=True)
class Entry:
    """What a feed says about one of its entries; empty values are unknown.

    Attributes:
        title: its headline.
        contents: its text, in each form that the feed gives.
        summary: its description or standfirst.
        link: address of its page, relative to `base`.
        guid: its id in the feed.
        guid_names_it: whether no other entry of the feed has the same guid.
        link_names_it: whether no other entry of the feed has the same link.
        published: date as written.
        updated: date as written.
        authors: names.
        categories: labels.
        language: language tag.
        source: publisher, where the entry names one.
        base: address that `link` is relative to.
        feed_url: the feed's own address.
        feed_link: address of the site.
        feed_title: name of the feed.
        malformed: whether the feed was, so that text may be cut off.
    """

    title: Body = NOTHING
    contents: tuple[Body, ...] = ()
    summary: Body = NOTHING
    link: str = ""
    guid: str = ""
    guid_names_it: bool = True
    link_names_it: bool = True
    published: str = ""
    updated: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    source: str = ""
    base: str = ""
    feed_url: str = ""
    feed_link: str = ""
    feed_title: str = ""
    malformed: bool = False


_ENTRY = TypeAdapter(Entry)


def entry_document(file: FileInfo, entry: Entry, number: int) -> RawDocument:
    """Return the document of the entry with the 1-based `number` in its feed."""
    fields = {name: value for name, value in asdict(entry).items() if value not in ("", (), False)}
    fields |= {"guid_names_it": entry.guid_names_it, "link_names_it": entry.link_names_it}
    content = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
    return document(file, ENTRY_TYPE, content, number)


def read_entry(content: bytes) -> Entry:
    """Return the entry that a document of `entry_document` holds.

    Raises:
        Rejected: `bad_entry`.
    """
    try:
        return _ENTRY.validate_json(content)
    except ValidationError as error:
        detail = f"no feed entry: {what_is_wrong(error.errors()[0]['msg'])}"
        raise Rejected("bad_entry", detail) from error


def entry_text(entry: Entry) -> tuple[str, str, bool]:
    """Return title, text, and whether the text is the whole article as far as the feed tells.

    The content counts more than the summary unless the summary is far longer.
    """
    title = " ".join(to_text(entry.title).split())
    site = entry.source or entry.feed_title
    texts = [without_trailer(to_text(body), title, site) for body in entry.contents]
    content = max(texts, key=len, default="")
    summary = without_trailer(to_text(entry.summary), title, site)
    text = summary if len(summary) > MUCH_LONGER * len(content) else content
    if not text.strip():
        return title, title, False
    cut_off = _CUT_OFF.search(text[-200:]) is not None
    return title, text, not cut_off and (bool(content) or count_words(text) >= TEASER_WORDS)


def to_text(body: Body) -> str:
    """Return `body` without markup, also where markup is given as plain text.

    >>> to_text(Body("Storm <b>hits</b>")), to_text(Body("Why <dialog> matters"))
    ('Storm hits', 'Why <dialog> matters')
    """
    value = body.value
    if "<![CDATA[" in value and not body.literal:  # escaped twice
        value = value.replace("<![CDATA[", "").replace("]]>", "")
    is_markup = body.markup or (not body.literal and _holds_markup(value))
    return markup_to_text(value) if is_markup else value


def _holds_markup(text: str) -> bool:
    """Return whether a tag of HTML in `text` does something, not only opens what never ends."""
    for slash, name, attributes in _TAG.findall(text):
        tag = name.lower()
        if tag in _ELEMENTS and (slash or tag in _CLOSED or re.search(r"=|/$", attributes)):
            return True
    return False


_LEADING = frozenset(("/url", "/news/apiclick.aspx", "/l.php"))
"""Paths of addresses that lead to the one in their query: of Google, Bing and Facebook."""


def entry_url(entry: Entry) -> str:
    """Return the entry's link as an absolute address; empty if it has none.

    Alerts and lists of search engines lead to a page through an address of their own.
    """
    bases = (entry.base, entry.feed_url, entry.feed_link)
    base = next((base for base in bases if base.startswith(("http://", "https://"))), "")
    try:
        url = urljoin(base, entry.link.strip()) if entry.link.strip() else ""
        parts = urlsplit(url)
        targets = parse_qs(parts.query) if parts.path in _LEADING else {}
    except ValueError:
        return ""
    target = next((targets[name][0] for name in ("url", "q", "u") if name in targets), "")
    return target if target.startswith(("http://", "https://")) else url


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """Return the string at `name`, empty if there is none."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def parse_feed_date(text: str) -> datetime | None:
    """Return the moment that a feed's date names, in UTC; `None` where it is not certain.

    Reads what `date_text.parse_date` reads, and two forms that only feeds have: a month of three
    digits, and a year of two digits with the day of the year. The latter is read for the years up
    to 2004, when ISO 8601 gave it up.

    feedparser's own reading is not used: it takes "2013-01-28T09:xx:00Z" for midnight, the 61st
    second for the next minute and "22013" for a day in 2022.

    >>> parse_feed_date("03335").isoformat(), parse_feed_date("22013")
    ('2003-12-01T00:00:00+00:00', None)
    """
    if match := _SHORT_ORDINAL.fullmatch(text):
        short = int(match[1])
        year = short + (1900 if short >= 70 else 2000)
        return parse_date(f"{year}-{match[2]}") if year <= 2004 else None
    return parse_date(_PADDED_MONTH.sub(r"\1-\2-", text))
