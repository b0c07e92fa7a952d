"""Why two articles are told to be on one event: what stories are found by, from their rows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from transforms.output.merge import Row
from transforms.relate.story_names import WORD, story_words
from transforms.text.sentences import split_sentences

OF_LIKENESS = ("text", "language", "story_vector")
"""Columns that are needed besides the title."""


class Likeness(NamedTuple):
    """What two articles have in common.

    Attributes:
        cosine: of their vectors, from -1 to 1; `None` where one has none, or of another encoder.
        names: that both are about, as the first writes them, the most telling first.
        words: the same for rare words.
    """

    cosine: float | None
    names: list[str]
    words: list[str]


def likenesses(row: Row, others: Sequence[Row]) -> list[Likeness]:
    """Return what a row has in common with each of `others`.

    No names where one of the two has no text any more.
    """
    own, written = _words(row), _spellings(row)
    found = []
    for other in others:
        theirs = _words(other)
        common = [word for word, is_name in own.items() if theirs.get(word) == is_name]
        names = (word.split() for word in common if own[word])
        found.append(
            Likeness(
                _cosine(row["story_vector"], other["story_vector"]),
                [" ".join(written.get(part, part) for part in name) for name in names],
                [word for word in common if not own[word]],
            )
        )
    return found


def _words(row: Row) -> dict[str, bool]:
    text, language = row["text"] or "", row["language"]
    return story_words(row["title"] or "", split_sentences(text, language), language)


def _spellings(row: Row) -> dict[str, str]:
    """Return how each word is written where it has a capital."""
    words = WORD.findall(f"{row['title'] or ''} {row['text'] or ''}")
    return {word.casefold(): word for word in reversed(words) if word[0].isupper()}


def _cosine(one: bytes | None, other: bytes | None) -> float | None:
    if not one or not other or len(one) != len(other):
        return None
    first, second = (np.frombuffer(part, np.int8).astype(np.float64) for part in (one, other))
    norms = float(np.linalg.norm(first)) * float(np.linalg.norm(second))
    return float(first @ second) / max(norms, 1e-12)
