"""The feeds that a web page names: `<link rel="alternate">`, as feed readers find them."""

import re
from urllib.parse import urljoin

from lxml import etree, html

from transforms.formats.encoding import decode
from transforms.formats.feeds.opml import FeedAddress
from transforms.formats.xml.sniff import HEAD, HTML, sniff_xml

MAX_PAGE = 1 << 20
"""Most bytes of a page in which its feeds are looked for: 1 MiB."""

_TYPES = re.compile(
    r"\s*(?:application|text)/(?:x\.|x-)?(?:rss|atom|rdf|feed)(?:\+(?:xml|json))?\s*(?:;|$)", re.I
)
_COMMENTS = re.compile(
    r"comment|kommentar|comentario|commentaire|commenti|reacties|\bcomment-", re.I
)


def is_page(content: bytes) -> bool:
    """Return whether what a server sent is a web page: its first element is HTML's."""
    return sniff_xml(content[:HEAD]) == HTML


def feed_links(content: bytes, address: str) -> list[FeedAddress]:
    """Return the feeds that a page names, each once: in order, those of comments last.

    Args:
        content: the page.
        address: where it is from.

    >>> page = b'<html><link rel="alternate" type="application/rss+xml" href="/rss" title="News">'
    >>> feed_links(page, "https://news.example/")
    [FeedAddress(url='https://news.example/rss', title='News', category=())]
    """
    try:
        tree = html.document_fromstring(decode(content[:MAX_PAGE], declared=True).encode(), _PARSER)
    except (etree.LxmlError, ValueError):
        return []
    bases = (base.get("href", "") for base in tree.iter("base"))
    base = _joined(address, next(bases, ""))
    found: dict[str, FeedAddress] = {}
    for link in tree.iter("link", "a"):
        names = link.get("rel", "").lower().split()
        if "alternate" in names and _TYPES.match(link.get("type", "")):
            url = _joined(base, link.get("href", ""))
            if url.startswith(("http://", "https://")) and url != address:
                found.setdefault(url, FeedAddress(url, " ".join(link.get("title", "").split()), ()))
    return sorted(found.values(), key=lambda feed: bool(_COMMENTS.search(feed.title + feed.url)))


_PARSER = html.HTMLParser(encoding="utf-8")


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference.strip())
    except ValueError:
        return base
