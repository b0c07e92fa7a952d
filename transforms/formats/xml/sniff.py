"""What an XML file is, by its root element: `.xml` can be a feed, a sitemap or a wire document."""

import codecs
import re

FEED = "application/rss+xml"
"""RSS, Atom, RDF or CDF."""
SITEMAP = "application/x-sitemap+xml"
"""A sitemap, or an index of sitemaps."""
OPML = "text/x-opml+xml"
NEWSML_G2 = "application/vnd.iptc.g2.newsitem+xml"
NEWSML_1 = "text/vnd.iptc.newsml"
NITF = "application/vnd.iptc.nitf+xml"
HTML = "text/html"

ROOTS = {
    "rss": FEED,
    "feed": FEED,
    "rdf": FEED,
    "channel": FEED,  # CDF
    "urlset": SITEMAP,
    "sitemapindex": SITEMAP,
    "opml": OPML,
    "newsitem": NEWSML_G2,
    "newsmessage": NEWSML_G2,
    "packageitem": NEWSML_G2,
    "conceptitem": NEWSML_G2,
    "knowledgeitem": NEWSML_G2,
    "planningitem": NEWSML_G2,
    "catalogitem": NEWSML_G2,
    "newsml": NEWSML_1,
    "nitf": NITF,
    "html": HTML,
}
"""Root element, lower case and without its prefix -> media type."""

HEAD = 1 << 16
"""Bytes from the start that `sniff_xml` needs to see."""

_CODECS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_PROLOG = re.compile(
    r"[\s\ufeff]+|<\?.*?\?>|<!--.*?-->"
    r"|<!DOCTYPE(?:[^<>\[\]\"']|\"[^\"]*\"|'[^']*')*(?:\[.*?\]\s*)?>",
    re.DOTALL | re.IGNORECASE,
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s/>]")


def sniff_xml(head: bytes) -> str | None:
    """Return the media type of the XML file that starts with `head`, `None` if it is none known.

    Looks past a byte order mark, the XML declaration, comments and a DOCTYPE, and, where other text
    precedes the root (a warning that a server printed), for the first root it knows.

    >>> sniff_xml(b'<?xml version="1.0"?><!-- <html> --><rss version="2.0">')
    'application/rss+xml'
    """
    text, position = _behind_prolog(head)
    if known := _kind_at(text, position):
        return known
    kinds = (ROOTS.get(match[1].lower()) for match in _ROOT.finditer(text, position))
    return next((kind for kind in kinds if kind not in (None, HTML)), None)


def root_kind(head: bytes) -> str | None:
    """Return the media type that the first element says, `None` if it is no known root.

    >>> root_kind(b"<articles><channel>A</channel></articles>"), root_kind(b"<rdf:RDF>")
    (None, 'application/rss+xml')
    """
    return _kind_at(*_behind_prolog(head))


def _behind_prolog(head: bytes) -> tuple[str, int]:
    """Return the start of an XML file as text, and where its first element is."""
    text = head[:HEAD].decode(xml_codec(head), errors="replace")
    position = 0
    while match := _PROLOG.match(text, position):
        position = match.end()
    return text, position


def _kind_at(text: str, position: int) -> str | None:
    match = _ROOT.match(text, position)
    kind = ROOTS.get(match[1].lower()) if match else None
    # What Reuters calls `newsitem` is another format.
    return None if match and kind == NEWSML_G2 and match[1].islower() else kind


def xml_codec(head: bytes) -> str:
    """Return a codec that shows the markup of an XML file: by its mark or its first character.

    Latin-1 stands for every encoding that has ASCII's characters in their places.

    >>> xml_codec("<rss>".encode("utf-16-be")), xml_codec(b"<rss>")
    ('utf-16-be', 'latin-1')
    """
    return next((name for start, name in _CODECS if head.startswith(start)), "latin-1")
