"""Files whose name says another format than their content: a feed saved as a page, JSON as text."""

import re

from transforms.formats.xml.sniff import HTML, root_kind

_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*+<(?:!doctype html|html|head|body)[\s>]", re.IGNORECASE)
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:\[\s*+)?\{\s*+\"[^\"\n]{1,200}\"\s*+:")

SNIFFED = 4096
"""Bytes of a file that are looked at."""

_MARKDOWN = (".md", ".markdown")
_TEXTS = (".txt", ".text", *_MARKDOWN)
_PAGES = (".html", ".htm", ".xhtml")
_LISTS = (".json", ".ninjs")


MISNAMED = (*_TEXTS, *_PAGES, *_LISTS, ".xml", ".rss", ".atom")
"""Endings of files whose content may be of another format."""


def told_ending(name: str, head: bytes) -> str:
    """Return the ending that the content of a file asks for, `""` where its name fits.

    Only what is certain counts: a text may speak of markup, a page may hold nothing else.

    Args:
        name: of the file, without the ending of a compression.
        head: its first bytes, decompressed.

    >>> told_ending("a.html", b"<?xml version='1.0'?><rss version='2.0'>")
    '.xml'
    >>> told_ending("a.txt", b"<!DOCTYPE html><html>"), told_ending("a.txt", b"Storm hits")
    ('.html', '')
    """
    name = name.lower()
    head = head[:SNIFFED]
    kind = root_kind(head) if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else None
    if name.endswith((*_TEXTS, *_LISTS)) and (kind == HTML or _MARKUP.match(head)):
        return ".html"
    if name.endswith((*_TEXTS, *_LISTS, *_PAGES)) and kind not in {None, HTML}:
        return ".xml"
    if name.endswith((*_LISTS, *_MARKDOWN)):  # Markdown's front matter may be JSON
        return ""
    return ".json" if name.endswith(MISNAMED) and _JSON.match(head) else ""
