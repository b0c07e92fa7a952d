"""Who published an article, as far as its row says so."""

import posixpath
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_OF_MANY = re.compile(
    r"\.(?:csv|tsv|jsonl|ndjson|parquet|pq|mbox|warc)(?:\.(?:gz|bz2|zst))?$", re.IGNORECASE
)
"""Endings of files that hold many articles each."""
_NUMBERS = re.compile(r"[\W\d_]+$")
"""What numbers a file or folder, at the end of its name."""


def source_of(row: Mapping[str, Any]) -> str:
    """Return the source of a row; else its host; else what holds its file.

    That is a file of many articles, without the numbers at its end, or the folder of a file that is
    one article, if it is not one of a day: a folder of 300 pages is one source.

    >>> source_of({"source": None, "url": "https://www.news.example/1", "uri": "in/1.html"})
    'news.example'
    >>> source_of({"source": None, "url": None, "uri": "/in/courier/2026-10-01-fire.html"})
    'courier'
    >>> source_of({"source": None, "url": None, "uri": "/in/notes/2026/10-01/fire.txt"})
    'notes'
    >>> source_of({"source": "", "url": "", "uri": "exports/tallis-2026-10-02.jsonl.gz"})
    'tallis'
    """
    return str(row["source"] or "") or host_of(row["url"]) or _of_file(row["uri"] or "")


def _of_file(uri: str) -> str:
    folder, name = posixpath.split(uri)
    if _OF_MANY.search(name) and (stem := _NUMBERS.sub("", _OF_MANY.sub("", name))):
        return stem
    while folder and not _NUMBERS.sub("", posixpath.basename(folder)):  # of a day or a month
        folder = posixpath.dirname(folder.rstrip("/")) if folder.strip("/") else ""
    return posixpath.basename(folder) or name


def web_address(url: str | None) -> str | None:
    """Return `url` if a link may lead there.

    >>> web_address("https://news.example/1"), web_address("javascript:alert(1)")
    ('https://news.example/1', None)
    """
    return url if url and url.startswith(("https://", "http://")) else None


def host_of(url: str | None) -> str:
    """Return the host that a link names, without `www.`.

    >>> host_of("https://www.news.example/1"), host_of(None)
    ('news.example', '')
    """
    return (urlsplit(web_address(url) or "").hostname or "").removeprefix("www.")
