"""Google News sitemaps: lists of recent articles by title, time and address, without text."""

import re
from collections.abc import Iterator
from functools import partial
from typing import IO

from lxml import etree

from transforms.formats.base import FileInfo, letter, read_whole
from transforms.formats.feeds.feed_entry import Body, Entry, entry_document
from transforms.formats.feeds.feed_identity import mark_shared
from transforms.formats.xml.sniff import SITEMAP
from transforms.formats.xml.xml_safety import UnsafeXmlError, parse_xml
from transforms.records import DeadLetter, RawDocument


def split_sitemap(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the articles of a news sitemap, see `sitemap_documents`."""
    return read_whole(file, stream, max_bytes, partial(sitemap_documents, file))


def sitemap_documents(file: FileInfo, content: bytes) -> Iterator[RawDocument | DeadLetter]:
    """Yield the articles of a news sitemap, `line` being the number of their `url` element.

    One dead letter stands for all addresses without news data, which may be any page, and one for
    an index of sitemaps.
    """
    try:
        root = parse_xml(content, recover=True)
    except (UnsafeXmlError, etree.XMLSyntaxError) as error:
        reason = "unsafe_xml" if isinstance(error, UnsafeXmlError) else "not_a_feed"
        yield letter(file, reason, str(error), content, media_type=SITEMAP)
        return
    if _name(root) not in ("urlset", "sitemapindex"):
        yield letter(file, "not_a_feed", "no sitemap was found", content, media_type=SITEMAP)
        return
    if _name(root) == "sitemapindex":
        detail = f"an index of {len(_children(root, 'sitemap'))} sitemaps; name those as feeds"
        yield letter(file, "feed_list", detail, content, media_type=SITEMAP)
        return
    addresses = _children(root, "url")
    numbered = [
        (number, news[0], address)
        for number, address in enumerate(addresses, 1)
        if (news := _children(address, "news"))
    ]
    entries = mark_shared([_entry(news, address) for _, news, address in numbered])
    for (number, _, _), entry in zip(numbered, entries, strict=True):
        yield entry_document(file, entry, number)
    if other := len(addresses) - len(numbered):
        detail = f"{other} of {len(addresses)} addresses have no news data"
        yield letter(file, "not_news", detail, content, media_type=SITEMAP)


def _entry(news: etree._Element, address: etree._Element) -> Entry:
    publication = next(iter(_children(news, "publication")), news)
    keywords = _text(news, "keywords").split(",")
    return Entry(
        title=Body(_text(news, "title")),
        link=_text(address, "loc"),
        published=_text(news, "publication_date"),
        updated=_text(address, "lastmod"),
        categories=tuple(filter(None, map(str.strip, keywords))),
        language=_text(publication, "language"),
        source=_text(publication, "name"),
    )


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if _name(child) == name]


def _text(element: etree._Element, name: str) -> str:
    return next((" ".join((c.text or "").split()) for c in _children(element, name)), "")


def _name(element: etree._Element) -> str:
    """Return the name of an element without its namespace; publishers write several."""
    return re.split("[}:]", element.tag)[-1] if isinstance(element.tag, str) else ""
