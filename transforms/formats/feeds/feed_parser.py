"""feedparser, with bounds: what it reads, without what a hostile feed can do to it.

`feedparser.parse` cannot be called as it is. It opens its argument as a file or an address; its
sanitizer and several of its patterns take time quadratic in the input (200 KB of blank lines, of
`<!ENTITY` or of one author's name run for minutes); it expands an entity that is declared behind a
comment. `parse_feed` does the same steps with feedparser's own classes, so that entries, titles and
links are the same.
"""

import io
import re
import xml.sax
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.api import (  # type: ignore[import-untyped]
    LooseFeedParser,
    StrictFeedParser,
    make_safe_absolute_uri,
    replace_doctype,
)
from feedparser.exceptions import UndeclaredNamespace  # type: ignore[import-untyped]

from transforms.formats.xml.xml_encoding import to_utf8
from transforms.formats.xml.xml_safety import check_entities

MAX_PROLOG = 1 << 14
"""Most bytes before the first element: 16 KiB. Licences in a leading comment have 1 to 2 KiB."""

_HANDLER_FAULTS = (KeyError, IndexError, TypeError, ValueError)
"""What feedparser's handlers raise at an element where they expect none: a `georss:point` outside
an item, a second `textinput`. The element is passed over, the feed goes on."""


class NotAFeedError(Exception):
    """The bytes cannot be understood as a feed."""


class ParsedFeed(NamedTuple):
    """What feedparser read.

    Attributes:
        feed: the fields of the feed.
        entries: the fields of each entry, in order; markup is as written, not sanitized.
        version: feedparser's name of the format, empty if unknown.
        malformed: whether it is no well-formed XML, so that entries may be cut or merged.
    """

    feed: Mapping[str, Any]
    entries: list[Mapping[str, Any]]
    version: str
    malformed: bool


class _Bounded:
    """Bounds on feedparser's handlers, as a class before its own in the method order."""

    entries: list[Any]

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        with suppress(*_HANDLER_FAULTS):
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]

    def unknown_endtag(self, tag: str) -> None:
        with suppress(*_HANDLER_FAULTS):
            super().unknown_endtag(tag)  # type: ignore[misc]

    def handle_charref(self, ref: str) -> None:
        """Pass on a reference to a character; one to no character is U+FFFD."""
        base = 16 if ref[:1] in "xX" else 10
        digits = ref.lstrip("xX").rstrip(";")
        try:
            chr(int(digits, base)).encode()
        except (ValueError, OverflowError):
            ref = "xfffd"
        super().handle_charref(ref)  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        """Note an author as written: the pattern for addresses is quadratic, and knows few."""
        context = self._get_context()  # type: ignore[attr-defined]
        people = context.get(f"{key}s")
        if people and not people[-1] and context.get(key):
            people[-1]["name"] = context[key]


class _ByName(AttributesNSImpl):
    """The attributes of an element, each found at once: the library's looks through all of them."""

    def __init__(self, found: AttributesNSImpl) -> None:
        names = found.getQNames()
        super().__init__(dict(found.items()), dict(zip(found.keys(), names, strict=True)))
        self._values = dict(zip(names, found.values(), strict=True))

    def getValueByQName(self, name: str) -> str:  # noqa: N802 (the library's name)
        """Return the value of the attribute with this name, prefix included."""
        return self._values[name]


class _Strict(_Bounded, StrictFeedParser):
    def startElementNS(self, name: Any, qname: Any, attrs: AttributesNSImpl) -> None:  # noqa: N802
        super().startElementNS(name, qname, _ByName(attrs))


class _Loose(_Bounded, LooseFeedParser):
    pass


def parse_feed(content: bytes, headers: Mapping[str, str]) -> ParsedFeed:
    """Return what feedparser reads in the bytes of a feed.

    Args:
        content: the feed.
        headers: of the response that brought it, names in lower case: `content-type` counts for the
            encoding, `content-location` is the base of relative links, `content-language`.

    Raises:
        NotAFeedError: there is no feed in it.
        UnsafeXmlError: it declares a dangerous entity.
    """
    data = to_utf8(content, headers)
    check_entities(data)
    first = re.search(rb"<\w", data)
    if first is None or first.start() > MAX_PROLOG:
        raise NotAFeedError(f"no element within the first {MAX_PROLOG} bytes")
    version, data, entities = replace_doctype(data)
    check_entities(data)  # cutting declarations out can join the halves of another one
    base = make_safe_absolute_uri(headers.get("content-location", "")) or ""
    language = headers.get("content-language")
    parser = _strict(data, base, language)
    malformed = parser is None
    if parser is None:
        parser = _loose(data, base, language, entities)
    version = version or parser.version
    if not version and not parser.entries:
        raise NotAFeedError("no element of RSS, Atom, RDF or CDF was found")
    return ParsedFeed(parser.feeddata, parser.entries, version, malformed)


def _strict(data: bytes, base: str, language: str | None) -> Any:
    """Return the parser that has read well-formed `data`, `None` if they are not."""
    handler = _Strict(base, language, "utf-8")
    _set_up(handler)
    reader = xml.sax.make_parser()  # noqa: S317 (entities were checked, external ones are off)
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(handler)
    reader.setErrorHandler(handler)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    try:
        reader.parse(source)
    except (xml.sax.SAXException, UndeclaredNamespace, ValueError):
        return None  # ValueError: a namespace with a space in it
    return handler


def _loose(data: bytes, base: str, language: str | None, entities: Mapping[str, str]) -> Any:
    handler = _Loose(base, language, "utf-8", entities)
    _set_up(handler)
    handler.feed(data.decode("utf-8", "replace"))
    return handler


def _set_up(handler: Any) -> None:
    # Markup is reduced to text by `markup_to_text`; sanitizing is quadratic and most of the time.
    handler.sanitize_html = False
    handler.resolve_relative_uris = False
