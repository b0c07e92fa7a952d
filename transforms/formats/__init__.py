"""The registry of input formats.

A format knows how to split a file into documents and how to parse one document. To add one, write
a module with a `Format` and add it to `FORMATS`.
"""

from transforms.formats import (
    csv_files,
    json_records,
    markdown,
    parquet_files,
    text,
    warc,
    xml_files,
)
from transforms.formats.base import FileInfo, Format, ParseOptions
from transforms.formats.feeds import json_feed
from transforms.formats.html import page
from transforms.formats.mail import email_message
from transforms.formats.wire import newsml_g2, nitf

FORMATS: tuple[Format, ...] = (
    text.FORMAT,
    markdown.FORMAT,
    page.FORMAT,
    xml_files.FORMAT,
    newsml_g2.FORMAT,
    nitf.FORMAT,
    warc.FORMAT,
    email_message.EML,
    email_message.MBOX,
    json_feed.FORMAT,
    json_records.JSON,
    json_records.JSONL,
    csv_files.FORMAT,
    parquet_files.FORMAT,
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
