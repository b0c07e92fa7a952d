"""When the article of a page was published and changed, as the page says."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from htmldate import find_date
from lxml import html

from transforms.formats.html.header_date import header_dates
from transforms.formats.html.json_ld import SCRIPTS, literal, types_of
from transforms.formats.html.statements import Statements
from transforms.formats.html.title import text_of
from transforms.text.date_text import DateValue, parse_date
from transforms.text.date_words import month_of
from transforms.text.words import fold, letters

_PUBLISHED = ("articlepublishedtime", "ogarticlepublishedtime", "datepublished", "articlepublished")
"""Names of meta tags, letters and digits only, that count before others of `_ALSO_PUBLISHED`."""

_ALSO_PUBLISHED = re.compile(
    r"(?:og|article|news|story|post|content|dcterms|dcsext|dc|bt|rnews|vr|prism|twt|rb|shareaholic"
    r"|mediator|citation|parsely|cxenseparse|recs|original|first|date)*+"
    r"(?:datepublished|publisheddate|publishedtime|publishedat|published|publishdate|publishtime"
    r"|pubdate|pubtime|publicationdate|dateissued|issued|datepublication)"
    r"|sailthrudate|articledateoriginal|displaydate|ptime|weiboarticlecreateat"
)
_PAGES = ("WebPage", "ItemPage")
_DATED = ("dcterms.created", "dc.date", "dcterms.date", "dc.date.created", "date")
"""Of the draft, of the page or of the article: they count where nothing says more."""

_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")

_MARKED = (
    "//*[@itemprop and contains(concat(' ', @itemprop, ' '), ' datePublished ')]"
    " | //time[@datetime and @pubdate]"
    " | //*[@title and (self::abbr or self::time)"
    " and contains(concat(' ', @class, ' '), ' published ')]"
)
_CLOCK = re.compile(r"\d:\d\d|T\d{4}|\d[hH.]\d\d\b")
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)? ?(?:Z|[+-]\d\d:?\d\d)?$")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_UNCLEAR = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})(?!\d)")
"""A date in numbers alone; with dots between them, the day comes first everywhere."""

_NEW_YEAR = re.compile(
    r"(?<!\d)(?P<iso>\d{4})[-./年 ]{1,2}0?1[-./月 ]{1,2}0?1(?!\d)"
    r"|(?<!\d)0?1[-./ ]{1,2}0?1[-./ ]{1,2}(?P<dotted>\d{4})(?!\d)"
    r"|(?<!\d)0?1(?:\.|st|er|º)? (?:de )?(?P<name>[^\W\d_]{3,12})\.?,? (?:del? )?(?P<named>\d{4})"
    r"|(?P<first>[^\W\d_]{3,12})\.? 0?1(?:st)?,? (?P<year>\d{4})"
)
"""What may be a first of January."""

_DIGITS = re.compile(r"\d")
_FEWEST_DIGITS = 6
"""Digits of a date in numbers: what has as many and cannot be read is not guessed at."""

_NAMED_MONTH = re.compile(r"/((?:19|20)\d\d)/([^\W\d_]{3,9})(?:/(\d{1,2}))?(?=/|$)")
_TEXT_SCANNED = 200_000
"""Characters of a page's text in which a guess is looked up."""


class PageDates(NamedTuple):
    """The dates of an article, best first, and when it was changed."""

    published: tuple[DateValue, ...]
    modified: DateValue


def page_dates(page: Statements) -> PageDates:
    """Return what the page says of when its article was published and changed.

    A statement on the publication counts before what stands at the head of the article, and that
    before a date of the draft or the page. If the best has no time of day, one of the same day that
    has takes its place. Only where nothing is stated, the text of the page is searched, and what
    could be two days is not guessed. When it was changed comes last.
    """
    stated = list(filter(None, _stated(page)))
    if not any(parse_date(date) and _has_time(date) for date in stated):
        stated += filter(None, (*header_dates(page.tree), *_dated(page)))
    readable = [date for date in stated if parse_date(date)]
    dates: list[DateValue] = [*stated]
    if readable:
        at = stated.index(readable[0])
        dates[at:at] = [_refined(readable[0], readable[1:])]
    elif not any(len(_DIGITS.findall(date)) >= _FEWEST_DIGITS for date in stated):
        dates.append(_searched(page))
    modified = (literal(page.article.get("dateModified")), page.first(*_MODIFIED))
    changed = next(filter(None, modified), None)
    # A change is never before the publication, and nearer to it than the time of the file.
    return PageDates(tuple(dict.fromkeys([*dates, changed])), changed)


def _stated(page: Statements) -> Iterator[str]:
    """Yield the dates that are stated to be of the publication."""
    yield literal(page.article.get("datePublished")) or literal(page.article.get("uploadDate"))
    named = {letters(name): _once(contents[0]) for name, contents in reversed(page.meta.items())}
    yield from (named[name] for name in _PUBLISHED if name in named)
    yield from (named[name] for name in reversed(named) if _ALSO_PUBLISHED.fullmatch(name))
    for element in page.tree.xpath(_MARKED)[:1]:
        yield _date_of(element)
    pages = (
        node for node in page.linked.nodes if any(name.endswith(_PAGES) for name in types_of(node))
    )
    yield from filter(None, (literal(node.get("datePublished")) for node in pages))


def _once(date: str) -> str:
    """Return a date that was written twice with a comma between, once."""
    first, _, rest = date.partition(",")
    return first if first.strip() == rest.strip() else date


def _dated(page: Statements) -> Iterator[str]:
    """Yield the dates of the draft, or of the page."""
    yield literal(page.article.get("dateCreated"))
    for name in _DATED:
        yield from page.meta.get(name, ())[:1]


def _date_of(element: html.HtmlElement) -> str:
    stated = (element.get(name) for name in ("datetime", "content", "title"))
    return next(filter(None, stated), "") or text_of(element)


def _refined(date: str, others: list[str]) -> str:
    """Return the first of `others` that gives `date` its time of day, else `date` itself."""
    if _has_time(date):
        return date
    return next((other for other in others if _has_time(other) and _same_day(date, other)), date)


def _has_time(date: str) -> bool:
    return _CLOCK.search(date) is not None and _MIDNIGHT.search(date) is None


def _same_day(date: str, other: str) -> bool:
    """Return whether `other` is within the day that `date` names, in its own zone or in UTC."""
    day, moment = parse_date(date), parse_date(other)
    assert day is not None
    assert moment is not None
    written = _ISO_DAY.match(other)
    named = _ISO_DAY.match(date)
    days = {moment.date().isoformat(), written[0] if written else ""}
    return bool(days & {day.date().isoformat(), named[0] if named else "-"})


def _searched(page: Statements) -> str | None:
    """Return htmldate's guess; where it takes what could be two days for one of them, that.

    It would believe what JSON-LD says of other articles, so that is not shown to it.
    """
    if page.linked.nodes or page.linked.listed:
        for script in page.tree.xpath(SCRIPTS):
            script.drop_tree()
    try:
        guess: str | None = find_date(page.tree, extensive_search=True, original_date=True)
    except (ValueError, OverflowError):  # an offset of a day, a year of five digits
        return None
    day = parse_date(guess)
    if day is None:
        return guess
    if named := _month_in_address(page.addresses, day.year):
        return named
    text = " ".join(page.tree.itertext())[:_TEXT_SCANNED]
    if (day.day, day.month) == (1, 1) and not _has_new_year(text, day.year):
        return None  # of a year alone, such as that of the copyright
    return _unclear(text, day) or guess


def _month_in_address(addresses: tuple[str, ...], year: int) -> str:
    """Return the day that an address names with its month in letters; htmldate reads the year."""
    for address in addresses:
        for match in _NAMED_MONTH.finditer(address):
            month = month_of(fold(match[2]))
            if month and int(match[1]) == year:
                return f"{year}-{month:02}-{int(match[3] or 1):02}"
    return ""


def _has_new_year(text: str, year: int) -> bool:
    """Return whether a first of January of `year` is written in `text`."""
    for match in _NEW_YEAR.finditer(text):
        stated = next(filter(None, match.group("iso", "dotted", "named", "year")))
        month = match["name"] or match["first"]
        if int(stated) == year and (month is None or month_of(fold(month)) == 1):
            return True
    return False


def _unclear(text: str, day: datetime) -> str:
    """Return how `text` writes `day` if as two numbers of which either may be the month."""
    if day.day > 12 or day.day == day.month:
        return ""
    numbers, years = {day.day, day.month}, {day.year, day.year % 100}
    for match in _UNCLEAR.finditer(text):
        if {int(match[1]), int(match[2])} == numbers and int(match[3]) in years:
            return match[0]
    return ""
