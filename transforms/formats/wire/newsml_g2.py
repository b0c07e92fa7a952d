"""NewsML-G2, the IPTC's wire format in XML: one article per news item."""

import base64
import binascii
import io
from collections.abc import Iterator
from functools import partial
from typing import IO, Any
from urllib.parse import urlsplit

from lxml import etree

from transforms.errors import Rejected
from transforms.formats.article import Found
from transforms.formats.base import FileInfo, Format, ParseOptions, document, letter, read_whole
from transforms.formats.encoding import decode
from transforms.formats.html.markup import markup_to_text
from transforms.formats.wire.common import (
    best_description,
    check_status,
    last_part,
    wire_article,
    wire_dates,
)
from transforms.formats.wire.newsml_1 import split_items
from transforms.formats.wire.nitf import (
    block_text,
    local_name,
    nitf_names,
    nitf_text,
    parse_wire,
    texts,
    xml_error,
)
from transforms.formats.xml.xml_safety import SAFE, UnsafeXmlError, without_entities
from transforms.records import Article, DeadLetter, RawDocument

MEDIA_TYPE = "application/vnd.iptc.g2.newsitem+xml"

ROOTS = frozenset((
    "catalogItem", "conceptItem", "knowledgeItem", "newsItem", "newsMessage", "packageItem",
    "planningItem",
))  # fmt: skip
"""Root elements of NewsML-G2 files, whose namespace is http://iptc.org/std/nar/2006-10-01/."""

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def split_newsml(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the news item of a file, or those of a news message.

    Every other item is a dead letter `not_an_article`. A message that breaks gives the items before
    that, and one dead letter `bad_xml`; a file with dangerous entities is refused as `unsafe_xml`.
    """
    return read_whole(file, stream, max_bytes, partial(_split, file))


def _split(file: FileInfo, content: bytes) -> Iterator[RawDocument | DeadLetter]:
    if not content.strip():
        yield letter(file, "empty_file", "the file is empty", content, media_type=MEDIA_TYPE)
    else:
        try:
            yield from _split_root(file, content)
        except etree.XMLSyntaxError as error:
            yield letter(file, "bad_xml", xml_error(error), content, media_type=MEDIA_TYPE)
        except UnsafeXmlError as error:
            yield letter(file, "unsafe_xml", str(error), content, media_type=MEDIA_TYPE)


def _split_root(file: FileInfo, content: bytes) -> Iterator[RawDocument | DeadLetter]:
    source = io.BytesIO(without_entities(content))
    events = etree.iterparse(source, events=("start", "end"), encoding="utf-8", **SAFE)
    _, root = next(events)
    name = local_name(root)
    if name == "NewsML":
        yield from split_items(file, content)
    elif name == "newsMessage":
        yield from _split_message(file, events)
    elif name == "newsItem":
        yield document(file, MEDIA_TYPE, content)
    else:
        detail = f"the root element is {name!r}, expected newsItem or newsMessage"
        yield letter(file, "not_an_article", detail, content, media_type=MEDIA_TYPE)


def _split_message(file: FileInfo, events: Any) -> Iterator[RawDocument | DeadLetter]:
    number = 0
    for event, element in events:
        parent = element.getparent()
        if event != "end" or parent is None or local_name(parent) != "itemSet":
            continue
        number += 1
        content = etree.tostring(element, encoding="utf-8", with_tail=False)
        if local_name(element) == "newsItem":
            yield document(file, MEDIA_TYPE, content, number)
        else:
            detail = f"a {local_name(element)} within a news message"
            yield letter(
                file, "not_an_article", detail, content, line=number, media_type=MEDIA_TYPE
            )
        element.clear()
    if not number:
        yield letter(file, "not_an_article", "the news message holds no item", b"")


def parse_item(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a news item: its inline text, else its caption or description.

    Raises:
        Rejected: `not_an_article` if it is none, `no_text`, or what `parse_wire` and `check_status`
            raise.
    """
    item = parse_wire(document.content)
    if item.tag != "newsItem":
        raise Rejected("not_an_article", f"the root element is {item.tag!r}, expected newsItem")
    embargo = item.find("itemMeta/embargoed")
    if embargo is not None and not texts(item, "itemMeta/embargoed"):
        raise Rejected("embargoed", "the embargo has no end")
    found = _metadata(item)
    status = _code(item, "itemMeta/pubStatus")
    check_status(status, _first(item, "itemMeta/embargoed"), document, options, found)
    body = "\n\n".join(filter(None, map(_inline_text, item.iterfind("contentSet/*"))))
    found.text = _without_title(body, found.title) or _description(item)
    return wire_article(document, options, found, has_body=bool(body))


def _metadata(item: Any) -> Found:
    """Return what an item says about its article, all but the text."""
    guid = item.get("guid", "").strip()
    return Found(
        title=_first(item, "contentMeta/headline", ".//body.head//hl1", "itemMeta/title"),
        url=guid,
        source_id=guid or None,
        source=_source(item),
        authors=nitf_names(item)
        or texts(item, "contentMeta/by")
        or texts(item, "contentMeta/creator/name"),
        language=_attribute(item, "contentMeta/language", "tag") or item.get(_LANG),
        dates=wire_dates(
            _first(item, "itemMeta/embargoed"),
            [_first(item, "itemMeta/firstCreated")],
            _first(item, "contentMeta/contentCreated"),
            _first(item, "itemMeta/versionCreated"),
            last_part(_code(item, "itemMeta/itemClass")),
        ),
        modified=_first(item, "itemMeta/versionCreated"),
    )


def _source(item: Any) -> str:
    """Return who provides the item: by name, else by code or web host."""
    names = ("itemMeta/provider/name", "rightsInfo/copyrightHolder/name")
    code = _code(item, "itemMeta/provider")
    host = urlsplit(code).hostname if code.startswith("http") else ""
    return _first(item, *names, "contentMeta/infoSource/name") or host or code.partition(":")[2]


def _inline_text(content: Any) -> str:
    """Return the text of one rendition of an item's content, nothing if it is not inline."""
    kind = content.get("contenttype", "")
    if content.tag == "inlineXML":
        body = content.find(".//body")
        return nitf_text(content) or block_text(content if body is None else body)
    if content.tag != "inlineData" or not kind.startswith(("text/", "application/xhtml")):
        return ""
    text = "".join(content.itertext("*"))
    if "b64" in content.get("encoding", "") or "base64" in content.get("encoding", ""):
        try:
            text = decode(base64.b64decode(text))
        except binascii.Error:
            return ""
    return markup_to_text(text) if "<" in text and kind != "text/plain" else text.strip()


def _without_title(text: str, title: str) -> str:
    """Return `text` without its title as its first paragraph."""
    first, gap, rest = text.partition("\n\n")
    return rest if gap and " ".join(first.split()) == title else text


def _description(item: Any) -> str:
    described = item.iterfind("contentMeta/description")
    return best_description((last_part(e.get("role", "")), block_text(e)) for e in described)


def _first(item: Any, *paths: str) -> str:
    """Return the first text at the first path that has any."""
    return next((text for path in paths for text in texts(item, path)), "")


def _attribute(item: Any, path: str, name: str) -> str:
    element = item.find(path)
    return "" if element is None else element.get(name, "").strip()


def _code(item: Any, path: str) -> str:
    """Return the code of a controlled value: a qcode, an address or a literal."""
    found = (_attribute(item, path, name) for name in ("qcode", "uri", "literal"))
    return next(filter(None, found), "")


FORMAT = Format(MEDIA_TYPE, (".newsml", ".newsmlg2"), split_newsml, parse_item)
