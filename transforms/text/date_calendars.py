"""Years as countries count them: Buddhist, Persian, Japanese eras, the Republic of China."""

import re
from datetime import UTC, datetime, timedelta

FIRST_YEAR = 1990
"""No news that is read here is older, where it matters: which calendar a year is of."""

ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "民国": 1911}
ERAS |= {"民國": 1911, "s": 1925, "h": 1988, "r": 2018, "昭": 1925, "平": 1988, "令": 2018}
"""Era -> the year before its first. The letters stand for Shōwa, Heisei and Reiwa."""

BUDDHIST = 543
"""Years from the Buddhist era, which Thailand, Laos and Cambodia count, to the common one."""

PERSIAN_MONTHS = {
    "فروردین": 1, "اردیبهشت": 2, "خرداد": 3, "تیر": 4, "مرداد": 5, "امرداد": 5, "شهریور": 6,
    "مهر": 7, "ابان": 8, "اذر": 9, "دی": 10, "بهمن": 11, "اسفند": 12, "حمل": 1, "ثور": 2,
    "جوزا": 3, "سرطان": 4, "اسد": 5, "سنبله": 6, "میزان": 7, "عقرب": 8, "قوس": 9, "جدی": 10,
    "دلو": 11, "حوت": 12,
}  # fmt: skip
"""Months of Iran, then of Afghanistan, folded."""

_LEAP_OF_33 = (1, 5, 9, 13, 17, 22, 26, 30)
"""Leap years of the Persian calendar by their remainder of 33: right from 1178 to 1633 (the years
1799 to 2254), as tables of the equinox say."""

_KANJI = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_KANJI |= {"七": 7, "八": 8, "九": 9}


def calendar_day(year: int, month: int, day: int) -> datetime | None:
    """Return the midnight of a day, naive; `None` if there is no such day.

    A year of 2400 to 2699 is Buddhist. One that as a Persian year lies between `FIRST_YEAR` and
    next year is Persian: as a common one it would be of the middle ages.

    >>> calendar_day(2567, 5, 13) == calendar_day(2024, 5, 13) == calendar_day(1403, 2, 24)
    True
    """
    if 2400 <= year < 2700:
        year -= BUDDHIST
    elif FIRST_YEAR - 621 <= year <= datetime.now(UTC).year - 620:
        return persian_day(year, month, day)
    try:
        return datetime(year, month, day)  # noqa: DTZ001 (the zone comes with the time)
    except (ValueError, OverflowError):
        return None


def persian_day(year: int, month: int, day: int) -> datetime | None:
    """Return the midnight of a day of the Persian solar calendar; `None` if there is no such day.

    >>> persian_day(1403, 1, 1)
    datetime.datetime(2024, 3, 20, 0, 0)
    """
    if not (1178 <= year <= 1633 and 1 <= month <= 12):
        return None
    long = month <= 6 or (month == 12 and year % 33 in _LEAP_OF_33)
    if not 1 <= day <= (31 if month <= 6 else 30 if long or month < 12 else 29):
        return None
    in_year = 31 * min(month - 1, 6) + 30 * max(month - 7, 0) + day - 1
    days = _days_before(year) - _days_before(1403) + in_year
    return datetime(2024, 3, 20) + timedelta(days=days)  # noqa: DTZ001 (as above)


def _days_before(year: int) -> int:
    """Return the days of all Persian years before `year`."""
    rounds, rest = divmod(year, 33)
    leaps = sum(remainder < rest for remainder in _LEAP_OF_33)
    return 365 * year + len(_LEAP_OF_33) * rounds + leaps


def full_year(digits: str, *, thai: bool = False) -> int:
    """Return the year; of two digits, 00 to 49 are 20xx and 50 to 99 are 19xx (RFC 2822).

    Three digits are a year of the Republic of China.

    Args:
        digits: as written.
        thai: whether the month is in Thai: then 67 is the Buddhist year 2567, where that lies
            between `FIRST_YEAR` and next year.

    >>> full_year("67"), full_year("67", thai=True), full_year("24", thai=True)
    (1967, 2024, 2024)
    """
    year = int(digits)
    if len(digits) > 2:
        return year + ERAS["民國"] * (len(digits) == 3)
    if thai and FIRST_YEAR <= 2500 - BUDDHIST + year <= datetime.now(UTC).year + 1:
        return 2500 - BUDDHIST + year
    return year + (2000 if year < 50 else 1900)


def plain_numerals(text: str) -> str:
    """Return East Asian text with digits for its numerals where they count years, months and days.

    >>> plain_numerals("二〇二四年五月十三日"), plain_numerals("令和元年七月二十八日")
    ('2024年5月13日', '令和1年7月28日')
    """
    text = re.sub(r"元(?=\s*年)", "1", text)
    return re.sub(r"[〇零一二三四五六七八九十]+(?=\s*[年月日号時时点分])", _number, text)


def _number(match: re.Match[str]) -> str:
    numeral = match[0]
    if "十" not in numeral:
        return "".join(str(_KANJI[digit]) for digit in numeral)
    tens, _, ones = numeral.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return numeral
    return str(10 * (_KANJI[tens] if tens else 1) + (_KANJI[ones] if ones else 0))
