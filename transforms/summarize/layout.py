"""How an article is laid out: which sentences make a paragraph, an entry, one long quotation.

A live blog, a list or an interview is many short texts in a row. A sentence of one entry does not
go on from the last one of the entry before, whatever stands there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median_high

from transforms.text.sentence_ends import ends_sentence

_BLANK_LINE = re.compile(r"\n\s*\n")
_OPENING = re.compile(r"[\"“„«‘「『»]")
_MARKS = re.compile(r"[\"“”„«»「」『』]")
_CLOSES = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", "”": "”", '"': '"'}

_TIME = re.compile(
    r"^(?:\+\+\+\s*)?(?:\d{1,2}[:.h]\d{2}|\d{1,2}\s?[ap]\.?m\.?)\s?(?:[ap]\.?m\.?|uhr|gmt|bst|utc|[ec][sd]?t|ist)?"
    r"(?:\b|\s|$)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^(?:\(?\d{1,2}[.)]\s|[-•*▪►‣→]\s|#\d{1,2}\b)")
_TAG = re.compile(r"^(?:[A-ZÀ-ÞА-ЯŁŚŻŹĆ][\w.’' -]{0,30}|[QAFR]|\w{1,4})\s?[:：]\s?\S")
_QUESTION = re.compile(r"[?？;؟][\"”’»)]*$")

_ASKED = re.compile(r"[?？؟](?:[\s\"”’»)]|$)")

_LIVE, _LIST, _TALK = 3, 3, 3
"""Paragraphs that begin with a time, with a number or bullet, with a speaker's name or as a
question, that make an article a live blog, a list, an interview."""

PLAIN, LIVE, LIST, TALK = "plain", "live", "list", "talk"


@dataclass(frozen=True)
class Layout:
    """How the sentences of an article stand.

    Attributes:
        form: `plain`, `live` (blog, ticker), `list`, or `talk` (interview, questions, transcript).
        paragraphs: number of each sentence's paragraph.
        entries: number of each sentence's entry; a plain article is one.
        quoted: whether the sentence begins within a quotation that began before it.
        listed: whether the sentence stands in an item of a list.
        talk_from: the first sentence of the conversation; the number of sentences if there is none.
    """

    form: str
    paragraphs: tuple[int, ...]
    entries: tuple[int, ...]
    quoted: tuple[bool, ...]
    listed: tuple[bool, ...]
    talk_from: int


def layout(text: str, sentences: Sequence[str]) -> Layout:
    """Return how `sentences`, the first of `text`, stand in it."""
    paragraphs = [" ".join(part.split()) for part in _BLANK_LINE.split(text)]
    numbers = _paragraph_numbers(paragraphs, sentences)
    form, starts = _form(paragraphs)
    entries = [sum(start <= number for start in starts) for number in numbers]
    talk = [i for i, number in enumerate(numbers) if form == TALK and number >= starts[0]]
    quoted = _quoted(sentences, numbers)
    items = _items(paragraphs, starts) if form == LIST else frozenset[int]()
    listed = tuple(number in items for number in numbers)
    first_talk = min(talk, default=len(sentences))
    return Layout(form, tuple(numbers), tuple(entries), quoted, listed, first_talk)


def _items(paragraphs: Sequence[str], starts: Sequence[int]) -> frozenset[int]:
    """Return the numbers of the paragraphs that stand in items of a list.

    An item that is only a heading has the paragraphs up to the next one, but no more than is usual
    among them: what follows a list is no item.
    """
    gaps = [following - start for start, following in pairwise(starts)]
    usual = median_high(gaps)
    found = set(starts)
    for start, gap in zip(starts, [*gaps, usual], strict=True):
        if not ends_sentence(paragraphs[start]):
            found |= set(range(start, start + min(gap, usual)))
    return frozenset(found)


def _paragraph_numbers(paragraphs: Sequence[str], sentences: Sequence[str]) -> list[int]:
    """Return the number of the paragraph that each sentence stands in."""
    numbers, number, place = [], 0, 0
    for sentence in sentences:
        found, at = number, place
        while found < len(paragraphs) and (at := paragraphs[found].find(sentence, at)) < 0:
            found, at = found + 1, 0
        if found < len(paragraphs):
            number, place = found, at + len(sentence)
        numbers.append(number)
    return numbers


def _form(paragraphs: Sequence[str]) -> tuple[str, list[int]]:
    """Return the form of an article, and the numbers of the paragraphs that begin an entry."""
    times = [n for n, text in enumerate(paragraphs) if _TIME.match(text)]
    if len(times) >= _LIVE:
        return LIVE, times
    tags = [n for n, text in enumerate(paragraphs) if _TAG.match(text)]
    questions = [n for n, text in enumerate(paragraphs) if _QUESTION.search(text)]
    speakers = [paragraphs[n].partition(":")[0] for n in tags]
    if len(questions) >= _TALK and (len(questions) >= len(paragraphs) / 5):
        return TALK, questions
    if len(tags) >= _TALK and len(set(speakers)) <= 0.7 * len(speakers):
        return TALK, tags
    items = [n for n, text in enumerate(paragraphs) if _ITEM.match(text)]
    if len(items) >= _LIST:
        return LIST, items
    return PLAIN, []


def _quoted(sentences: Sequence[str], numbers: Sequence[int]) -> tuple[bool, ...]:
    """Return which sentences begin within a quotation that an earlier one opened.

    A quotation that goes on in the next paragraph has an opening mark there again.
    """
    found: list[bool] = []
    closing = ""
    paragraphs = [list(group) for _, group in groupby(zip(numbers, sentences, strict=True), _first)]
    for place, paragraph in enumerate(paragraphs):
        texts = [text for _, text in paragraph]
        following = paragraphs[place + 1 : place + 2]
        goes_on = bool(following) and _OPENING.match(following[0][0][1]) is not None
        if closing:
            texts[0] = texts[0][1:]  # the mark that says that it goes on
        begun, closing = _quoted_of(texts, closing, goes_on)
        found += begun
    return tuple(found)


def _first(pair: tuple[int, str]) -> int:
    return pair[0]


def _quoted_of(sentences: list[str], closing: str, goes_on: bool) -> tuple[list[bool], str]:
    """Return the same for one paragraph, and what closes the quotation that is open behind it.

    Args:
        sentences: of the paragraph.
        closing: what closes the one that is open before it; empty if none is.
        goes_on: whether the next paragraph begins with an opening mark.
    """
    straight = sum(sentence.count('"') for sentence in sentences)
    if straight % 2 and not goes_on and not closing:  # a mark too many tells nothing
        return [False] * len(sentences), ""
    begun = []
    opened = -1
    for index, sentence in enumerate(sentences):
        begun.append(bool(closing))
        before, closing = closing, _after(sentence, closing)
        opened = index if closing and not before else opened
    if not closing or goes_on:
        return begun, closing
    if opened < 0:
        return [False] * len(sentences), ""
    # The mark that ends it was forgotten.
    rest, _ = _quoted_of(sentences[opened + 1 :], "", goes_on)
    return begun[: opened + 1] + rest, ""


def _after(sentence: str, closing: str) -> str:
    """Return what closes the quotation that is open after `sentence`; empty if none is.

    Args:
        sentence: to be read.
        closing: what closes the one that is open before.
    """
    for match in _MARKS.finditer(sentence):
        mark, place = match.group(), match.start()
        if closing:
            closing = "" if mark in closing else closing
        elif mark != "”" or not place or sentence[place - 1].isspace():  # ”x” in the north
            closing = _CLOSES.get(mark, "")
    return closing


def continues(before: str) -> bool:
    """Return whether `before` ends with a quotation, which the next sentence may say who said."""
    return bool(re.search(r"[.!?…,。！？][\"”“»」』’]$", before))


def is_question(sentence: str) -> bool:
    """Return whether `sentence` is a question."""
    return _QUESTION.search(sentence) is not None


def asks(sentence: str) -> bool:
    """Return whether there is a question in `sentence`, also in a quotation."""
    return _ASKED.search(sentence) is not None
