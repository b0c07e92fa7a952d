"""The date that stands at the head of an article, beside its headline."""

import re

from lxml import html

from transforms.formats.html.title import shown_headings, text_of
from transforms.text.date_text import parse_date

_ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:comments?|related|recommend\w*|teasers?|sidebar|widget|most-?read|trending|more"
    r"|footer|nav|menu|next|prev\w*)(?:[\s_-]|$)",
    re.IGNORECASE,
)
"""Class or id of what stands beside an article and has dates of its own."""

_ASIDE = frozenset(("nav", "aside", "footer", "form"))
_CONTAINER = ("article", "main")
_UPDATED = re.compile(
    r"updat|modif|revis|edited|correct|aktualis|geändert|stand:|mis[e]? à jour|maj\b"
    r"|actualiz|actualis"
    r"|aggiorna|atualiza|bijgewerkt|gewijzigd|oppdater|uppdater|opdater|ændret|endret|ändrad"
    r"|päivit|muokattu|aktualiz|zmodyf|frissít|módosít|ενημέρ|güncel|обновл|измен|оновл|актуализ",
    re.IGNORECASE,
)
_HEAD_PARAGRAPHS = 2
_LONG = 80
"""Characters from which a paragraph is text: a date below several of them is another one's."""

_WHOLE_DATE = 8
"""Fewest characters of a date with its day."""

_DATE_NAME = re.compile(
    r"(?:^|[\s_-])(?:date|datum|fecha|data|time|datetime|timestamp|published?|pubdate|posted|dateline)"
    r"(?:[\s_-]|$)",
    re.IGNORECASE,
)
_MAX_DATE = 60
"""Characters of an element that is a date, with its label."""

_MAX_PARTS = 3
"""Elements within one that is a date."""

_LABEL = re.compile(r"^[^\W\d]+(?: [^\W\d]+){0,2} ?[:：] ?")
"""A word or three before a date, such as "Published:"."""


def header_dates(tree: html.HtmlElement) -> list[str]:
    """Return the dates at the head of the article, as they are written, best first.

    Those are the `<time>` elements, and those that are called a date, behind the headline and
    before the text; then those before the headline in the same article, from the last; then those
    of an update.
    """
    heading = next(iter(shown_headings(tree)), None)
    home = _home(heading)
    after: list[str] = []
    before: list[str] = []
    updated: list[str] = []
    long, behind = 0, heading is None
    for element in tree.iter("time", "p", "h1", "span", "div", "li", "small"):
        if element is heading:
            behind = True
        elif element.tag == "p" and behind and len("".join(element.itertext())) >= _LONG:
            long += 1
            if long >= _HEAD_PARAGRAPHS:
                break
        elif (date := _stated_day(element)) and not _stands_aside(element):
            if _says_updated(element):
                updated.append(date)
            elif behind:
                after.append(date)
            elif home is not None and home in element.iterancestors():
                before.append(date)
    return [*after, *before[::-1], *updated]


def _home(heading: html.HtmlElement | None) -> html.HtmlElement | None:
    """Return the article, or else the inner part of the page, that a heading stands in."""
    if heading is None:
        return None
    parent = heading.getparent()
    own = parent if parent is not None and parent.tag != "body" else None
    return next(heading.iterancestors(*_CONTAINER), own)


def _stated_day(element: html.HtmlElement) -> str:
    """Return the day that an element states, and nothing else, `""` if it states none."""
    stated = (element.get("datetime") or "").strip()
    if not stated:
        if element.tag != "time" and not _DATE_NAME.search(element.get("class") or ""):
            return ""
        outer = element.tag != "time" and next(element.iter("time"), None) is not None
        text = "" if outer or len(element) > _MAX_PARTS else text_of(element)
        stated = _LABEL.sub("", text, count=1) if len(text) <= _MAX_DATE else ""
    return stated if len(stated) >= _WHOLE_DATE and parse_date(stated) else ""


def _stands_aside(element: html.HtmlElement) -> bool:
    for holder in element.iterancestors():
        name = f"{holder.get('class') or ''} {holder.get('id') or ''}"
        if holder.tag in _ASIDE or (holder.tag not in ("body", "html") and _ELSEWHERE.search(name)):
            return True
    return False


def _says_updated(element: html.HtmlElement) -> bool:
    """Return whether an element, or the label before it, says that the time is of a change."""
    names = " ".join(element.get(name) or "" for name in ("class", "itemprop", "id"))
    previous = element.getprevious()
    parent = element.getparent()
    label = (previous.tail or "") if previous is not None else ""
    label += parent.text or "" if previous is None and parent is not None else ""
    if not label.strip() and previous is not None and previous.tag != "time":
        label = "".join(previous.itertext())
    return _UPDATED.search(f"{names} {label[-40:]} {text_of(element)[:40]}") is not None
