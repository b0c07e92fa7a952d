"""The names of months and weekdays, as CLDR has them: `date_names.txt`, folded.

To load CLDR itself takes more time than many pages do. `python -m transforms.text.date_names`
writes the file anew.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple

from transforms.text.words import fold_script

LOCALES = (
    "en", "de", "fr", "es", "pt", "it", "nl", "ca", "gl", "eu", "da", "sv", "nb", "nn", "fi", "is",
    "fo", "et", "lv", "lt", "pl", "cs", "sk", "sl", "hr", "sr", "sr_Latn", "bs", "mk", "bg", "uk",
    "be", "ru", "ro", "hu", "el", "tr", "az", "sq", "id", "ms", "jv", "fil", "vi", "af", "sw", "zu",
    "xh", "so", "ha", "yo", "ig", "am", "om", "cy", "ga", "gd", "mt", "lb", "fy", "br", "eo", "ar",
    "ar_SY", "ar_DZ", "ar_TN", "ar_MA", "fa", "ps", "ckb", "ku", "ur", "sd", "he", "hi", "bn", "mr",
    "gu", "pa", "or", "as", "ne", "si", "ta", "te", "kn", "ml", "th", "lo", "my", "km", "ka", "hy",
    "kk", "ky", "uz", "tg", "tk", "mn", "tt", "ko", "ja", "zh", "zh_Hant",
)  # fmt: skip
"""Languages whose month and weekday names are known (from CLDR, through babel)."""

_FILE = "date_names.txt"
_CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")
_MONTHS: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")
_WEEKDAYS: tuple[Literal["wide", "abbreviated", "short"], ...] = (*_MONTHS, "short")


class DateNames(NamedTuple):
    """The folded names of one language: of each month, from January on, and of weekdays."""

    months: tuple[tuple[str, ...], ...]
    weekdays: tuple[str, ...]


@cache
def date_names() -> dict[str, DateNames]:
    """Return the names by locale."""
    lines = files("transforms.text").joinpath(_FILE).read_text("utf-8").splitlines()
    found = {}
    for line in lines:
        locale, *months, weekdays = ([*part.split("|")] for part in line.split("\t"))
        found[locale[0]] = DateNames(tuple(map(tuple, months)), tuple(weekdays))
    return found


def lines_of_cldr() -> Iterator[str]:
    """Yield the lines of the file: a locale, its twelve months, its weekdays, apart by tabs."""
    from babel import localedata  # noqa: PLC0415 (only here, see above)
    from babel.dates import get_day_names, get_month_names  # noqa: PLC0415

    for locale in LOCALES:
        # It lets the weekdays of one language leak into others that are loaded later.
        localedata._cache.clear()
        months: list[list[str]] = [[] for _ in range(12)]
        weekdays: list[str] = []
        for context in _CONTEXTS:
            for width in _MONTHS:
                for month, name in get_month_names(width, context, locale).items():
                    months[month - 1].append(name)
            for any_width in _WEEKDAYS:
                weekdays += get_day_names(any_width, context, locale).values()
        yield "\t".join([locale, *map(_joined, (*months, weekdays))])


def _joined(names: list[str]) -> str:
    plain = (" ".join(fold_script(name).replace(".", "").split()) for name in names)
    return "|".join(dict.fromkeys(plain))


if __name__ == "__main__":
    lines = "".join(f"{line}\n" for line in lines_of_cldr())
    Path(__file__).with_name(_FILE).write_text(lines, "utf-8")
