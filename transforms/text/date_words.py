"""The words that dates are written with: months and weekdays in many languages, and zones."""

from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import get_day_names, get_month_names

from transforms.text.words import fold

LOCALES = (
    "en", "de", "fr", "es", "pt", "it", "nl", "ca", "gl", "eu", "da", "sv", "nb", "fi", "is", "et",
    "lv", "lt", "pl", "cs", "sk", "sl", "hr", "sr", "sr_Latn", "bs", "mk", "bg", "uk", "be", "ru",
    "ro", "hu", "el", "tr", "az", "sq", "id", "ms", "vi", "af", "sw", "zu", "cy", "ga", "ar", "fa",
    "he", "hi", "bn", "ta", "te", "ml", "th", "ka", "hy", "kk", "ko", "ja", "zh",
)  # fmt: skip
"""Languages whose month and weekday names are known (from CLDR, through babel)."""

GLUE = frozenset((
    "a", "ab", "alle", "am", "as", "at", "um", "uhr", "de", "del", "den", "der", "di", "el", "kl",
    "klo", "la", "le", "om", "on", "of", "ore", "the", "t", "в", "г", "года", "р", "st", "nd", "rd",
    "th", "er", "em", "gada", "published", "updated", "posted", "publie", "publicado", "pubblicato",
))  # fmt: skip
"""Words that may stand between the parts of a date and change nothing."""

_US = {"e": "America/New_York", "c": "America/Chicago", "m": "America/Denver"}
_US |= {"p": "America/Los_Angeles", "a": "America/Halifax"}
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1,
    "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "sast": 2, "cat": 2,
    "eat": 3, "wat": 1, "ist": 5.5, "pkt": 5, "npt": 5.75, "wib": 7, "ict": 7, "hkt": 8, "sgt": 8,
    "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12,
    "nzdt": 13, "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7,
    "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "brt": -3, "art": -3,
}  # fmt: skip
"""Hours east of UTC. RFC 822 fixes the American ones; IST is India's, by far the most frequent."""


def zone_named(name: str) -> tzinfo | None:
    """Return the zone that an abbreviation or IANA name stands for, `None` if it is not known.

    The generic American names (ET, PT, ...) follow daylight saving time.

    >>> zone_named("edt"), zone_named("zz")
    (datetime.timezone(datetime.timedelta(days=-1, seconds=72000)), None)
    """
    name = name.lower()
    if name in _HOURS:
        hours = _HOURS[name]
        return timezone(timedelta(hours=hours)) if hours else UTC
    if len(name) == 2 and name[1] == "t" and name[0] in _US:
        return ZoneInfo(_US[name[0]])
    if "/" not in name:
        return None
    try:
        return ZoneInfo("/".join(_iana_case(part) for part in name.split("/")))
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _iana_case(part: str) -> str:
    return "GMT" if part == "gmt" else "_".join(word.capitalize() for word in part.split("_"))


def month_of(word: str) -> int | None:
    """Return the month, 1 to 12, that a folded word names in English or else in any language.

    A word that names different months in different languages names none.
    """
    return _months(("en",)).get(word) or _months(tuple(LOCALES)).get(word)


def is_weekday(word: str) -> bool:
    """Return whether a folded word names a day of the week in English or any known language."""
    return word in _weekdays(("en",)) or word in _weekdays(tuple(LOCALES))


@cache
def _months(locales: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for locale in locales:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in get_month_names(width, context, locale).items():
                    for word in (fold(name).strip(" ."), fold(name).strip(" .")[:3]):
                        if word.isalpha() and (len(word) > 2 or not word.isascii()):
                            found.setdefault(word, set()).add(month)
    if "en" in locales:
        found["sept"] = {9}
    return {word: months.pop() for word, months in found.items() if len(months) == 1}


@cache
def _weekdays(locales: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        word
        for locale in locales
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for name in get_day_names(width, context, locale).values()
        for word in fold(name).replace("-", " ").replace(".", " ").split()
    )
