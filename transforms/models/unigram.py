"""Text cut into pieces as a unigram model of SentencePiece cuts it.

The library that does so (`tokenizers`) holds its pieces in a tree of hash maps, which takes several
times what one map takes (docs/decisions.md). Here each word is looked up piece by piece, and words
that come again are remembered. What comes of it is the same, which a test holds.
"""

import re
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_START = "\u2581"
"""Stands for a blank, so at the start of a word."""
_WORD = re.compile(r"[^\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u2581]+")
_UNKNOWN_COSTS = 10.0
"""A character that no piece has counts as so much less than the least likely piece."""
_REMEMBERED = 1 << 14
_LONG = 32
"""Characters of a word that is not likely to come again."""


class Tokens(NamedTuple):
    """The numbers of a text's pieces."""

    ids: list[int]


class Unigram:
    """Pieces with scores; a word is cut so that the scores of its pieces add up to most.

    Args:
        pieces: each once.
        scores: the logarithm of how likely each is.
        unknown: number of the piece that stands for what none has; several in a row become one.
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float], unknown: int) -> None:
        self._ids = {piece: number for number, piece in enumerate(pieces)}
        self._scores = array("d", scores)
        self._longest = max(map(len, pieces))
        self._unknown = unknown
        self._unknown_score = min(scores) - _UNKNOWN_COSTS
        self._remembered = lru_cache(_REMEMBERED)(self._cut)

    def cut(self, text: str, most: int) -> list[int]:
        """Return the numbers of the first `most` pieces of `text`, or fewer."""
        found: list[int] = []
        for match in _WORD.finditer(text):
            word = _START + match.group()
            found += (self._cut if len(word) > _LONG else self._remembered)(word)
            if len(found) >= most:
                break
        return found[:most]

    def _cut(self, word: str) -> tuple[int, ...]:
        """Return the pieces of a word: the best way to each place in it, then back from its end."""
        ids, scores, size = self._ids, self._scores, len(word)
        best = [0.0, *[float("-inf")] * size]
        came: list[tuple[int, int]] = [(0, self._unknown)] * (size + 1)
        for start in range(size):
            here = best[start]
            for end in range(start + 1, min(size, start + self._longest) + 1):
                number = ids.get(word[start:end])
                if number is not None and here + scores[number] > best[end]:
                    best[end], came[end] = here + scores[number], (start, number)
            if word[start] not in ids and here + self._unknown_score > best[start + 1]:
                best[start + 1] = here + self._unknown_score
                came[start + 1] = start, self._unknown
        found: list[int] = []
        place = size
        while place:
            place, number = came[place]
            if number != self._unknown or not found or found[-1] != number:
                found.append(number)
        return tuple(reversed(found))
