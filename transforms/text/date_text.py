"""Reading date strings.

`parse_date` reads what is unambiguous and returns `None` for the rest: a wrong date files an
article under the wrong day for ever, a missing one falls through to the next source. So it never
guesses from relative words ("yesterday"), bare numbers, unknown words or unknown zones. No value
makes it raise.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from transforms.text.date_calendars import (
    FIRST_YEAR,
    PERSIAN_MONTHS,
    calendar_day,
    full_year,
    persian_day,
)
from transforms.text.date_forms import standard_form
from transforms.text.date_words import (
    WORD,
    is_known,
    is_thai,
    is_weekday,
    month_of,
    months_of,
    weekday_languages,
)
from transforms.text.date_zones import zone_of

DateValue = str | int | float | datetime | None

MAX_LENGTH = 150
"""Characters of the longest string that is read as a date."""

_EPOCH_UNITS = ((1e8, 1e10, 1.0), (1e11, 1e13, 1e3), (1e14, 1e16, 1e6), (1e18, 1e19, 1e9))
"""(from, below, units per second): 1973 to 2286 in s, ms, us, and 2001 to 2286 in ns."""

_TICKS = (6.27e17, 6.63e17)
_TICKS_OF_1970 = 621_355_968_000_000_000
"""Ticks of .NET, 10 in a microsecond, count from the year 1; these are 1987 to 2101."""

_ZONE = r"(?P<zone>z\b|(?:utc|gmt)?\s*[+-]\d{1,2}(?::?\d{2})?(?!\d)|[^\W\d_]+(?:/[a-z_]+)*)"
_TIME = re.compile(
    r"(?<![\d:.])(?:@(?P<half>am|pm)\s*)?(?P<hour>\d{1,2})(?::|h|(?<=\d)\.(?=\d\d(?!\d|\.\d)))"
    r"(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?(?![\d:])"
    rf"(?:\s*(?P<half2>[ap]\.?\s?m\b\.?|@[ap]m))?(?:\s*\(?{_ZONE}\)?)?"
)
_ISO = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<yday>\d{3})|-?w(?P<week>\d{2})(?:-?(?P<weekday>[1-7]))?"
    r"|-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?|(?P<month2>\d{2})(?P<day2>\d{2}))?"
    r"(?:(?:t|\s+|(?<=\d{8}))(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2}(?:[.,]\d+)?))?"
    r"\s*(?P<zone>z|(?:utc|gmt)|[+-]\d{2}(?::?\d{2})?)?)?"
)
_SHORT_ISO = re.compile(r"(?:-(?P<ym>\d{2}-?\d{2})|(?P<yy>\d{2})(?P<mm>\d{2})(?P<dd>\d{2}))")
_NUMERIC = re.compile(r"(\d{1,4})([./-])\s?(\d{1,2})\2\s?(\d{1,4})")
_EPOCH = re.compile(r"(?:\d{9,10}|\d{13}|\d{16}|\d{18,19})(?:\.\d+)?|\d\.\d{1,12}e\+?\d{1,2}")


def parse_date(value: DateValue, default_zone: tzinfo = UTC) -> datetime | None:
    """Return the moment that `value` names, in UTC; `None` where it is not certain.

    Reads ISO 8601 and W3C dates, RFC 822 dates, Unix times in s, ms, us or ns, what programs print,
    and dates in words in about 100 languages, by the calendars of `date_calendars`. A date alone is
    its midnight, a month alone its first day. 05/06/2024 can be two days, so it is none; 13/06/2024
    can be only one.

    Args:
        value: what the source says.
        default_zone: zone of a time that names none.

    >>> parse_date("2024-05-13T10:00:00+02:00")
    datetime.datetime(2024, 5, 13, 8, 0, tzinfo=datetime.timezone.utc)
    >>> parse_date("yesterday"), parse_date("05/06/2024")
    (None, None)
    """
    if isinstance(value, datetime):
        day = calendar_day(value.year, value.month, value.day)
        same = value.replace(year=day.year, month=day.month, day=day.day) if day else value
        return _to_utc(same, default_zone)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        if not abs(value) < 1e20:  # nor is it a number at all, or finite
            return None
        whole = int(value) if value == int(value) else value
        return _from_epoch(whole) or parse_date(str(whole), default_zone)
    return _parse_text(value, default_zone) if len(value) <= MAX_LENGTH else None


@lru_cache(maxsize=4096)
def _parse_text(text: str, default_zone: tzinfo) -> datetime | None:
    text = standard_form(text)
    if _EPOCH.fullmatch(text):
        return _from_epoch(int(text) if text.isdecimal() else float(text))
    if match := _ISO.fullmatch(text):
        return _from_iso(match, default_zone)
    if match := _SHORT_ISO.fullmatch(text):
        return _from_short_iso(match, default_zone)
    return _from_words(text, default_zone) if text else None


def _from_epoch(number: float) -> datetime | None:
    if _TICKS[0] <= number < _TICKS[1]:
        return datetime.fromtimestamp((number - _TICKS_OF_1970) / 1e7, UTC)
    for low, high, per_second in _EPOCH_UNITS:
        if low <= number < high:
            return datetime.fromtimestamp(number / per_second, UTC)
    return None


def _from_iso(match: re.Match[str], default_zone: tzinfo) -> datetime | None:
    part = match.groupdict()
    zone = zone_of(part["zone"]) if part["zone"] else default_zone
    year = int(part["year"])
    if part["yday"]:
        date = _strptime(f"{year:04}-{part['yday']}", "%Y-%j")
    elif part["week"]:
        date = _strptime(f"{year:04}-{part['week']}-{part['weekday'] or 1}", "%G-%V-%u")
    else:
        month, day_of_month = part["month"] or part["month2"], part["day"] or part["day2"]
        date = calendar_day(year, int(month or 1), int(day_of_month or 1))
    return _at(date, part["hour"], part["minute"], part["second"], zone)


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 (the zone comes with the time)
    except ValueError:
        return None


def _from_short_iso(match: re.Match[str], default_zone: tzinfo) -> datetime | None:
    if match["ym"]:
        date = calendar_day(full_year(match["ym"][:2]), int(match["ym"][-2:]), 1)
    else:
        date = _only_reading(match["yy"], match["mm"], match["dd"], "-")
    return _to_utc(date, default_zone)


def _from_words(text: str, default_zone: tzinfo) -> datetime | None:
    """Read one time, if there is one, then one numeric or worded date; nothing else may be left."""
    hour = minute = second = half = None
    zone: tzinfo | None = default_zone
    if match := _TIME.search(text):
        hour, minute, second = match["hour"], match["minute"], match["second"]
        half = match["half"] or (match["half2"] or "").lstrip("@")
        before, after = text[: match.start()], text[match.end() :]
        if match["zone"]:
            zone = zone_of(match["zone"])
            if zone is None and is_known(match["zone"]):
                # A word behind the time that is no zone is part of the date.
                zone, after = default_zone, f"{match['zone']} {after}"
        text = f"{before} {after}"
    zone, text = _trailing_zone(zone, default_zone, text)
    return _at(_from_date_words(text), _hour(hour, half), minute, second, zone)


def _trailing_zone(
    zone: tzinfo | None, default_zone: tzinfo, text: str
) -> tuple[tzinfo | None, str]:
    """Return the zone that ends `text`, and the rest; a name in words of dates is none."""
    match = re.search(r"(?:^|\s)\(?([a-z]+/[a-z_/]+|[^\W\d_]{3,5})\)?\s*$", text)
    if match and zone is default_zone and not is_known(match[1]):
        return zone_of(match[1]), text[: match.start()]
    return zone, text


def _from_date_words(text: str) -> datetime | None:
    numeric = list(_NUMERIC.finditer(text))
    if len(numeric) > 1:
        return None
    if numeric:
        text = f"{text[: numeric[0].start()]} {text[numeric[0].end() :]}"
    tokens = re.findall(rf"{WORD}|\d+", text)
    if re.sub(rf"{WORD}|[\d\s,.:;()\[\]|·•・'/_।،@-]", "", text):
        return None
    numbers = [token for token in tokens if token.isdecimal()]
    words = [token for token in tokens if not token.isdecimal()]
    if any(not is_known(word) for word in words):
        return None
    if numeric:
        first, separator, second, third = numeric[0].groups()
        dated = any(not is_weekday(word) and months_of(word) for word in words)
        return None if numbers or dated else _only_reading(first, second, third, separator)
    return _day_month_year(numbers, words)


def _month_among(words: list[str]) -> str | None:
    """Return the one word among `words` that names a month."""
    dated = [word for word in words if months_of(word) or word in PERSIAN_MONTHS]
    # "mar" is March and, in French and Spanish, Tuesday.
    certain = [word for word in dated if not is_weekday(word)] or dated
    if len(certain) > 1:  # "sen 13 mei": the month that is of the weekday's language
        certain = [word for word in certain if _fits_weekdays(word, certain)] or certain
    months = {tuple(months_of(word)) for word in certain}
    return certain[0] if len(months) == 1 else None


def _fits_weekdays(name: str, words: list[str]) -> bool:
    """Return whether the other `words` are weekdays in a language in which `name` is a month."""
    languages = frozenset().union(*months_of(name).values())
    return all(languages & weekday_languages(word) for word in words if word != name)


def _day_month_year(numbers: list[str], words: list[str]) -> datetime | None:
    """Return the day that numbers and a month's name make."""
    name = _month_among(words)
    parts = _day_and_year(numbers)
    if name is None or parts is None:
        return None
    day, year = parts
    if name in PERSIAN_MONTHS:
        return persian_day(int(year), PERSIAN_MONTHS[name], day) if len(year) == 4 else None
    month = month_of(name) or _by_language(name, words)
    return calendar_day(full_year(year, thai=is_thai(name)), month, day) if month else None


def _by_language(name: str, words: list[str]) -> int | None:
    """Return the month of a name that several languages have, by the language of the weekday."""
    spoken = [weekday_languages(word) for word in words if not months_of(word)]
    months = {m for m, said in months_of(name).items() if any(said & langs for langs in spoken)}
    return months.pop() if len(months) == 1 else None


def _day_and_year(numbers: list[str]) -> tuple[int, str] | None:
    """Return the day, the first of the month if there is none, and the digits of the year."""
    if len(numbers) == 1 and len(numbers[0]) == 4:
        return 1, numbers[0]
    if len(numbers) != 2:
        return None
    day, year = numbers if len(numbers[0]) < 3 else reversed(numbers)
    return (int(day), year) if len(year) in (2, 4) and len(day) < 3 else None


def _only_reading(first: str, second: str, third: str, separator: str) -> datetime | None:
    """Return the date that three numbers make, if only one order of them makes a credible one."""
    # as (year, month, day)
    orders = [(first, second, third), (third, second, first), (third, first, second)]
    if len(first) > 2:
        orders = orders[:1]
    elif separator == ".":
        orders = orders[1:2]  # with dots, the day comes first everywhere
    elif len(third) > 2:
        orders = orders[1:]
    years = range(FIRST_YEAR, datetime.now(UTC).year + 2)
    dates = {
        date
        for year, month, day in orders
        if len(year) > 1 and (date := calendar_day(full_year(year), int(month), int(day)))
    }
    if len(dates) > 1:
        dates = {date for date in dates if date.year in years}
    return dates.pop() if len(dates) == 1 else None


def _hour(hour: str | None, half: str | None) -> str | None:
    if hour is None or not half or not 1 <= int(hour) <= 12:
        return hour
    return str(int(hour) % 12 + (12 if half.startswith("p") else 0))


def _at(
    date: datetime | None,
    hour: str | None,
    minute: str | None,
    second: str | None,
    zone: tzinfo | None,
) -> datetime | None:
    if date is None or zone is None:
        return None
    try:
        seconds, fraction = divmod(float((second or "0").replace(",", ".")), 1)
        seconds -= seconds == 60  # a leap second
        midnight = (hour, int(minute or 0), seconds) == ("24", 0, 0)  # the end of the day
        date = date.replace(
            hour=0 if midnight else int(hour or 0),
            minute=int(minute or 0),
            second=int(seconds),
            microsecond=int(fraction * 1e6 + 0.5) % 10**6,
        ) + timedelta(days=midnight)
    except (ValueError, OverflowError):
        return None
    return _to_utc(date, zone)


def _to_utc(date: datetime | None, default_zone: tzinfo) -> datetime | None:
    if date is None:
        return None
    try:
        return (date if date.tzinfo else date.replace(tzinfo=default_zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
