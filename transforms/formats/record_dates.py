"""The dates of a record: Excel's numbers, times of day and zones in fields of their own."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from transforms.formats.values import as_date, as_text
from transforms.text.date_text import MAX_LENGTH, parse_date

_ANOTHER_ZONE = timezone(timedelta(hours=1))

_LONGEST_TIME = 25
"""Characters of a time of day with its zone."""

_MIDNIGHT = re.compile(r"[ T]00:00(?::00)?(?:\.0+)?$")
_SERIAL = re.compile(r"(?:3[3-9]|4\d|5[0-4])\d{3}(?:\.\d+)?")
_FIRST_SERIAL = datetime(1899, 12, 30)  # noqa: DTZ001 (the zone is unknown)
"""Days since this one are Excel's dates; here those of 1990 to 2050."""


def dates_of(values: Iterable[Any]) -> Iterator[str | int | float]:
    """Yield the values that may be dates, as `parse_date` reads them."""
    for date in map(_unserialised, map(as_date, values)):
        if date and (not isinstance(date, str) or len(date) <= MAX_LENGTH):
            yield date


def _unserialised(date: str | int | float | None) -> str | int | float | None:
    """Return a date with the number that Excel keeps in its place made a date again."""
    if not _SERIAL.fullmatch(str(date)):
        return date
    return (_FIRST_SERIAL + timedelta(seconds=round(float(str(date)) * 86_400))).isoformat()


def _day_of_parts(known: Mapping[str, Any]) -> list[str | int | float]:
    """Return the day that columns of year, month and day make, if there are such."""
    parts = [as_text(known.get(name)).removesuffix(".0") for name in ("year", "month", "day")]
    return ["-".join(part.zfill(2) for part in parts)] if all(map(str.isdecimal, parts)) else []


def all_dates(
    values: Iterable[Any], times: list[Any], known: Mapping[str, Any]
) -> list[str | int | float]:
    """Return the dates of a record, best first.

    Where a time of day stands in a field of its own, it is put behind the first date.
    """
    dates = list(dates_of(values)) or _day_of_parts(known)
    day = _MIDNIGHT.sub("", dates[0]) if dates and isinstance(dates[0], str) else ":"
    clocks = [time for time in map(as_text, times) if len(time) <= _LONGEST_TIME]
    both = (f"{day} {time}" for time in clocks if ":" not in day)
    whole = next(filter(parse_date, both), None)
    if not dates:
        return list(filter(parse_date, dates_of(times)))
    return [whole, *dates] if whole else dates


def in_zone(date: str | int | float, zone: str) -> str | int | float:
    """Return a date with the zone that stands in a field of its own, if it needs one."""
    if not isinstance(date, str) or ":" not in date or len(date) + len(zone) >= MAX_LENGTH:
        return date
    needs_one = parse_date(date, UTC) != parse_date(date, _ANOTHER_ZONE)
    return f"{date} {zone}" if needs_one and parse_date(f"{date} {zone}") else date
