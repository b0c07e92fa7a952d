"""The main text of a page: by trafilatura, mended, checked, and by another way where it fails."""

import copy
import logging
import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from itertools import islice
from typing import NamedTuple

import trafilatura
from lxml import etree, html
from trafilatura.readability_lxml import Document

from transforms.formats.html.extraction_checks import faults, orders_models
from transforms.formats.html.markup import parse_fragment, tree_text
from transforms.text.offers import invites_to_pay
from transforms.text.sentence_ends import ends_sentence
from transforms.text.words import count_words, letters

# They log a line for each page that they find odd; what is odd is in the row or the dead letter.
for _library in ("trafilatura", "htmldate"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)

MIN_SHARE = 0.25
"""Least share of the text in paragraphs that a precise extraction may leave. Measured on 140 pages:
good ones are above .36, the one that lost its article was at .13."""

MIN_STATED = 1.5
"""How much longer than the extracted text a stated body must be to be taken instead: one that is
1.4 times as long had the reader comments in it."""

_GAP_WORDS = 6
"""Fewest words of a paragraph that is put back: shorter ones are labels as often as text."""

_LINKED = 0.5
"""Share of a paragraph that may be links, if it is to be looked for as lost."""


_BESIDE = (
    "//*[contains(@class, 'wp-embedded-content') or @data-component='related'"
    " or contains(@class, 'taboola') or contains(@id, 'taboola') or contains(@class, 'outbrain')"
    " or contains(@id, 'outbrain')] | //table[contains(@class, 'related')]"
)
"""What leads to other articles, and is not known to the extractor."""


_EMPTY = (
    "//*[self::a or self::abbr or self::b or self::em or self::font or self::i or self::small"
    " or self::span or self::strong or self::sub or self::sup or self::u][not(*) and not(text())]"
)
"""Anchors, icons, what an editor left of a change."""

_NOT_READ = "//sup[.//a[starts-with(@href, '#')] or parent::a[starts-with(@href, '#')]] | //del"
_NOTE = re.compile(r"[\[(]?(?:\d{1,3}|[a-z*†‡])[\])]?")
_MAX_STRUCK = 300
"""Characters; where more is struck out, it is how the page is made."""

_LEAD = re.compile(
    r"(?:^|[\s_-])(?:stand-?first|lede?|lead|article-?lead|intro(?:duction|text)?|dec?k|chapo"
    r"|vorspann|entradilla|bajada|sommario|ingress|subtitle|sub-?head(?:line|ing)?)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Class of the sentences between the headline and the text."""

_LEAD_WORDS = 10
_MAX_LEADS = 2


class Body(NamedTuple):
    """The text, paragraphs apart by a blank line, and flags on how it was found."""

    text: str
    flags: tuple[str, ...] = ()


def page_body(tree: html.HtmlElement, stated: str, *, favor_precision: bool) -> Body:
    """Return the page's main text.

    The first extraction without faults counts; if all have some, the first. Flags:
    `fallback_extractor` for readability's, `stated_text` for the body that the page states.

    Args:
        tree: the page, without what is hidden; its scripts and styles are taken out.
        stated: the body as its metadata states it: taken if far more than can be extracted.
        favor_precision: trafilatura's setting; it is tried without where it leaves too little.
    """
    etree.strip_elements(tree, "script", "style", with_tail=False)
    _drop_empty(tree)
    first = _trafilatura(tree, favor_precision=favor_precision)
    body = Body(first)
    if first and faults(first):
        others = (Body(text, flags) for text, flags in _others(tree, first))
        body = next((other for other in others if other.text and not faults(other.text)), body)
    if len(stated) > MIN_STATED * len(body.text) and not orders_models(stated):
        return Body(stated, ("stated_text",))
    return body


def _drop_empty(tree: html.HtmlElement) -> None:
    """Take out elements within a line that hold nothing: the text behind one would be lost.

    So go the numbers of notes, and what is struck out.
    """
    for element in tree.xpath(_EMPTY):
        if element.getparent() is not None:
            element.drop_tag()
    for element in tree.xpath(_NOT_READ):
        own = _text(element)
        if element.tag == "sup" and not _NOTE.fullmatch(own):
            continue
        if len(own) <= _MAX_STRUCK and element.getparent() is not None:
            element.drop_tree()


def _others(tree: html.HtmlElement, first: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what other ways of extraction find, and the flags to set."""
    ways: tuple[tuple[Callable[[], str], tuple[str, ...]], ...] = (
        (lambda: _extract(tree, favor_precision=False), ()),
        (lambda: _readability(tree), ("fallback_extractor",)),
    )
    for extract, flags in ways:
        if (text := extract()) != first:
            yield text, flags


def _trafilatura(tree: html.HtmlElement, *, favor_precision: bool) -> str:
    text = _extract(tree, favor_precision=favor_precision)
    if not favor_precision:
        return text
    paragraphs = [(element, _text(element)) for element in tree.iter("p")]
    if len(text) < MIN_SHARE * sum(len(paragraph) for _, paragraph in paragraphs):
        return _extract(tree, favor_precision=False)
    if _has_gaps(text, paragraphs):
        text = fill_gaps(text, _extract(tree, favor_precision=False))
    return "\n\n".join([*_leads(tree, text), text])


def _leads(tree: html.HtmlElement, text: str) -> list[str]:
    """Return what is marked as the lead of the article, ends a sentence, and was not extracted.

    It stands behind the only heading of the first rank and before the first extracted paragraph.
    """
    known = letters(text)
    found: list[str] = []
    behind = False
    for element in tree.iter("h1", "h2", "p", "div"):
        if element.tag == "h1":
            behind, found = True, []
        elif behind and (element.tag != "div" or not len(element)):
            own = _text(element)
            if not _is_running(own):
                continue
            if letters(own) in known:
                return found[:_MAX_LEADS]
            long_enough = count_words(own) >= _LEAD_WORDS and not invites_to_pay(own)
            if long_enough and _is_lead(element):
                found.append(own)
    return []


def _is_lead(element: html.HtmlElement) -> bool:
    around = [element, *islice(element.iterancestors(), 2)]
    return any(_LEAD.search(each.get("class") or "") for each in around)


def _has_gaps(text: str, paragraphs: list[tuple[html.HtmlElement, str]]) -> bool:
    """Return whether a paragraph of running text was left out between two that were not."""
    known = letters(text)
    lost = False
    begun = False
    for element, paragraph in paragraphs:
        if not _is_running(paragraph):
            continue
        if letters(paragraph) in known:
            if lost:
                return True
            begun = True
        elif begun:
            links = sum(len(_text(link)) for link in element.iter("a"))
            lost = lost or links <= _LINKED * len(paragraph)
    return False


def fill_gaps(precise: str, generous: str) -> str:
    r"""Return `precise` with the sentences that `generous` has between two of its paragraphs.

    What `generous` has more at the start, at the end, or in place of something else stays out.

    >>> fill_gaps("A.\n\nC.", "Menu\n\nA.\n\nIt was two when it began to rain.\n\nC.")
    'A.\n\nIt was two when it began to rain.\n\nC.'
    """
    kept, more = precise.split("\n\n"), generous.split("\n\n")
    one, two = ([*map(letters, paragraphs)] for paragraphs in (kept, more))
    filled: list[str] = []
    for kind, start, stop, other, end in SequenceMatcher(None, one, two, False).get_opcodes():
        filled += kept[start:stop]
        if kind == "insert" and 0 < start < len(kept):
            filled += [paragraph for paragraph in more[other:end] if _is_running(paragraph)]
    return "\n\n".join(filled)


def _is_running(paragraph: str) -> bool:
    """Return whether `paragraph` is text and no label; a colon leads to a quotation."""
    return count_words(paragraph) >= _GAP_WORDS and (
        ends_sentence(paragraph) or paragraph.endswith((":", "："))
    )


def _extract(tree: html.HtmlElement, *, favor_precision: bool) -> str:
    text = trafilatura.extract(
        copy.deepcopy(tree),
        favor_precision=favor_precision,
        include_comments=False,
        output_format="txt",
        prune_xpath=_BESIDE,
    )
    return "\n\n".join((text or "").splitlines())


def _readability(tree: html.HtmlElement) -> str:
    # trafilatura's own fork: the original pins a chardet that others cannot live with.
    return tree_text(parse_fragment(Document(copy.deepcopy(tree)).summary()))


def _text(element: html.HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())
