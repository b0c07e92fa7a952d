"""XML files: what one is shows only in its content, so that one format reads all."""

import io
from collections.abc import Iterator, Mapping
from functools import partial
from typing import IO

from transforms.formats.base import (
    FileInfo,
    Format,
    Split,
    document,
    letter,
    read_whole,
    split_whole,
)
from transforms.formats.byte_streams import peek
from transforms.formats.feeds.feed_article import parse_entry
from transforms.formats.feeds.feed_entry import ENTRY_TYPE
from transforms.formats.feeds.json_feed import json_feed_documents, read_json_feed
from transforms.formats.feeds.opml import split_opml
from transforms.formats.feeds.sitemap import sitemap_documents, split_sitemap
from transforms.formats.feeds.syndication import feed_documents, split_feed
from transforms.formats.json_records import encode_record
from transforms.formats.wire import newsml_1, newsml_g2, nitf
from transforms.formats.xml.sniff import (
    FEED,
    HEAD,
    HTML,
    NEWSML_1,
    NEWSML_G2,
    NITF,
    OPML,
    SITEMAP,
    root_kind,
    sniff_xml,
)
from transforms.formats.xml.xml_safety import UnsafeXmlError
from transforms.formats.xml_records import find_records, has_text, is_dated
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument

SPLITS: dict[str, Split] = {
    FEED: split_feed,
    SITEMAP: split_sitemap,
    OPML: split_opml,
    HTML: partial(split_whole, media_type=HTML),
    NEWSML_1: newsml_1.split_newsml_1,
    NEWSML_G2: newsml_g2.split_newsml,
    NITF: nitf.FORMAT.split,
}
"""Media type, as `sniff_xml` finds it -> how to split such a file."""


def split_xml(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the documents of an XML file by what its root element says it is.

    One whose root is not known may list records; else it is tried as a feed, because feeds are
    broken in many ways.
    """
    head, whole = peek(stream, HEAD)
    if root_kind(head) is None:
        return read_whole(file, whole, max_bytes, partial(_of_unknown_root, file))
    kind = sniff_xml(head) or FEED
    if kind in SPLITS:
        return SPLITS[kind](file, whole, max_bytes)
    return read_whole(file, whole, max_bytes, partial(_unknown, file, kind))


def _of_unknown_root(file: FileInfo, content: bytes) -> Iterator[RawDocument | DeadLetter]:
    kind = sniff_xml(content[:HEAD])
    try:
        records = find_records(content, recover=kind is None)
    except UnsafeXmlError as error:
        yield letter(file, "unsafe_xml", str(error), content, media_type=FEED)
        return
    if not any(map(has_text, records)):
        found = list(SPLITS[kind or FEED](file, io.BytesIO(content), len(content)))
        if not (any(map(is_dated, records)) and all(map(_is_no_feed, found))):
            yield from found
            return
    for number, record in enumerate(records, 1):
        yield document(file, RECORD_MEDIA_TYPE, encode_record(record), number)


def _is_no_feed(item: RawDocument | DeadLetter) -> bool:
    return isinstance(item, DeadLetter) and item.reason == "not_a_feed"


def _unknown(file: FileInfo, kind: str, content: bytes) -> Iterator[DeadLetter]:
    yield letter(file, "unknown_format", f"no reader for {kind}", content, media_type=kind)


def syndication_documents(
    file: FileInfo, content: bytes, headers: Mapping[str, str]
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the articles of a polled feed of any kind: XML feed, JSON Feed or news sitemap.

    Args:
        file: `uri` is the feed's address.
        content: the body, decompressed and within the size limit.
        headers: of the response, names in lower case.
    """
    if (feed := read_json_feed(content)) is not None:
        yield from json_feed_documents(file, feed)
    elif sniff_xml(content[:HEAD]) == SITEMAP:
        yield from sitemap_documents(file, content)
    else:
        yield from feed_documents(file, content, headers)


FORMAT = Format(
    ENTRY_TYPE, (".xml", ".rss", ".atom", ".rdf", ".cdf", ".opml"), split_xml, parse_entry
)
