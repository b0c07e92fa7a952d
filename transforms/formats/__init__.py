"""The registry of input formats.

A format knows how to split a file into documents and how to parse one document. To add one, write
a module with a `Format` and add it to `FORMATS`.
"""

from transforms.formats import (
    email_message,
    html,
    json_feed,
    markdown,
    newsml_g2,
    nitf,
    records,
    tables,
    text,
    warc,
    xml_files,
)
from transforms.formats.base import FileInfo, Format, ParseOptions

FORMATS: tuple[Format, ...] = (
    text.FORMAT,
    markdown.FORMAT,
    html.FORMAT,
    xml_files.FORMAT,
    newsml_g2.FORMAT,
    nitf.FORMAT,
    warc.FORMAT,
    email_message.EML,
    email_message.MBOX,
    json_feed.FORMAT,
    records.JSON,
    records.JSONL,
    tables.CSV,
    tables.PARQUET,
)

SUFFIXES: tuple[str, ...] = tuple(suffix for form in FORMATS for suffix in form.suffixes)
"""Every file name ending that can be read, before that of a compression."""

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "FileInfo",
    "Format",
    "ParseOptions",
    "by_media_type",
    "by_suffix",
]


def by_suffix(name: str) -> Format | None:
    """Return the format of a file by its name without a compression's ending, `None` if unknown.

    >>> by_suffix("/in/a.HTML").media_type
    'text/html'
    """
    return next((form for form in FORMATS if name.lower().endswith(form.suffixes)), None)


def by_media_type(media_type: str) -> Format | None:
    """Return the format that parses documents of `media_type`, `None` if unknown."""
    return next((form for form in FORMATS if form.media_type == media_type), None)
