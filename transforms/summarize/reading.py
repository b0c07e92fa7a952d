"""A sentence as words and marks, and what the cues of its language say of them."""

import re
from dataclasses import dataclass
from functools import cached_property

from transforms.summarize.cues import TOKEN, Cues

_QUOTATION = re.compile(
    r"“[^”]*”|\"[^\"]*\"|«[^»]*»|„[^“”]*[“”]|”[^”]*”|「[^」]*」|(?<!\w)‘[^’]*’(?!\w)"
)
_MARKS = re.compile(r"[“\"«„”「‘]")

_GRAMMAR = (
    "articles", "subordinators", "openers", "demonstratives", "person", "thing", "places",
    "counted", "answers", "self", "indefinite",
)  # fmt: skip
_PRONOUNS = {"person", "thing", "self"}

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


def read(text: str, cues: Cues) -> Reading:
    """Return `text` as words and marks."""
    found = list(TOKEN.finditer(text))
    raw = tuple(match.group() for match in found)
    words = tuple("'" if word == "’" else word.lower() for word in raw)
    quoted: frozenset[int] = frozenset()
    if _MARKS.search(text):
        spans = [match.span() for match in _QUOTATION.finditer(text)]
        quoted = frozenset(
            n for n, match in enumerate(found) if any(a <= match.start() < b for a, b in spans)
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
