"""NewsML 1.x, which agencies sent before NewsML-G2: one article per `NewsItem`."""

from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from typing import IO, Any

from lxml import etree

from transforms.errors import Rejected
from transforms.formats.article import Found
from transforms.formats.base import FileInfo, Format, ParseOptions, document, letter, read_whole
from transforms.formats.values import plain
from transforms.formats.wire.common import check_status, last_part, wire_article
from transforms.formats.wire.nitf import (
    block_text,
    local_name,
    nitf_names,
    nitf_text,
    parse_wire,
    texts,
    xml_error,
)
from transforms.formats.xml.sniff import NEWSML_1
from transforms.formats.xml.xml_safety import UnsafeXmlError, parse_xml
from transforms.records import Article, DeadLetter, RawDocument

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MAX_ENVELOPE = 1 << 16
"""Bytes of the largest envelope that is read, 64 KiB: it is written around each item."""

_NO_TEXT = ("photo", "picture", "graphic", "video", "audio", "animation", "caption", "thumbnail")
"""What the role or the media type of a component says that is no text."""


def split_newsml_1(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the news items of a file, each with the envelope around it.

    A file without any is a dead letter `not_an_article`, a broken one `bad_xml`, one with dangerous
    entities `unsafe_xml`.
    """
    return read_whole(file, stream, max_bytes, partial(split_items, file))


def split_items(file: FileInfo, content: bytes) -> Iterator[RawDocument | DeadLetter]:
    """Yield the news items of a document, see `split_newsml_1`."""
    try:
        root = parse_xml(content)
    except etree.XMLSyntaxError as error:
        yield letter(file, "bad_xml", xml_error(error), content, media_type=NEWSML_1)
        return
    except UnsafeXmlError as error:
        yield letter(file, "unsafe_xml", str(error), content, media_type=NEWSML_1)
        return
    items = [child for child in root if local_name(child) == "NewsItem"]
    envelope = _envelope(root)
    if not items:
        detail = "the NewsML document holds no NewsItem"
        yield letter(file, "not_an_article", detail, content, media_type=NEWSML_1)
    for number, item in enumerate(items, 1):
        alone = etree.Element("NewsML")
        alone.extend([*map(deepcopy, envelope), item])
        line = number if len(items) > 1 else None
        yield document(file, NEWSML_1, etree.tostring(alone, encoding="utf-8"), line)


def _envelope(root: Any) -> list[Any]:
    """Return the envelope around the items, which each of them gets: one of a size that it has."""
    envelopes = [child for child in root if local_name(child) == "NewsEnvelope"][:1]
    return [one for one in envelopes if len(etree.tostring(one)) <= MAX_ENVELOPE]


def parse_item(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a news item: the texts of its components, in order.

    Raises:
        Rejected: `not_an_article` if it is none, `no_text`, or what `parse_wire` and `check_status`
            raise.
    """
    root = parse_wire(document.content)
    item = root.find("NewsItem")
    if item is None:
        raise Rejected("not_an_article", f"the root element is {root.tag!r}, expected NewsML")
    found = _metadata(root, item)
    status = last_part(_form(item, "NewsManagement/Status"))
    embargo = _embargo(item)
    if status.startswith("embargo") and not embargo:
        raise Rejected("embargoed", "the embargo has no end")
    check_status(status, embargo, document, options, found)
    pieces = [_content(content) for content in item.iter("ContentItem")]
    found.text = "\n\n".join(dict.fromkeys(filter(None, pieces)))
    return wire_article(document, options, found, has_body=True)


def _metadata(root: Any, item: Any) -> Found:
    """Return what an item says about its article, all but the text."""
    guid = _first(item, "Identification/NewsIdentifier/PublicIdentifier")
    changed = _first(item, "NewsManagement/ThisRevisionCreated")
    sent = _first(root, "NewsEnvelope/DateAndTime")
    dates = (
        _embargo(item),
        _first(item, "NewsManagement/FirstCreated"),
        changed,
        sent,
        _first(item, "Identification/NewsIdentifier/DateId"),
    )
    return Found(
        title=_first(item, ".//NewsLines/HeadLine", ".//body.head//hl1", ".//TitleText"),
        source_id=guid or _first(item, "Identification/NewsIdentifier/NewsItemId") or None,
        source=_party(root, item) or None,
        authors=texts(item, ".//NewsLines/ByLine") or nitf_names(item),
        language=_form(item, ".//DescriptiveMetadata/Language")
        or next(filter(None, (part.get(_LANG) for part in item.iter("NewsComponent"))), None),
        dates=tuple(("record", date) for date in dates if date),
        modified=changed or None,
    )


def _embargo(item: Any) -> str:
    """Return when an item becomes usable; one may also become canceled, and has no embargo."""
    for change in item.iterfind("NewsManagement/StatusWillChange"):
        if last_part(_form(change, "FutureStatus")) in {"", "usable"}:
            return _first(change, "DateAndTime")
    return ""


def _party(root: Any, item: Any) -> str:
    """Return who provides the item, by name."""
    for path in ("Provider/Party", "Source/Party", "Creator/Party"):
        if name := _form(item, f".//AdministrativeMetadata/{path}"):
            return name
    sender = _form(root, "NewsEnvelope/SentFrom/Party")
    return sender or _first(item, "Identification/NewsIdentifier/ProviderId")


def _content(content: Any) -> str:
    """Return the text of one content, nothing for that of a picture or of what lies elsewhere."""
    kinds = [_form(content, "MediaType")]
    for component in content.iterancestors("NewsComponent"):
        kinds.append(_form(component, "Role"))
    if any(kind.lower().startswith(_NO_TEXT) for kind in map(last_part, kinds)):
        return ""
    data = content.find("DataContent")
    if data is None:
        return ""
    if next(data.iter("body.content"), None) is not None:
        return nitf_text(data)
    body = next(data.iter("body"), data)
    return plain(block_text(body))


def _first(element: Any, *paths: str) -> str:
    """Return the first text at the first path that has any."""
    return next((text for path in paths for text in texts(element, path)), "")


def _form(element: Any, path: str) -> str:
    """Return the formal name of what stands at `path`."""
    found = (part.get("FormalName", "").strip() for part in element.iterfind(path))
    return next(filter(None, found), "")


FORMAT = Format(NEWSML_1, (), split_newsml_1, parse_item)
