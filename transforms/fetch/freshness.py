"""Times that a server states: until when its answer is fresh, and when to come back."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2

from transforms.fetch.headers import whole_number

LONGEST = timedelta(days=7)
"""Longest time ahead that is believed; more is a mistake far more often than a wish."""


def http_date(text: str | None) -> datetime | None:
    """Return the time of an HTTP date; `None` where there is none or it is invalid.

    >>> http_date("Thu, 01 Oct 2026 06:30:00 GMT")
    datetime.datetime(2026, 10, 1, 6, 30, tzinfo=datetime.timezone.utc)
    """
    try:
        time = parsedate_to_datetime(text or "")
        return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):  # what email raises at odd ones
        return None


def fresh_until(headers: httpx2.Headers, now: datetime) -> datetime | None:
    """Return until when the answer is fresh (RFC 9111, a private cache's view), if it says so.

    Cache-Control's max-age, less the Age it already has, goes before Expires, which counts from the
    server's own Date.
    """
    control = headers.get("cache-control", "").lower()
    if re.search(r"\bno-(?:store|cache)\b", control):
        return None
    if (age := re.search(r"(?<![\w-])max-age\s*=\s*\"?([0-9]+)", control)) is not None:
        seconds = int(age[1][:12]) - (whole_number(headers.get("age", "")[:12]) or 0)
        return _ahead(timedelta(seconds=seconds), now)
    expires = http_date(headers.get("expires"))
    return _ahead(expires - (http_date(headers.get("date")) or now), now) if expires else None


def retry_at(headers: httpx2.Headers, now: datetime) -> datetime | None:
    """Return when Retry-After, in seconds or as a date, lets the next request be made."""
    text = headers.get("retry-after", "").strip()
    if (seconds := whole_number(text[:12])) is not None:
        return _ahead(timedelta(seconds=seconds), now)
    date = http_date(text)
    return _ahead(date - now, now) if date else None


def _ahead(wait: timedelta, now: datetime) -> datetime | None:
    return now + min(wait, LONGEST) if wait > timedelta() else None
