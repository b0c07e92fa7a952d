"""Sentences as vectors of their words: for languages that the encoder does not know."""

import numpy as np
import regex
from numpy.typing import NDArray

from transforms.text.words import UNSPACED

_WORD = regex.compile(r"[^\W_]+")
_IN_PAIRS = regex.compile(rf"[{UNSPACED}\p{{Hangul}}]")
"""Korean has spaces, but glues to a word what other languages say by words of their own."""

_MIN_LETTERS = 4
"""Most shorter words only hold a sentence together; numbers count at any length."""

_STEM = 5
"""Letters kept of a word, so that its forms are one word: Regierung, Regierungen."""


def words(text: str) -> list[str]:
    """Return the words of `text` that tell what it is about, their endings cut off.

    Scripts written without spaces, and Korean, give pairs of characters instead.

    >>> words("Die Regierungen zahlen 3 Milliarden.")
    ['regie', 'zahle', '3', 'milli']
    >>> words("東京で会談")
    ['東京', '京で', 'で会', '会談']
    """
    found: list[str] = []
    for word in _WORD.findall(text.casefold()):
        if _IN_PAIRS.search(word):
            found += [word[n : n + 2] for n in range(max(1, len(word) - 1))]
        elif len(word) >= _MIN_LETTERS or word[0].isdigit():
            found.append(word[:_STEM])
    return found


def word_vectors(texts: list[str]) -> NDArray[np.float64]:
    """Return one vector per text: shape (len(texts), different words), unit length or zero.

    A word weighs the logarithm of its count, and less the more of the texts it stands in.
    """
    split = [words(text) for text in texts]
    index = {word: n for n, word in enumerate(dict.fromkeys(w for found in split for w in found))}
    counts = np.zeros((len(texts), len(index)))
    for row, found in zip(counts, split, strict=True):
        np.add.at(row, [index[word] for word in found], 1.0)
    spread = (counts > 0).mean(axis=0)
    weighted: NDArray[np.float64] = np.log1p(counts) * np.sqrt(np.maximum(1 - spread, 0.05))
    lengths = np.linalg.norm(weighted, axis=1, keepdims=True)
    unit: NDArray[np.float64] = weighted / np.maximum(lengths, 1e-12)
    return unit
