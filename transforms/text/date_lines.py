"""Lines that say when an article was published, and perhaps where and by whom, and nothing else."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from transforms.text.date_labels import LABELLED, UPDATED
from transforms.text.date_text import parse_date
from transforms.text.words import count_words

MAX_LINE = 100
"""Characters of a line that is a date, with its label and perhaps another date."""

_PART = re.compile(r"(?<!\s)\s++(?:[|–—•·/-]++\s++|[|•·]\s*+|(?=[^\W\d]{2,12} ?[:：]))|[|•·]\s*+")
"""What stands between a date and the name or the place beside it."""

_BESIDE = re.compile(rf"{_PART.pattern}|, |\s?[()]\s?|\s(?=\d)")
"""What also does where all that stands beside a date is names: "Norrby, 13 May 2024"."""

_AROUND = " ,;|()•·–/-_*."
_TIME_ALONE = re.compile(r"(?:[^\W\d]++:? ){1,6}\d{1,2} ?[:.h] ?\d{2}\D{0,12}")
"""When an article was changed, on the day that stands before."""

_MAX_PARTS = 3
_MAX_CUTS = 12
_WHOLE_DATE = 8
"""Fewest characters of a date with its day."""

_DIGITS = re.compile(r"(?:\d\D*+){5}|[元\d]年")
"""What every date has: five digits, or a year in East Asia."""

_AND = re.compile(r" (?:and|und|et|y|e|en|og|och|i|a|и|та)(?: last| zuletzt)?$")
"""What stands between a date and that of an update."""

_BETWEEN = re.compile(
    r"[,;]?(?:(?:^| )(?:and|und|et|y|e|en|og|och))?(?:(?:^| )(?:first|last|zuletzt))?[ ,;]*$"
)
"""What stands between two dates, and in front of the label of the second."""

_LABEL = re.compile(r"^[^\W\d]+(?: [^\W\d]+){0,2} ?[:：] ?")
"""A word or three before a date, such as "Published:"."""

_WORDS = """
    by from in at for of the and staff reporter reporters correspondent correspondents editor
    editors writer writers desk team newsroom news agency agencies
    von aus und der die das den agenturen redaktion par de du des la le les et à agences rédaction
    por en el y del agencias redacción di da e redazione do dos das redação
    van door het redactie av af og och i
"""
_SMALL = frozenset(_WORDS.split())
"""Words in lower case that stand beside names."""

_MAX_NAME = 6
"""Words of a name with its role."""

_DEPTH = 2
"""Lines at the head of a text of which one may be its date; the other is a byline or a lead."""


class DateLine(NamedTuple):
    """The date that a line states, as it is written, and the names beside it."""

    date: str
    names: tuple[str, ...] = ()


def may_have_date(text: str) -> bool:
    """Return whether `text` is as short as a line with a date, and has the digits of one."""
    return len(text) <= MAX_LINE and _DIGITS.search(text) is not None


def is_date(text: str) -> bool:
    """Return whether `text` is a date with its day."""
    return len(text.strip()) >= _WHOLE_DATE and parse_date(text) is not None


def date_in(text: str) -> str:
    """Return the date in a line that has nothing else but a label, a name or a place; else `""`.

    >>> date_in("Ada Perrin | Published: 13 May 2024, 22:30")
    'Published: 13 May 2024, 22:30'
    """
    text = _AND.sub("", _LABEL.sub("", text, count=1).strip(" ,;|()•·–-"))
    if is_date(text):
        return text
    cuts = [(match.start(), match.end()) for match in _PART.finditer(text)][:_MAX_PARTS]
    parts = (text[start:stop] for start, stop in _windows(text, cuts))
    return next((part.strip() for part in parts if _is_labelled(part)), "")


def date_line(text: str) -> DateLine | None:
    """Return what a line says if that is a date, and names of persons, places or papers beside it.

    Of a line that says when the article was published and when it was changed, the former.

    >>> date_line("By Jane Doe, Norrby, Nov. 28, 2026, 05:13")
    DateLine(date='Nov. 28, 2026, 05:13', names=('By Jane Doe', 'Norrby'))
    >>> date_line("Updated 29 November 2026 | Published 28 November 2026")
    DateLine(date='Published 28 November 2026', names=())
    >>> date_line("It rained on 28 November 2026")
    """
    if not may_have_date(text):
        return None
    text = " ".join(text.split()).strip(_AROUND)
    return _several_dates(text) or _one_date(text)


def _one_date(text: str) -> DateLine | None:
    cuts = [(match.start(), match.end()) for match in _BESIDE.finditer(text)]
    if len(cuts) > _MAX_CUTS:
        return None
    for start, stop in _windows(text, cuts):
        if _is_labelled(text[start:stop]):
            rest = [*_BESIDE.split(text[:start]), *_BESIDE.split(text[stop:])]
            names = tuple(name for name in map(str.strip, rest) if name.strip(".,:;"))
            if all(map(_is_name, names)):
                return DateLine(_LABEL.sub("", text[start:stop]).strip(), names)
            return None
    return None


def _several_dates(text: str) -> DateLine | None:
    """Return what a line says whose parts begin with "Published", "Updated" and the like."""
    parts = [_BETWEEN.sub("", part).strip(_AROUND) for part in LABELLED.split(text)]
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return None
    found: list[tuple[bool, str]] = []
    names: list[str] = []
    for part in parts:
        is_change = UPDATED.search(part) is not None
        if line := _one_date(part):
            found.append((is_change, line.date))
            names += line.names
        elif not (is_change and _TIME_ALONE.fullmatch(part)):
            names += filter(None, map(str.strip, _BESIDE.split(part)))
    if not found or not all(map(_is_name, names)):
        return None
    return DateLine(min(found, key=lambda item: item[0])[1], tuple(names))


def head_date_line(lines: Sequence[str]) -> tuple[int, DateLine] | None:
    """Return which of the first lines of a text is its date, and what it says.

    In a text of several such lines, as in a chronology, each is the date of what follows it.
    """
    filled = [at for at, line in enumerate(lines) if line.strip()]
    for at in filled[:_DEPTH]:
        found = date_line(lines[at])
        if found and at != filled[-1]:
            others = (lines[other] for other in filled if other != at)
            return None if any(map(date_line, others)) else (at, found)
    return None


def _windows(text: str, cuts: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each run of parts between `cuts`, those from the left first.

    Of those that begin at one place, the longest is first.
    """
    starts = [0, *(end for _, end in cuts)]
    stops = [*(start for start, _ in cuts), len(text)]
    return ((start, stop) for start in starts for stop in stops[::-1] if start < stop)


def _is_labelled(text: str) -> bool:
    return is_date(_LABEL.sub("", text))


def _is_name(text: str) -> bool:
    """Return whether `text` may be a name: of few words, of which none is one of a sentence."""
    words = [word.strip(".,:;'’") for word in text.split()]
    return count_words(text) <= _MAX_NAME and not any(
        (word[:1].islower() and word.casefold() not in _SMALL) or any(map(str.isdecimal, word))
        for word in words
    )
