"""The registry of input formats.

A format knows how to split a file into documents and how to parse one document. To add one, write
a module with a `Format` and add it to `FORMATS`.
"""

from collections.abc import Sequence

from transforms.errors import ConfigError
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
from transforms.formats.guarded import guarded
from transforms.formats.html import saved_pages
from transforms.formats.mail import email_message
from transforms.formats.wire import newsml_1, newsml_g2, nitf
from transforms.named_code import find_named

FORMATS: tuple[Format, ...] = (
    text.FORMAT,
    markdown.FORMAT,
    saved_pages.FORMAT,
    saved_pages.MHTML_FORMAT,
    saved_pages.WEBARCHIVE_FORMAT,
    xml_files.FORMAT,
    newsml_g2.FORMAT,
    newsml_1.FORMAT,
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
"""Every file name ending that newsbeam reads by itself, before that of a compression."""

_added: list[Format] = []
"""Formats of others, which this process reads too."""

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "FileInfo",
    "Format",
    "ParseOptions",
    "by_media_type",
    "by_suffix",
    "endings",
    "read_formats_of_others",
]


def read_formats_of_others(setting: str, names: Sequence[str]) -> None:
    """Have this process read the formats that `names`, the value of `setting`, name as well.

    Those of an earlier call are read no longer.

    Raises:
        ConfigError: one is not there, is no `Format`, or another one has its ending or media type.
    """
    _added.clear()
    for name in names:
        form = find_named(setting, name)
        _check_format(f"{setting}: {name}", form)
        _added.append(guarded(name, form))


def _check_format(where: str, form: object) -> None:
    if not isinstance(form, Format):
        raise ConfigError(f"{where} is {form!r}; name a transforms.formats.Format")
    if not form.suffixes or not all(s.startswith(".") and s == s.lower() for s in form.suffixes):
        raise ConfigError(f"{where}: suffixes are {form.suffixes}; write endings such as ('.abc',)")
    if not (callable(form.split) and callable(form.parse)):
        raise ConfigError(f"{where}: split and parse must be functions")
    taken = {*form.suffixes} & {*endings()}
    if taken or by_media_type(form.media_type):
        what = " ".join(sorted(taken)) or form.media_type
        raise ConfigError(f"{where}: {what} is read by another format; choose another name")


def endings() -> tuple[str, ...]:
    """Return every file name ending that can be read, before that of a compression."""
    return SUFFIXES + tuple(suffix for form in _added for suffix in form.suffixes)


def by_suffix(name: str) -> Format | None:
    """Return the format of a file by its name without a compression's ending, `None` if unknown.

    >>> by_suffix("/in/a.HTML").media_type
    'text/html'
    """
    known = (*FORMATS, *_added)
    return next((form for form in known if name.lower().endswith(form.suffixes)), None)


def by_media_type(media_type: str) -> Format | None:
    """Return the format that parses documents of `media_type`, `None` if unknown."""
    known = (*FORMATS, *_added)
    return next((form for form in known if form.media_type == media_type), None)
