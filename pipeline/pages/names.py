"""How pages are called, and how dates are written on them."""

import hashlib
import re
from datetime import date, datetime

_PLAIN = re.compile(r"[a-z0-9 ,&'()/-]+")


def topic_page(label: str) -> str:
    """Return the address of a topic's page, below the site's.

    >>> topic_page("economy, business and finance")
    'topics/economy-business-and-finance.html'
    >>> topic_page("政治")
    'topics/topic-d22a6f4b.html'
    """
    folded = label.casefold()
    if _PLAIN.fullmatch(folded) and (slug := re.sub("[^a-z0-9]+", "-", folded).strip("-")):
        return f"topics/{slug}.html"
    return f"topics/topic-{hashlib.sha256(label.encode()).hexdigest()[:8]}.html"


def long_date(day: date) -> str:
    """Return a day as a headline has it.

    >>> long_date(date(2026, 10, 1))
    'Thursday 1 October 2026'
    """
    return f"{day:%A} {day.day} {day:%B %Y}"


def short_date(day: date) -> str:
    """Return a day as a link has it.

    >>> short_date(date(2026, 10, 1))
    '1 Oct'
    """
    return f"{day.day} {day:%b}"


def clock(time: datetime, dated: bool = False) -> str:
    """Return the time of day, and the day before it if it is to be `dated`.

    >>> clock(datetime(2026, 10, 1, 6, 5), dated=True)
    '1 Oct, 06:05'
    """
    return f"{short_date(time)}, {time:%H:%M}" if dated else f"{time:%H:%M}"
