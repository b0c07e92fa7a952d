"""Reading date strings.

`parse_date` reads what is unambiguous and returns `None` for the rest: a wrong date files an
article under the wrong day for ever, a missing one falls through to the next source. So it never
guesses from relative words ("yesterday"), bare numbers, unknown words or unknown zones.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from transforms.text.date_words import GLUE, is_weekday, month_of, zone_named
from transforms.text.words import fold

DateValue = str | int | float | datetime | None

_EPOCH_UNITS = ((1e8, 1e10, 1.0), (1e11, 1e13, 1e3), (1e14, 1e16, 1e6), (1e17, 1e19, 1e9))
"""(from, below, units per second): 1973 to 2286 in s, ms, us, ns; the ranges do not overlap."""

_ZONE = r"(?P<zone>z|(?:utc|gmt)?\s*[+\-−]\d{1,2}(?::?\d{2})?(?!\d)|[a-z]+(?:/[a-z_]+)*)"
_TIME = re.compile(
    r"(?<![\d:.])(?:@(?P<half>am|pm)\s*)?(?P<hour>\d{1,2})(?:[:h]|(?<=\d)\.(?=\d\d(?!\d|\.\d)))"
    r"(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?(?![\d:])"
    rf"(?:\s*(?P<half2>[ap]\.?m\b\.?))?(?:\s*\(?{_ZONE}\)?)?",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<yday>\d{3})|-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?"
    r"|(?P<month2>\d{2})(?P<day2>\d{2}))?"
    r"(?:(?:t|\s+|(?<=\d{8}))(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2}(?:[.,]\d+)?))?"
    r"\s*(?P<zone>z|(?:utc|gmt)|[+\-−]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE,
)
_SHORT_ISO = re.compile(r"(?:-(?P<ym>\d{2}-?\d{2})|(?P<yy>\d{2})(?P<mm>\d{2})(?P<dd>\d{2}))")
_CJK_DATE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号]?")
_CJK_TIME = re.compile(r"(\d{1,2})\s*[時时시点]\s*(\d{2})\s*[分분]?(?:\s*(\d{2})\s*[秒초])?")
_HALF_DAYS = {
    "오전": " @am ",
    "오후": " @pm ",
    "午前": " @am ",
    "午後": " @pm ",
    "上午": " @am ",
    "下午": " @pm ",
}
_NUMERIC = re.compile(r"(\d{1,4})([./-])\s?(\d{1,2})\2\s?(\d{1,4})")


def parse_date(value: DateValue, default_zone: tzinfo = UTC) -> datetime | None:
    """Return the moment that `value` names, in UTC; `None` where it is not certain.

    Reads ISO 8601 and W3C dates, RFC 822 dates, Unix times in s, ms, us or ns, and dates in words
    in about 40 languages. A date alone is its midnight, a month alone its first day. 05/06/2024 can
    be two days, so it is none; 13/06/2024 can be only one.

    Args:
        value: what the source says.
        default_zone: zone of a time that names none.

    >>> parse_date("2024-05-13T10:00:00+02:00")
    datetime.datetime(2024, 5, 13, 8, 0, tzinfo=datetime.timezone.utc)
    >>> parse_date("yesterday"), parse_date("05/06/2024")
    (None, None)
    """
    if isinstance(value, datetime):
        return _to_utc(value, default_zone)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_epoch(float(value)) or parse_date(str(value), default_zone)
    return _parse_text(value, default_zone)


@lru_cache(maxsize=4096)
def _parse_text(text: str, default_zone: tzinfo) -> datetime | None:
    text = _normalize(text)
    if not text or len(text) > 100:
        return None
    if re.fullmatch(r"(\d{9,10}|\d{13}|\d{16}|\d{19})(\.\d+)?", text):
        return _from_epoch(float(text))
    if match := _ISO.fullmatch(text):
        return _from_iso(match, default_zone)
    if match := _SHORT_ISO.fullmatch(text):
        return _from_short_iso(match, default_zone)
    return _from_words(text, default_zone)


def _normalize(text: str) -> str:
    """Return `text` folded: NFKC, lower case, no accents, single spaces, digits."""
    if "오" in text or "년" in text:
        text += " asia/seoul" if not re.search(r"[+-]\d{2}:?\d{2}\s*$", text) else ""
    text = _CJK_DATE.sub(r"\1-\2-\3 ", unicodedata.normalize("NFKC", text))
    text = _CJK_TIME.sub(lambda m: f" {m[1]}:{m[2]}" + (f":{m[3]}" if m[3] else ""), text)
    for word, half in _HALF_DAYS.items():
        text = text.replace(word, half)
    return re.sub(r"\[[\w/]+\]$", "", re.sub(r"\s+", " ", fold(text)).strip())


def _from_epoch(number: float) -> datetime | None:
    for low, high, per_second in _EPOCH_UNITS:
        if low <= number < high:
            return datetime.fromtimestamp(number / per_second, UTC)
    return None


def _from_iso(match: re.Match[str], default_zone: tzinfo) -> datetime | None:
    part = match.groupdict()
    zone = _zone(part["zone"]) if part["zone"] else default_zone
    if part["yday"]:
        date = _ordinal_day(int(part["year"]), int(part["yday"]))
    else:
        month, day_of_month = part["month"] or part["month2"], part["day"] or part["day2"]
        date = calendar_day(int(part["year"]), int(month or 1), int(day_of_month or 1))
    return _at(date, part["hour"], part["minute"], part["second"], zone)


def _ordinal_day(year: int, number: int) -> datetime | None:
    try:
        return datetime.strptime(f"{year:04}-{number}", "%Y-%j")  # noqa: DTZ007 (as below)
    except ValueError:
        return None


def _from_short_iso(match: re.Match[str], default_zone: tzinfo) -> datetime | None:
    if match["ym"]:
        date = calendar_day(_full_year(match["ym"][:2]), int(match["ym"][-2:]), 1)
    else:
        date = _only_reading(match["yy"], match["mm"], match["dd"], "-")
    return _to_utc(date, default_zone)


def _from_words(text: str, default_zone: tzinfo) -> datetime | None:
    """Read one time, if there is one, then one numeric or worded date; nothing else may be left."""
    hour = minute = second = half = None
    zone: tzinfo | None = default_zone
    if match := _TIME.search(text):
        hour, minute, second = match["hour"], match["minute"], match["second"]
        half = match["half"] or match["half2"]
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        if match["zone"]:
            zone = _zone(match["zone"])
            if zone is None and match["zone"].isalpha():
                # A word behind the time that is no zone is part of the date.
                zone, rest = (
                    default_zone,
                    f"{text[: match.start()]} {match['zone']} {text[match.end() :]}",
                )
        text = rest
    zone, text = _trailing_zone(zone, default_zone, text)
    return _at(_from_date_words(text), _hour(hour, half), minute, second, zone)


def _trailing_zone(
    zone: tzinfo | None, default_zone: tzinfo, text: str
) -> tuple[tzinfo | None, str]:
    match = re.search(r"(?:^|\s)\(?([a-z]+/[a-z_/]+)\)?\s*$", text)
    if match and zone is default_zone:
        return zone_named(match[1]), text[: match.start()]
    return zone, text


def _from_date_words(text: str) -> datetime | None:
    numeric = list(_NUMERIC.finditer(text))
    if len(numeric) > 1:
        return None
    if numeric:
        text = f"{text[: numeric[0].start()]} {text[numeric[0].end() :]}"
    if re.sub(r"[\w\s,.()|·'’/-]", "", text):
        return None
    tokens = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+", text)
    numbers = [token for token in tokens if token.isdecimal()]
    month, known = _month_among([token for token in tokens if not token.isdecimal()])
    if not known:
        return None
    if numeric:
        first, separator, second, third = numeric[0].groups()
        return None if numbers or month else _only_reading(first, second, third, separator)
    return _day_month_year(numbers, month) if month else None


def _month_among(words: list[str]) -> tuple[int | None, bool]:
    """Return the one month that `words` name, and whether every word is known and fits."""
    months = {word: month for word in words if (month := month_of(word))}
    if any(not (w in months or w in GLUE or is_weekday(w)) for w in words):
        return None, False
    # "mar" is March and, in French and Spanish, Tuesday.
    certain = {month for word, month in months.items() if not is_weekday(word)}
    candidates = certain or set(months.values())
    return (candidates.pop(), True) if len(candidates) == 1 else (None, not candidates)


def _day_month_year(numbers: list[str], month: int) -> datetime | None:
    if len(numbers) == 1 and len(numbers[0]) == 4:
        return calendar_day(int(numbers[0]), month, 1)
    if len(numbers) != 2:
        return None
    day, year = numbers if len(numbers[0]) < 3 else reversed(numbers)
    return calendar_day(_full_year(year), month, int(day)) if len(year) in (2, 4) else None


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
    years = range(1990, datetime.now(UTC).year + 2)
    dates = {
        date
        for year, month, day in orders
        if len(year) in (2, 4) and (date := calendar_day(_full_year(year), int(month), int(day)))
    }
    if len(dates) > 1:
        dates = {date for date in dates if date.year in years}
    return dates.pop() if len(dates) == 1 else None


def _full_year(digits: str) -> int:
    """Return the year; of two digits, 00 to 49 are 20xx and 50 to 99 are 19xx (RFC 2822)."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 50 else 1900)


def calendar_day(year: int, month: int, day: int) -> datetime | None:
    """Return the midnight of a day, naive; `None` if there is no such day."""
    try:
        return datetime(year, month, day)  # noqa: DTZ001 (the zone comes with the time)
    except ValueError:
        return None


def _hour(hour: str | None, half: str | None) -> str | None:
    if hour is None or half is None or not 1 <= int(hour) <= 12:
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
        date = date.replace(
            hour=int(hour or 0),
            minute=int(minute or 0),
            second=int(seconds),
            microsecond=int(fraction * 1e6 + 0.5) % 10**6,
        )
    except ValueError:
        return None
    return _to_utc(date, zone)


def _to_utc(date: datetime | None, default_zone: tzinfo) -> datetime | None:
    if date is None:
        return None
    try:
        return (date if date.tzinfo else date.replace(tzinfo=default_zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _zone(text: str) -> tzinfo | None:
    match = re.fullmatch(r"(?:utc|gmt)?\s*([+\-−])(\d{1,2}):?(\d{2})?", text, re.IGNORECASE)
    if not match:
        return zone_named(text)
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > timedelta(hours=24) - timedelta(minutes=1) or int(match[3] or 0) > 59:
        return None
    return timezone(offset if match[1] == "+" else -offset)
