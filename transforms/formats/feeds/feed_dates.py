"""Dates as feeds write them."""

import re
from datetime import datetime

from transforms.text.date_text import parse_date

_PADDED_MONTH = re.compile(r"^\s*(\d{4})-0(\d\d)-(?=\d\d)")
_SHORT_ORDINAL = re.compile(r"\s*(\d\d)-?(\d{3})\s*")


def parse_feed_date(text: str) -> datetime | None:
    """Return the moment that a feed's date names, in UTC; `None` where it is not certain.

    Reads what `date_text.parse_date` reads, and two forms that only feeds have: a month of three
    digits, and a year of two digits with the day of the year. The latter is read for the years up
    to 2004, when ISO 8601 gave it up.

    feedparser's own reading is not used: it takes "2013-01-28T09:xx:00Z" for midnight, the 61st
    second for the next minute and "22013" for a day in 2022.

    >>> parse_feed_date("03335").isoformat(), parse_feed_date("22013")
    ('2003-12-01T00:00:00+00:00', None)
    """
    if match := _SHORT_ORDINAL.fullmatch(text):
        short = int(match[1])
        year = short + (1900 if short >= 70 else 2000)
        return parse_date(f"{year}-{match[2]}") if year <= 2004 else None
    return parse_date(_PADDED_MONTH.sub(r"\1-\2-", text))
