"""When an article was published: choosing the date to believe."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from transforms.text.date_calendars import calendar_day, full_year
from transforms.text.date_sources import DATE_SOURCES
from transforms.text.date_text import DateValue, parse_date
from transforms.text.date_words import month_of
from transforms.text.words import fold_script

FUTURE_TOLERANCE = timedelta(hours=24)
"""How far ahead of the clock a date is still believed: local times published without their zone
are up to 14 hours ahead of UTC, and clocks differ."""


FIRST_SHORT_YEAR = 1990
"""No page of the web is older."""

EARLIEST_PATH = 1900
"""A year before this in a path is none, or not one of the common calendar."""


class ChosenDate(NamedTuple):
    """The publication date to use, where it came from, and flags for those not believed."""

    published_at: datetime
    date_source: str
    flags: tuple[str, ...]


def choose_date(
    candidates: Iterable[tuple[str, DateValue]], now: datetime, earliest: datetime
) -> ChosenDate:
    """Return the most trusted date that can be believed.

    Args:
        candidates: (source, value) pairs; tried in the order of `DATE_SOURCES`, and as given within
            a source. Empty values are skipped.
        now: when the article was read; believed when nothing else is, with source `run`.
        earliest: a date before this is not believed.

    Returns:
        The date in UTC, its source, and a flag for each kind of date that was passed over:
        `date_in_future`, `date_too_old`, `date_unreadable`.
    """
    flags: set[str] = set()
    for source, value in sorted(candidates, key=lambda pair: DATE_SOURCES.index(pair[0])):
        if value is None or value == "":
            continue
        date = parse_date(value)
        if date is None:
            flags.add("date_unreadable")
        elif date > now + FUTURE_TOLERANCE:
            flags.add("date_in_future")
        elif date < earliest:
            flags.add("date_too_old")
        else:
            return ChosenDate(date, source, tuple(sorted(flags)))
    return ChosenDate(now, "run", tuple(sorted(flags)))


_YEAR = r"(?P<year>(?:19|20)\d{2})"
_NAME = r"(?P<month>[^\W\d_]{3,9})"
_DAY = r"(?P<day>\d{1,2})"
_SIGN = r"(?P<sign>[/\-_.])"
_PATTERNS = tuple(
    re.compile(rf"(?<!\d){pattern}(?!\d)", re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}{_SIGN}(?P<month>\d{{1,2}})(?P=sign){_DAY}",
        rf"(?P<year>(?:1[34]|25)\d{{2}})(?P<sign>[/-])(?P<month>\d{{1,2}})(?P=sign){_DAY}",
        rf"{_YEAR}{_SIGN}{_NAME}(?P=sign){_DAY}",
        rf"{_DAY}{_SIGN}{_NAME}(?P=sign){_YEAR}",
        rf"(?<![^\W_]){_NAME}{_SIGN}{_DAY}(?P=sign){_YEAR}",
        rf"{_YEAR}/(?P<month>\d{{2}})-?(?P<day>\d{{2}})",
        rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})",
    )
)
"""Year, month and day; Persian and Buddhist years; a month's name first or second."""

_YEAR_LAST = re.compile(
    rf"(?<!\d)(?<!\d{{4}}[/\-_.])(?P<one>\d{{1,2}}){_SIGN}(?P<two>\d{{1,2}})(?P=sign){_YEAR}(?!\d)"
)
_SHORT_YEAR = re.compile(r"(?<=/)(\d\d)/(\d\d)/(\d\d)(?=/|$)")
"""The last only in web addresses, which go from the large to the small; folders of files with two
digits each are parts of a number."""


def date_from_path(path: str) -> datetime | None:
    """Return the day that a path or URL names, as midnight UTC; the last one if it names several.

    Reads 2024/05/13, 2024-05-13, 2024_05_13, 2024/may/13, 13-may-2024, 2024/0513 and 20240513,
    years of `date_calendars` before slashes or hyphens, 13-05-2024 where only one number can be the
    month, and in a web address 24/05/13.

    >>> date_from_path("/news/2024/may/13/storm.html")
    datetime.datetime(2024, 5, 13, 0, 0, tzinfo=datetime.timezone.utc)
    """
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(path):
            month = match["month"]
            number = int(month) if month.isdecimal() else month_of(fold_script(month)) or 0
            date = calendar_day(int(match["year"]), number, int(match["day"]))
            if date and date.year >= EARLIEST_PATH:
                found.append((match.start(), date))
    found += _with_year_last(path)
    if not found and "://" in path:
        found += _with_short_year(path)
    return max(found)[1].replace(tzinfo=UTC) if found else None


def _with_year_last(path: str) -> Iterator[tuple[int, datetime]]:
    """Yield the place and the day of each 13-05-2024 or 05-13-2024, if it cannot be the other."""
    for match in _YEAR_LAST.finditer(path):
        orders = ((match["one"], match["two"]), (match["two"], match["one"]))
        days = {calendar_day(int(match["year"]), int(m), int(d)) for m, d in orders} - {None}
        if len(days) == 1 and (day := days.pop()):
            yield match.start(), day


def _with_short_year(path: str) -> Iterator[tuple[int, datetime]]:
    """Yield the place and the day of each 24/05/13."""
    for match in _SHORT_YEAR.finditer(path):
        day = calendar_day(full_year(match[1]), int(match[2]), int(match[3]))
        if day and FIRST_SHORT_YEAR <= day.year <= datetime.now(UTC).year:
            yield match.start(), day
