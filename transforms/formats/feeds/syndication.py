"""RSS, Atom, RDF and CDF feeds: one article per entry, read by feedparser."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from transforms.formats.base import FileInfo, letter, read_whole
from transforms.formats.feeds.feed_entry import (
    Body,
    Entry,
    entry_document,
    text_of,
    to_text,
)
from transforms.formats.feeds.feed_identity import mark_shared
from transforms.formats.feeds.feed_parser import NotAFeedError, ParsedFeed, parse_feed
from transforms.formats.persons import person_name
from transforms.formats.xml.sniff import FEED
from transforms.formats.xml.xml_safety import UnsafeXmlError
from transforms.records import DeadLetter, RawDocument

_NO_POSTS = ("attachment", "revision", "nav_menu", "custom", "oembed", "user_request", "wp_")
"""What the types of a WordPress site's items begin with that are no posts or pages."""

_MARKUP = ("html", "xhtml", "text/html", "application/xhtml+xml")


def split_feed(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the entries of a feed; one without entries yields nothing."""
    return read_whole(file, stream, max_bytes, lambda content: feed_documents(file, content, {}))


def feed_documents(
    file: FileInfo, content: bytes, headers: Mapping[str, str]
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the entries of a feed, `line` being their 1-based number, or one dead letter.

    Args:
        file: where the feed was read; an http(s) address is the base of its relative links.
        content: the feed.
        headers: of the response that brought it, names in lower case.
    """
    if not content.strip():
        yield letter(file, "empty_file", "the file is empty", content, media_type=FEED)
        return
    if file.uri.startswith(("http://", "https://")):
        headers = {"content-location": file.uri, **headers}
    try:
        parsed = parse_feed(content, headers)
    except (NotAFeedError, UnsafeXmlError) as error:
        reason = "unsafe_xml" if isinstance(error, UnsafeXmlError) else "not_a_feed"
        yield letter(file, reason, str(error), content, media_type=FEED)
        return
    kept_back = {
        n: why for n, fields in enumerate(parsed.entries, 1) if (why := _kept_back(fields))
    }
    shown = {n: fields for n, fields in enumerate(parsed.entries, 1) if n not in kept_back}
    entries = mark_shared(feed_entries(parsed._replace(entries=[*shown.values()])))
    for number, entry in zip(shown, entries, strict=True):
        yield entry_document(file, entry, number)
    for number, why in kept_back.items():
        payload = to_text(_body(parsed.entries[number - 1], "title")).encode("utf-8", "replace")
        yield letter(file, "not_an_article", why, payload, line=number, media_type=FEED)


def _kept_back(fields: Mapping[str, Any]) -> str:
    """Return why an item of WordPress's export is no published article; empty if it is one."""
    status, kind = text_of(fields, "wp_status"), text_of(fields, "wp_post_type")
    if kind.startswith(_NO_POSTS):
        return f"an item of WordPress's type {kind!r}"
    return f"its status in WordPress is {status!r}" if status not in {"", "publish"} else ""


def feed_entries(parsed: ParsedFeed) -> list[Entry]:
    """Return the entries of a feed, with what the feed says about all of them."""
    feed, atom = parsed.feed, parsed.version.startswith("atom")
    common = Entry(
        authors=_names(feed) if atom else (),  # an Atom entry without author has the feed's
        language=text_of(feed, "language"),
        feed_url=_self_link(feed),
        feed_link=text_of(feed, "link"),
        feed_title=to_text(_body(feed, "title")),
        malformed=parsed.malformed,
    )
    # Of the formats only Atom 1.0 says what a title without a type is.
    literal = parsed.version == "atom10"
    return [_entry(fields, common, literal=literal) for fields in parsed.entries]


def _entry(fields: Mapping[str, Any], common: Entry, *, literal: bool) -> Entry:
    contents = fields.get("content") or ()
    source = fields.get("source") or {}
    details = [fields.get("title_detail"), fields.get("summary_detail"), *contents]
    languages = (text_of(detail, "language") for detail in details if detail)
    bases = (text_of(detail, "base") for detail in details if detail)
    return Entry(
        title=_body(fields, "title", literal=literal),
        contents=tuple(_content(content) for content in contents if _is_text(content)),
        summary=_body(fields, "summary"),
        link=_first(fields, "feedburner_origlink", "pheedo_origlink", "link"),
        guid=text_of(fields, "id"),
        published=_first(fields, "published", "created", "prism_publicationdate"),
        updated=_updated(fields),
        authors=_names(fields) or _names(source) or common.authors,
        categories=tuple(filter(None, (text_of(tag, "term") for tag in fields.get("tags") or ()))),
        language=text_of(fields, "language") or next(filter(None, languages), common.language),
        source=to_text(_body(source, "title")),
        base=next(filter(None, bases), ""),
        feed_url=common.feed_url,
        feed_link=common.feed_link,
        feed_title=common.feed_title,
        malformed=common.malformed,
    )


def _first(fields: Mapping[str, Any], *names: str) -> str:
    return next(filter(None, (text_of(fields, name) for name in names)), "")


def _updated(fields: Mapping[str, Any]) -> str:
    # feedparser warns where "updated" is asked for and only "published" is there.
    return text_of(fields, "updated") if "updated" in fields else ""


def _body(fields: Mapping[str, Any], name: str, *, literal: bool = False) -> Body:
    """Return a text; `literal`: where it is said to be plain text, it surely is."""
    detail = fields.get(f"{name}_detail") or {"type": "text/html"}  # what feedparser takes it for
    kind = text_of(detail, "type").lower()
    return Body(text_of(fields, name), kind in _MARKUP, literal and kind == "text/plain")


def _content(fields: Mapping[str, Any]) -> Body:
    return Body(text_of(fields, "value"), text_of(fields, "type").lower() in _MARKUP)


def _is_text(content: Mapping[str, Any]) -> bool:
    """Return whether a content is text: Atom also has images and films, in base64."""
    kind = text_of(content, "type").lower()
    return kind in ("", "text", *_MARKUP) or kind.startswith("text/")


def _names(fields: Mapping[str, Any]) -> tuple[str, ...]:
    named = (person_name(text_of(author, "name")) for author in fields.get("authors") or ())
    return tuple(filter(None, named))


def _self_link(feed: Mapping[str, Any]) -> str:
    links = feed.get("links") or ()
    return next((text_of(link, "href") for link in links if link.get("rel") == "self"), "")
