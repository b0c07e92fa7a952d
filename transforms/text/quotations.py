"""Where quotations and brackets begin and end in a paragraph, whatever marks it uses."""

from collections.abc import Iterator
from typing import NamedTuple

import regex

_MARK = regex.compile("[\"'“”„«»‹›‘’‚「」『』()（）\\[\\]【】《》〈〉]")
_PAIRS = {
    **{"「": "」", "『": "』", "(": ")", "（": "）", "[": "]", "【": "】", "《": "》", "〈": "〉"},
    **{"‹": "›", "‚": "‘"},
}
_CLOSES = {closing: opening for opening, closing in _PAIRS.items() if opening != "‚"}
QUOTES = frozenset("\"'“”„«»‹‘’‚「『")
"""Marks by which a quotation opens; other spans are brackets and titles."""

_OPENED_ANEW = frozenset('"“„')
"""Marks of quotations that may go on in the next paragraph."""

_MAX_SPAN = 3000
"""Characters of the longest quotation: beyond it, two marks do not belong together."""


class Span(NamedTuple):
    """A quotation or bracket, its marks included: `text[start:end]`, opened by `mark`."""

    start: int
    end: int
    mark: str


def spans(text: str) -> list[Span]:
    """Return the quotations and brackets of a paragraph, by their ends; one may stay open.

    >>> text = 'He said "yes" (twice), »ja«, ”ja”, „ja“ and «oui».'
    >>> [text[start:end] for start, end, _ in spans(text)]
    ['"yes"', '(twice)', '»ja«', '”ja”', '„ja“', '«oui»']
    """
    opened: dict[str, int] = {}
    found: list[Span] = []
    for mark, at, opens in _marks(text):
        if opens:
            opened[mark] = at
        elif mark in opened:
            start = opened.pop(mark)
            # What was opened within and not closed there is no quotation.
            opened = {other: place for other, place in opened.items() if place < start}
            if at + 1 - start <= _MAX_SPAN:
                found.append(Span(start, at + 1, mark))
    # A speech of several paragraphs opens each of them, and closes the last.
    unclosed = [place for mark, place in opened.items() if mark in _OPENED_ANEW]
    return [*found, Span(min(unclosed), len(text), "")] if unclosed else found


def _marks(text: str) -> Iterator[tuple[str, int, bool]]:
    """Yield each mark that opens or closes: the opening one of its pair, its place, which it is.

    What opens in one language closes in another: „German“, “English”, ”Swedish”, »Danish«,
    «French». A mark that may do both opens at the start of a word.
    """
    opened: set[str] = set()
    for match in _MARK.finditer(text):
        mark, at = match.group(), match.start()
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        starts_word = not before.isalnum() and before not in (*".,!?…。！？", mark)
        starts_word = starts_word and (after.strip() != "" or mark in "«»")
        if mark in _PAIRS:
            opens, key = True, mark
        elif mark in _CLOSES:
            opens, key = False, _CLOSES[mark]
        elif mark == "'":  # mostly an apostrophe
            tokenised = not before.strip() and after.isspace()
            opens = (tokenised and mark not in opened) or (starts_word and after.isalpha())
            key = mark
            if not (opens or tokenised) and (before not in (*",.!?…",) or after.isalnum()):
                continue
        else:
            partners = [other for other in _PARTNERS[mark] if other in opened]
            opens = not partners or (starts_word and partners == [mark] and not after.isspace())
            opens = opens and (starts_word or mark in "„“" or (mark == '"' and before.isspace()))
            key = mark if opens else partners[0] if partners else ""
            if mark in "‘’" and (before.isalnum() and after.isalnum()):  # an apostrophe
                continue
        if key:
            (opened.add if opens else opened.discard)(key)
            yield key, at, opens


_PARTNERS = {
    '"': ('"',),
    "“": ("„", "”"),
    "”": ("„", "“", "”"),
    "„": (),
    "«": ("»", "«"),
    "»": ("«", "»"),
    "‘": ("‚",),
    "’": ("‘", "’"),
}
"""Marks that each of these may close."""
