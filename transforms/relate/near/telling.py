"""A text, read for what it tells: its words, and which of them are names, numbers and days."""

from enum import IntEnum
from functools import cached_property, lru_cache
from itertools import islice, pairwise

import regex

from transforms.relate.near.signature import (
    SHINGLE_WORDS,
    shingles_in_order,
    word_matches,
    words_of,
)
from transforms.text.date_words import is_weekday, month_of
from transforms.text.sentence_ends import ends_sentence
from transforms.text.words import fold

LEAD = 40
"""Words at the start of a text that hold its news, at most: its first sentence."""

MIN_LEAD_WORDS = 20
"""A shorter first sentence is taken with the next one."""

_LONG_WORD = 4
"""Letters; most shorter words only hold a sentence together."""

_DAY_MARKS = frozenset("日号號曜일")
_WEEK_MARKS = frozenset("期周週")
"""Where a word is one character: what follows a day, and what comes before a day of the week."""

_INNER_NAME = regex.compile(r"(?<=[\w,;–/)(&-][\s'’]{1,2})\p{Lu}[^\W_]*")
"""A word with a capital letter that follows another one of its sentence."""


class Kind(IntEnum):
    """What a word is."""

    PLAIN = 0
    NAME = 1
    NUMBER = 2


class Telling:
    """A text, read for what it tells.

    Attributes:
        words: its words, case folded.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self.words = words_of(text.casefold())

    @cached_property
    def kinds(self) -> list[Kind]:
        """Of each word, whether it is a name or a number.

        A name has a capital letter that does not come of the start of a sentence; where nouns have
        one, too, they count.
        """
        written = words_of(self._text)
        names = {name.casefold() for name in _INNER_NAME.findall(self._text)}
        names.difference_update(word for word in written if word.islower())
        return [
            Kind.NUMBER if word[0].isdigit() else Kind.NAME if word in names else Kind.PLAIN
            for word in self.words
        ]

    @cached_property
    def lead(self) -> int:
        """The number of words of the lead."""
        matches = list(islice(word_matches(self._text), LEAD))
        for count, (match, following) in enumerate(pairwise(matches), 1):
            between = self._text[match.end() : following.start()]
            if count >= MIN_LEAD_WORDS and ("\n" in between or ends_sentence(between.rstrip())):
                return count
        return LEAD

    @cached_property
    def shingles(self) -> list[str]:
        """Every `SHINGLE_WORDS` words in a row, in order."""
        return shingles_in_order(self.words)

    @cached_property
    def shingle_set(self) -> frozenset[str]:
        """The same, each once."""
        return frozenset(self.shingles)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its words, each once."""
        return frozenset(self.words)

    @cached_property
    def lead_words(self) -> frozenset[str]:
        """The longer words of the lead; pairs of characters where words are single ones."""
        lead = self.words[: self.lead]
        pairs = (a + b for a, b in pairwise(lead) if len(a) == len(b) == 1)
        return frozenset((*(word for word in lead if len(word) >= _LONG_WORD), *pairs))

    @cached_property
    def has_case(self) -> bool:
        """Whether most of its words are of a script that has capital letters."""
        return 2 * sum(word.upper() != word for word in self.words) > len(self.words)

    def is_day(self, place: int) -> bool:
        """Return whether a word is a weekday, or a month or the number of a day in a date."""
        word = self.words[place]
        before, after = self.words[max(0, place - 1) : place], self.words[place + 1 : place + 2]
        beside = [*before, *after]
        if self.kinds[place] == Kind.NUMBER:
            return len(word) <= 4 and any(_is_month(one) or one in _DAY_MARKS for one in beside)
        if len(word) == 1:
            return bool(_WEEK_MARKS & set(before)) or "曜" in after
        return self.is_weekday(place) or (
            _is_month(word) and any(one[0].isdigit() for one in beside)
        )

    def is_weekday(self, place: int) -> bool:
        """Return whether a word is the name of a weekday, written out."""
        word = self.words[place]
        # Shorter ones are mostly something else: "sun", "mon", "по".
        return len(word) > (3 if word.upper() != word else 1) and _is_weekday(word)

    def known_to(self, other: "Telling") -> list[bool]:
        """Return of each word whether it stands within words that `other` has in a row as well."""
        known = [False] * len(self.words)
        for start, shingle in enumerate(self.shingles):
            if shingle in other.shingle_set:
                known[start : start + SHINGLE_WORDS] = [True] * SHINGLE_WORDS
        return known

    def lead_held_by(self, other: "Telling") -> float:
        """Return the part of the lead's shingles that `other` has as well."""
        lead = self.shingles[: self.lead - SHINGLE_WORDS + 1]
        return sum(shingle in other.shingle_set for shingle in lead) / max(len(lead), 1)


@lru_cache(50_000)
def _is_weekday(word: str) -> bool:
    folded = fold(word)
    # In Slavic languages a report is dated in the accusative: "sobotę", "субботу".
    return any(is_weekday(form) for form in (folded, folded[:-1] + "a", folded[:-1] + "а"))


@lru_cache(50_000)
def _is_month(word: str) -> bool:
    return month_of(fold(word)) is not None
