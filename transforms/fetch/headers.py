"""What is read in the headers of an answer, which may say anything."""

import re

import httpx2

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*(?:\"([^\";]*)|'([^';]*)|([^\s;\"']+))", re.IGNORECASE)
_PACKED = ("application/gzip", "application/x-gzip")

MAX_VALIDATOR = 1000
"""Longest ETag or Last-Modified that is kept, in characters: it is sent back with each request."""


def content_type(headers: httpx2.Headers) -> tuple[str, str | None]:
    """Return media type and charset of a Content-Type header, lower case; "" where it names none.

    >>> content_type(httpx2.Headers({"content-type": 'Text/XML; Charset="ISO-8859-1"'}))
    ('text/xml', 'iso-8859-1')
    """
    stated = headers.get("content-type", "")
    named = _MEDIA_TYPE.match(stated.strip())
    charset = _CHARSET.search(stated)
    media_type = named[0].lower() if named else ""
    name = next(filter(None, charset.groups()), "").strip().lower() if charset else ""
    # The client has unpacked it; what was in it is not said.
    return "" if media_type in _PACKED else media_type, name or None


def whole_number(text: str | None) -> int | None:
    r"""Return the number in a header; `None` where it is none, or longer than any that is meant.

    >>> whole_number(" 60 "), whole_number("\xb2"), whole_number("9" * 5000)
    (60, None, None)
    """
    digits = (text or "").strip()
    return int(digits) if re.fullmatch(r"[0-9]{1,18}", digits) else None


def validator(headers: httpx2.Headers, name: str) -> str | None:
    """Return a header by which the next request asks for changes only."""
    value = headers.get(name)
    return value if value and len(value) <= MAX_VALIDATOR else None
