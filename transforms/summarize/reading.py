"""A sentence as words and marks, and what the cues of its language say of them."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from transforms.summarize.cues import TOKEN, Cues

_CLOSES = {"“": "”", '"': '"', "«": "»", "„": "“”", "”": "”", "「": "」", "‘": "’"}
"""What ends a quotation, by the mark that begins it; ‘ and ’ stand within words too."""
_MARKS = re.compile(f"[{''.join(_CLOSES)}]")

_GRAMMAR = (
    "articles", "subordinators", "openers", "demonstratives", "person", "thing", "places",
    "counted", "answers", "self", "indefinite",
)  # fmt: skip
_PRONOUNS = {"person", "thing", "self"}

ARTICLES = ("articles", "indefinite")
"""Kinds of cues that stand before a noun, and say nothing else of it."""
PAUSES = frozenset(",;:–—-")
"""Marks between clauses."""
STEM = 5
"""Letters by which two forms of a word are known for the same."""


@dataclass(frozen=True)
class Reading:
    """A sentence, or a title.

    Attributes:
        text: all of it.
        raw: its words and marks.
        words: the same in lower case.
        quoted: which of them stand between quotation marks.
        marks: where phrases of each kind of cue begin, and how many words they have.
    """

    text: str
    raw: tuple[str, ...]
    words: tuple[str, ...]
    quoted: frozenset[int]
    marks: dict[str, dict[int, int]]

    def at(self, kind: str, place: int) -> int:
        """Return how many words the phrase of this kind has that begins here; 0 if none does."""
        of = self.marks.get(kind)
        return of.get(place, 0) if of else 0

    def places(self, kind: str) -> list[int]:
        """Return where phrases of this kind begin, outside quotations."""
        return [place for place in self.marks.get(kind, ()) if place not in self.quoted]

    @cached_property
    def start(self) -> int:
        """The place of the first word."""
        return next((n for n, word in enumerate(self.words) if word[0].isalnum()), 0)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its words, each once."""
        return frozenset(self.words)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Beginnings of its longer words."""
        return frozenset(word[:STEM] for word in self.vocabulary if len(word) > 3)

    @cached_property
    def capitals(self) -> tuple[int, ...]:
        """Places of its capitalised words, but for its first one."""
        return tuple(n for n, raw in enumerate(self.raw) if raw[0].isupper() and n > self.start)

    def has_capital_before(self, place: int) -> bool:
        """Return whether a capitalised word that does not open the sentence stands before."""
        return bool(self.capitals) and self.capitals[0] < place

    def is_grammar(self, place: int) -> bool:
        """Return whether the word at `place` only holds the sentence together: "the", "he"."""
        return place in self._grammar

    @cached_property
    def _grammar(self) -> frozenset[int]:
        return frozenset[int]().union(*(self.marks.get(kind, ()) for kind in _GRAMMAR))


def _quotations(text: str) -> list[tuple[int, int]]:
    r"""Return where quotations begin and end, in time in proportion to the text.

    >>> text = "He said “no”, ‘it’s “late’ and \"yes\"."
    >>> [text[start:end] for start, end in _quotations(text)]
    ['“no”', '"yes"']
    """
    found: list[tuple[int, int]] = []
    closing: dict[str, int] = {}
    end = 0
    for match in _MARKS.finditer(text):
        start, mark = match.start(), match.group()
        if start < end:
            continue
        if closing.get(mark, 0) <= start:
            places = (text.find(other, start + 1) for other in _CLOSES[mark])
            closing[mark] = min((place for place in places if place >= 0), default=len(text))
        after = closing[mark] + 1
        is_within_words = mark == "‘" and (_is_letter(text, start - 1) or _is_letter(text, after))
        if after <= len(text) and not is_within_words:
            end = after
            found.append((start, end))
    return found


def _is_letter(text: str, place: int) -> bool:
    return 0 <= place < len(text) and (text[place].isalnum() or text[place] == "_")


def read(text: str, cues: Cues) -> Reading:
    """Return `text` as words and marks."""
    found = list(TOKEN.finditer(text))
    raw = tuple(match.group() for match in found)
    words = tuple("'" if word == "’" else word.lower() for word in raw)
    quoted: frozenset[int] = frozenset()
    if spans := _quotations(text):
        starts = [start for start, _ in spans]
        before = [bisect_right(starts, match.start()) - 1 for match in found]
        quoted = frozenset(
            n
            for n, (match, span) in enumerate(zip(found, before, strict=True))
            if span >= 0 and match.start() < spans[span][1]
        )
    marks = cues.marks(words)
    if not text.isupper():
        for kind in _PRONOUNS & marks.keys():
            marks[kind] = {n: size for n, size in marks[kind].items() if not _is_short(raw[n])}
    return Reading(
        text, raw, words, quoted, {kind: found for kind, found in marks.items() if found}
    )


def _is_short(word: str) -> bool:
    """Return whether `word` is an abbreviation: "US" and "IT" are no pronouns."""
    return len(word) > 1 and word.isupper()
