"""Who wrote it, where and when: bylines, dates and datelines at the start."""

import re
from typing import NamedTuple

from transforms.text.agencies import AGENCY
from transforms.text.date_lines import head_date_line
from transforms.text.roles import OF_PAPERS, is_role


class Byline(NamedTuple):
    """Paragraphs without the byline, and the names found in it."""

    paragraphs: list[str]
    authors: tuple[str, ...]


_NAME = (
    r"[^\W\d_a-z][\w.'’-]*+(?: (?:(?:de|da|del|della|der|den|van|von|bin|al|el|la|le|dos"
    r"|di) ){0,2}[^\W\d_a-z][\w.'’-]*+){1,3}"
)
_ROLE = rf"[\w’'&. ]{{0,40}}?(?:{OF_PAPERS})[\w ]{{0,30}}"
_BYLINE = re.compile(
    rf"(?i:by|von|par|por|written by|text:|story by):? (?P<names>{_NAME}(?:(?:, | and "
    rf"| und | et | y | & ){_NAME}){{0,4}})"
    rf"(?:(?i:\s*[,|•·–—-]\s*{_ROLE}| for (?:the )?{_ROLE}| in {_NAME}))?"
    r"(?:, [A-ZÀ-Þ][\w.'’-]{1,20})?\s*"
)
_LABEL = (
    r"(?i:(?:(?:written|posted|words|reported|story|text|texte?) )?by |von |par |por |door "
    r"|(?:text(?: (?:and|und|&) (?:photos?|fotos?))?|words|tekst|texte|texto|testo|autor(?:in)?"
    r"|auteur|autore|author|автор|bericht) ?: ?)"
)
_ASIDE = (
    rf"(?:(?: (?i:avec|mit|con|com|with) (?:{AGENCY}))|(?: / [^\W\d_a-z][\w -]{{1,30}})"
    r"|(?:[.,;]? ?[|•·]? ?(?i:photos?|fotos?|bilder?|pictures?|images?|foto) ?:[^\n]{0,60})"
    r"|(?: ?[|•·–] ?\d{1,3} ?(?i:min(?:ute)?s?|h(?:ours?)?|d(?:ays?)?)\.?(?i: (?:read|ago))?)"
    r"|(?:,? (?i:on|at|am|um|le|el|op|den) (?=[^\n]{0,12}\d)[^\n.!?]{4,40}))"
)
_LABELLED_BYLINE = re.compile(
    rf"{_LABEL}(?P<names>{_NAME}(?:(?:, | (?:and|und|et|y|e|en|og|och|&) ){_NAME}){{0,4}})"
    rf"{_ASIDE}{{0,2}}"
)
"""A byline that says in a label what it is, or more than names: whose pictures, when, how long."""

_NAME_AND_ROLE = re.compile(rf"(?P<names>{_NAME}), (?P<role>[^,\n]{{4,60}})")
_NAME_ALONE = re.compile(_NAME)

_EASTERN_BYLINE = re.compile(
    r"(?:(?:作者|撰文|记者|記者|文字?|編集|執筆) ?[:：／/|] ?(?P<names>[一-鿿]{2,4}))"
    r"|(?P<korean>[가-힣]{2,4}) ?기자(?: ?[\w.-]{1,40}@[\w.-]{1,40})?"
)
_ROLE_WORD = re.compile(rf"(?i)\b(?:{OF_PAPERS})\b")
_NAMES = re.compile(r", | (?:and|und|et|y|e|en|og|och|&) ")
_NO_NAME = re.compile(
    r"(?i)(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|the|popular|any|all|design|comparison|contrast)\b"
)
_BYLINE_DEPTH = 3
_MAX_BYLINE = 120
_INLINE_BYLINE = re.compile(
    rf"By (?P<names>{_NAME}), [\w’' ]{{0,30}}?(?:Reporter|Writer|Correspondent|Editor)\s+(?=[A-Z])"
)

# Possessive words: a run of capitals and hyphens can be read in one way only, in linear time.
_CAPS_WORD = r"[A-ZÀ-Þ][A-ZÀ-Þ.'’]*+(?:-[A-ZÀ-Þ.'’]++)*+"
_CAPS = rf"(?=[A-ZÀ-Þ][A-ZÀ-Þ.'’-]){_CAPS_WORD}(?:[ /-]{_CAPS_WORD}){{0,3}}"
_TITLED_WORD = r"[A-ZÀ-Þ][\w.'’]*+(?:-[\w.'’]++)*+"
_TITLED = rf"(?=[A-ZÀ-Þ][\w.'’-]){_TITLED_WORD}(?:[ /-]{_TITLED_WORD}){{0,3}}"
_REGION_WORD = r"[A-ZÀ-Þ][\w.’']*+"
_REGION = rf"(?:, ?{_REGION_WORD}(?: {_REGION_WORD}){{0,2}},?)?"
_MONTH = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG"
    r"|SEPT?|OCT|NOV|DEC)[A-Za-z]*\.?"
)
_DATE = rf",? ?\(?(?:{_MONTH} \d{{1,2}}|\d{{1,2}}\.? {_MONTH})(?:,? \d{{4}})?\)?"
_WIRE = r"(?:\((?:[A-Z][\w .'’&/-]{1,30}|[a-z]{2,20}(?:\.com)?)\))"
_KNOWN_WIRE = rf"\((?:{AGENCY})\)"
_DASH = r" ?(?:--+|[-–—])"

_DATELINES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_CAPS}|{_TITLED}){_REGION}(?:{_DATE})? ?{_WIRE}{_DASH}\s*",
        rf"(?:By (?:[A-Z][\w.]* ){{1,5}})?(?:{_CAPS}"
        rf"|{_TITLED}){_REGION}{_DATE} {_KNOWN_WIRE}:?\s+(?=[A-Z])",
        rf"(?:{_CAPS}|{_TITLED}){_REGION}{_DATE}{_DASH} ",
        rf"(?:{_CAPS}|{_TITLED}) {_WIRE} ?: ",
        rf"{AGENCY}{_DASH} (?=[A-Z\"“])",
        rf"\((?i:CNN|{AGENCY})\)(?:{_DASH})?\s+",
        rf"(?=[A-Z. /'-]{{4}}){_CAPS}{_REGION} ?(?:--|[-–—]) (?=[A-ZÀ-Þ\"“])"
        rf"(?![^.!?]{{0,200}} (?:--|[-–—]) )",
        rf"(?=[A-Z]{{5}}|[A-Z]+ [A-Z]){_CAPS}{_REGION} ?: (?=[A-ZÀ-Þ\"“])",
    )
)
_NO_PLACE = re.compile(
    r"(?:BREAKING|UPDATE|WATCH|ANALYSIS|OPINION|EXCLUSIVE|REVIEW|COMMENT|PROFILE"
    r"|INTERVIEW|EXPLAINER|VIDEO"
    r"|UNICEF|UNESCO|INTERPOL|NASDAQ|FACTBOX|TIMELINE|QUESTION|ANSWER|VERDICT|LIVE|CORRECTION|NOTE"
    r"|EUROPOL|OPEC|NATO|NASA|ASEAN|COVID|UEFA|FIFA|YUKOS|SPOILER|WARNING)\b"
)
_MAX_DATELINE = 90


def take_byline(paragraphs: list[str]) -> Byline:
    """Return `paragraphs` without a byline among the first ones, and its authors.

    Her role may stand in the next line.

    >>> take_byline(["By Jane Doe and Ann Lee, Staff Writers", "It rained."])
    Byline(paragraphs=['It rained.'], authors=('Jane Doe', 'Ann Lee'))
    >>> take_byline(["Jane Doe", "Transport correspondent", "It rained."])
    Byline(paragraphs=['It rained.'], authors=('Jane Doe',))
    """
    for at, paragraph in enumerate(paragraphs[:_BYLINE_DEPTH]):
        names = _named_in(paragraph) if len(paragraph) <= _MAX_BYLINE else ""
        has_role = at + 1 < len(paragraphs) and is_role(paragraphs[at + 1])
        if has_role and not names and _NAME_ALONE.fullmatch(paragraph):
            names = paragraph
        end = at + 1 + has_role
        if names and len(paragraphs) > end - at and not _NO_NAME.match(names):
            return Byline(paragraphs[:at] + paragraphs[end:], _split_names(names))
    if paragraphs and (match := _INLINE_BYLINE.match(paragraphs[0])):
        return Byline([paragraphs[0][match.end() :], *paragraphs[1:]], (match["names"],))
    return Byline(paragraphs, ())


def _named_in(paragraph: str) -> str:
    """Return the names in a paragraph that is a byline and nothing else, `""` for another one.

    >>> _named_in("Words: Jane Doe. Photos: Bo Lind"), _named_in("홍길동 기자"), _named_in("By ten")
    ('Jane Doe', '홍길동', '')
    """
    if match := _BYLINE.fullmatch(paragraph) or _LABELLED_BYLINE.fullmatch(paragraph):
        return match["names"].rstrip(".")
    if (match := _NAME_AND_ROLE.fullmatch(paragraph)) and is_role(match["role"]):
        return match["names"]
    eastern = _EASTERN_BYLINE.fullmatch(paragraph)
    return (eastern["names"] or eastern["korean"]) if eastern else ""


def take_date_line(paragraphs: list[str]) -> Byline:
    """Return `paragraphs` without a line at the head that is only a date, and its authors.

    >>> take_date_line(["28 November 2026 | By Jane Doe", "It rained."])
    Byline(paragraphs=['It rained.'], authors=('Jane Doe',))
    """
    head = head_date_line(paragraphs)
    if head is None:
        return Byline(paragraphs, ())
    at, line = head
    authors = tuple(name for part in line.names for name in _split_names(_named_in(part)) if name)
    return Byline(paragraphs[:at] + paragraphs[at + 1 :], authors)


def _split_names(names: str) -> tuple[str, ...]:
    found = (name.strip() for name in _NAMES.split(names))
    return tuple(
        name.title() if name.isupper() else name for name in found if not _ROLE_WORD.search(name)
    )


def drop_dateline(paragraphs: list[str]) -> list[str]:
    """Return `paragraphs` without the place, date and agency that open the first one.

    A bare place must be in capitals and be followed by a sentence: "YUKOS - the oil giant - said"
    stays.

    >>> drop_dateline(["LONDON, March 3 (AP) — It rained."])
    ['It rained.']
    """
    if not paragraphs:
        return paragraphs
    first = paragraphs[0]
    for _ in range(2):  # "Canadian Press - OTTAWA (CP) - "
        first = first[_dateline_end(first) :]
    return [first, *paragraphs[1:]]


def _dateline_end(first: str) -> int:
    if not _NO_PLACE.match(first):
        for dateline in _DATELINES:
            match = dateline.match(first)
            if match and match.end() <= min(_MAX_DATELINE, len(first) - 1):
                return match.end()
    return 0
