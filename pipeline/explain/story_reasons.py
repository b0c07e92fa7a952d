"""Why two articles are told to be on one event: what stories are found by, from their rows."""

import re
from typing import NamedTuple

import numpy as np

from transforms.output.merge import Row
from transforms.relate.story_names import story_words
from transforms.text.sentences import split_sentences

OF_LIKENESS = ("text", "language", "story_vector")
"""Columns that are needed besides the title."""

_WORD = re.compile(r"[^\W\d_]{2,}")


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


def likeness(one: Row, other: Row) -> Likeness:
    """Return what two rows have in common; no names where one of them has no text any more."""
    own, theirs = _words(one), _words(other)
    common = {word: is_name for word, is_name in own.items() if theirs.get(word) == is_name}
    names = [word for word, is_name in common.items() if is_name]
    written = _spellings(one)
    return Likeness(
        _cosine(one["story_vector"], other["story_vector"]),
        [" ".join(written.get(part, part) for part in name.split()) for name in names],
        [word for word in common if word not in names],
    )


def _words(row: Row) -> dict[str, bool]:
    text, language = row["text"] or "", row["language"]
    return story_words(row["title"] or "", split_sentences(text, language), language)


def _spellings(row: Row) -> dict[str, str]:
    """Return how each word is written where it has a capital."""
    words = _WORD.findall(f"{row['title'] or ''} {row['text'] or ''}")
    return {word.casefold(): word for word in reversed(words) if word[0].isupper()}


def _cosine(one: bytes | None, other: bytes | None) -> float | None:
    if not one or not other or len(one) != len(other):
        return None
    first, second = (np.frombuffer(part, np.int8).astype(np.float64) for part in (one, other))
    norms = float(np.linalg.norm(first)) * float(np.linalg.norm(second))
    return float(first @ second) / max(norms, 1e-12)
