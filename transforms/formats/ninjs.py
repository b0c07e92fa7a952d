"""Files of IPTC ninjs: one news object, or an array of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from transforms.errors import Rejected
from transforms.formats.article import make_article
from transforms.formats.base import FileInfo, Format, ParseOptions
from transforms.formats.encoding import decode, load_json
from transforms.formats.fields import find_fields
from transforms.formats.ninjs_object import is_ninjs, ninjs_article
from transforms.formats.records import split_json
from transforms.records import Article, DeadLetter, RawDocument

MEDIA_TYPE = "application/vnd.iptc.ninjs+json"


def split_ninjs(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the news objects of a file: one, an array of them, or a container's."""
    for item in split_json(file, stream, max_bytes):
        yield replace(item, media_type=MEDIA_TYPE)


def parse_ninjs(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a ninjs object; another object is read like any record.

    Raises:
        Rejected: `bad_json`, `not_an_object`, `no_text`, or what `ninjs_article` raises.
    """
    try:
        return _parse(document, options)
    except RecursionError as error:
        raise Rejected("bad_json", "it is nested too deeply") from error


def _parse(document: RawDocument, options: ParseOptions) -> Article:
    try:
        record = load_json(decode(document.content))
    except ValueError as error:
        raise Rejected("bad_json", " ".join(str(error).split())[:200]) from error
    if not isinstance(record, dict):
        raise Rejected("not_an_object", f"a JSON {type(record).__name__}, expected an object")
    if not is_ninjs(record):
        return make_article(document, options, find_fields(record, options.fields))
    return ninjs_article(document, options, record)


FORMAT = Format(MEDIA_TYPE, (".ninjs",), split_ninjs, parse_ninjs)
