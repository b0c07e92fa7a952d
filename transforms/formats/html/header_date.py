"""The date that stands at the head of an article, beside its headline."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import html

from transforms.formats.html.title import shown_headings, text_of
from transforms.text.date_labels import BEFORE_PRINT, LABELLED, PUBLISHED, UPDATED
from transforms.text.date_lines import MAX_LINE, date_in, date_line, is_date, may_have_date
from transforms.text.words import count_words

_ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:comments?|related|recommend\w*|teasers?|sidebar|widget|most-?read|trending|more"
    r"|footer|nav|menu|next|prev\w*)(?:[\s_-]|$)",
    re.IGNORECASE,
)
"""Class or id of what stands beside an article and has dates of its own."""

_ASIDE = frozenset(("nav", "aside", "footer", "form"))
_CONTAINER = ("article", "main")
_SAYS_PUBLISHED = re.compile(rf"\W*(?:{PUBLISHED})", re.IGNORECASE)

_SENTENCE_WORDS = 3
"""Fewest words around a `<time>` in a paragraph that ends like a sentence: it tells of a day."""

_HEAD_PARAGRAPHS = 2
_LONG = 80
"""Characters from which a paragraph is text: a date below several of them is another one's."""

_DATE_NAME = re.compile(
    r"(?:^|[\s_-])(?:date|datum|fecha|data|time|datetime|timestamp|published?|pubdate|posted|dateline)"
    r"(?:[\s_-]|$)",
    re.IGNORECASE,
)
_DATE_ATTRIBUTE = re.compile(
    r"datetime|content|title|data-.*(?:date|time|publish|stamp|epoch|unix).*"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20|25|1[34])\d\d(?!\d)")
_MAX_PARTS = 3
"""Elements within one that is a date."""

_TIMES = ("time", "relative-time")
_INLINE = frozenset(("i", "em", "b", "strong", "font", "tt"))
"""What old pages set a date in; within a paragraph, it is a part of a sentence."""


def header_dates(tree: html.HtmlElement) -> list[str]:
    """Return the dates at the head of the article, as they are written, best first.

    Those are the `<time>` elements, and those that are called a date, behind the headline and
    before the text; then others there that state nothing but a date; then those before the headline
    in the same article, from the last; then those of an update.
    """
    heading = next(iter(shown_headings(tree)), None)
    home = _home(heading)
    named: list[str] = []
    bare: list[str] = []
    before: list[str] = []
    updated: list[str] = []
    long, behind = 0, heading is None
    for element in tree.iter(
        "time", "relative-time", "p", "h1", "span", "div", "li", "small", "details", *_INLINE
    ):
        if element is heading:
            behind = True
        elif element.tag == "p" and behind and len("".join(element.itertext())) >= _LONG:
            long += 1
            if long >= _HEAD_PARAGRAPHS:
                break
        elif behind or _is_named(element):
            dates = list(_dates_of(element))
            if not dates or _stands_aside(element) or _is_in_sentence(element):
                continue
            several = len({changed for _, changed in dates}) > 1
            is_update = not several and _says_updated(element)
            if not behind:
                place = before if home is not None and home in element.iterancestors() else []
            else:
                place = named if _is_named(element) else bare
            for date, changed in dates:
                (updated if changed or is_update else place).append(date)
    return [*named, *bare, *before[::-1], *updated]


def _is_named(element: html.HtmlElement) -> bool:
    """Return whether an element is called a date."""
    return element.tag in _TIMES or _DATE_NAME.search(element.get("class") or "") is not None


def _home(heading: html.HtmlElement | None) -> html.HtmlElement | None:
    """Return the article, or else the inner part of the page, that a heading stands in."""
    if heading is None:
        return None
    parent = heading.getparent()
    own = parent if parent is not None and parent.tag != "body" else None
    return next(heading.iterancestors(*_CONTAINER), own)


def _dates_of(element: html.HtmlElement) -> Iterator[tuple[str, bool]]:
    """Yield the dates that an element states, and nothing else, and whether of a change."""
    stated = (
        [value for name, value in element.items() if value and _DATE_ATTRIBUTE.fullmatch(name)]
        if _is_named(element)
        else [element.get("datetime") or ""]
    )
    for value in stated:
        if is_date(value):
            yield value.strip(), False
    text = _short_text(element)
    if not text:
        return
    parts = LABELLED.split(text) if len(_YEAR.findall(text)) > 1 else [text]
    for part in sorted(parts, key=lambda part: not _SAYS_PUBLISHED.match(part)):
        if BEFORE_PRINT.match(part):
            continue
        if date := date_in(part) or _beside_names(part):
            yield date, UPDATED.search(part) is not None


def _short_text(element: html.HtmlElement) -> str:
    """Return the text of an element if it may be a date, `""` if it is more or holds a `<time>`."""
    if len(element) > _MAX_PARTS or next(element.iterdescendants("time"), None) is not None:
        return ""
    size = 0
    for piece in islice(element.itertext(), MAX_LINE):
        size += len(piece.strip())
        if size > MAX_LINE:
            return ""
    text = text_of(element)
    return text if may_have_date(text) else ""


def _beside_names(text: str) -> str:
    """Return the date in a line that has only names beside it."""
    found = date_line(text)
    return found.date if found else ""


def _is_in_sentence(element: html.HtmlElement) -> bool:
    """Return whether an element is a part of a paragraph that says more."""
    holder = next(element.iterancestors("p"), None)
    if holder is None or element.tag in _INLINE:
        return holder is not None
    text = text_of(holder)
    said = text.replace(text_of(element), "", 1)
    return (
        element.tag in _TIMES
        and text.endswith(".")
        and count_words(said) >= _SENTENCE_WORDS
        and not (_SAYS_PUBLISHED.match(said) or LABELLED.search(said) or UPDATED.search(said))
        and date_line(text) is None
    )


def _stands_aside(element: html.HtmlElement) -> bool:
    for holder in element.iterancestors():
        name = f"{holder.get('class') or ''} {holder.get('id') or ''}"
        if holder.tag in _ASIDE or (holder.tag not in ("body", "html") and _ELSEWHERE.search(name)):
            return True
    return False


def _says_updated(element: html.HtmlElement) -> bool:
    """Return whether an element, or the label before it, says that the time is of a change."""
    if _SAYS_PUBLISHED.match(text_of(element)):
        return False
    names = " ".join(element.get(name) or "" for name in ("class", "itemprop", "id"))
    previous = element.getprevious()
    parent = element.getparent()
    label = (previous.tail or "") if previous is not None else ""
    label += parent.text or "" if previous is None and parent is not None else ""
    if not label.strip() and previous is not None and previous.tag != "time":
        label = "".join(previous.itertext())
    return UPDATED.search(f"{names} {label[-40:]} {text_of(element)[:40]}") is not None
