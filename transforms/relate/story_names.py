"""The names and rare words of an article, by which its story is found."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from transforms.models.pinned import EMBEDDED, folder_of

Names = NDArray[np.uint32]

LEAD_SENTENCES = 25
"""Sentences that count; background that many articles share tends to come later."""

NAMES = 32
"""Names and words kept per article, those that say most about it."""

NAME_WEIGHT = 5.0
"""Of a name, another word of its rarity being 1."""

PAIR_WEIGHT = 2
"""Of two names in a row, a single one being 1: "Karin Voss" says more than "Karin"."""

_IN_TITLE = 2
"""What a word in the title counts besides."""

_FIRST_WORD = 1995
"""Line of the vocabulary after which whole words stand, the most frequent first."""

_RAREST = 40_000
"""Place of a word that the vocabulary lacks: it holds 28,000 places."""

_COMMON = 1.0
"""Least rarity of a word that counts: leaves out the 172 most frequent ones."""

WORD = re.compile(r"[^\W\d_]{2,}")
"""What counts as a word."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august")
_MORE_MONTHS = ("september", "october", "november", "december")
_NO_NAMES = frozenset((*_DAYS, *_MONTHS, *_MORE_MONTHS, "mr", "mrs", "ms", "dr"))
"""Have a capital in English and say nothing about the event."""


def story_names(
    title: str, sentences: Sequence[str], language: str | None, mark: bytes = b""
) -> Names:
    """Return hashes of `story_words`: uint32, sorted.

    Args:
        title: of the article.
        sentences: of the article.
        language: ISO 639-1 code, `None` if unknown.
        mark: of the encoder of its vector (`EncoderLoader.mark`). Names with another mark are
            others: so no vector is compared with that of another encoder.
    """
    words = story_words(title, sentences, language)
    return np.array(sorted(_hash(*word, mark) for word in words.items()), np.uint32)


def story_words(title: str, sentences: Sequence[str], language: str | None) -> dict[str, bool]:
    """Return what an article is about, the most telling first: word -> whether it is a name.

    Case folded, at most `NAMES`. In English those are names and other words, the rare ones of those
    that it uses most: that two articles share "Hewitt" and "abdicate" says more than that they
    share "Labour" and "Microsoft". How rare the words of other languages are is not known; there
    they are names and pairs of names, those that it uses most. A name is a word with a capital that
    does not open its sentence.

    >>> story_words("Voss leaves", ["Today Karin Voss left Hollen."], "de")
    {'voss': True, 'karin voss': True, 'hollen': True, 'karin': True}
    """
    lead = [WORD.findall(sentence) for sentence in sentences[:LEAD_SENTENCES]]
    titled = {word.casefold() for word in WORD.findall(title)}
    names = {word.casefold() for words in lead for word in words[1:] if word[0].isupper()}
    if language == "en":
        scores = _english(lead, titled, names)
    else:
        scores = _capitalised(lead, titled)
        names.update(scores)
    ranked = sorted(scores, key=lambda word: (-scores[word], word))
    return {word: word in names for word in ranked[:NAMES]}


def only_names(keys: Names) -> Names:
    """Return which of `keys` are names, and not other words."""
    names: Names = keys[keys & 1 == 1]
    return names


def _english(lead: Sequence[Sequence[str]], titled: set[str], names: set[str]) -> dict[str, float]:
    counts = Counter(word.casefold() for words in lead for word in words)
    counts.update(dict.fromkeys(titled, _IN_TITLE))
    return {
        word: (1 + math.log(count)) * rare * (NAME_WEIGHT if word in names else 1)
        for word, count in counts.items()
        if len(word) > 2 and word not in _NO_NAMES and (rare := rarity(word)) > _COMMON
    }


def _capitalised(lead: Sequence[Sequence[str]], titled: set[str]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for words in lead:
        names = ["", *(word.casefold() if word[0].isupper() else "" for word in words[1:])]
        names = ["" if name in _NO_NAMES else name for name in names]
        counts.update(filter(None, names))
        pairs.update(f"{one} {other}" for one, other in pairwise(names) if one and other)
    counts.update(dict.fromkeys(titled & counts.keys(), _IN_TITLE))
    return {**counts, **{pair: PAIR_WEIGHT * count for pair, count in pairs.items()}}


def rarity(word: str) -> float:
    """Return how rare an English word, case folded, is: 0 of the most frequent one, 6 at most.

    >>> [round(rarity(word), 1) for word in ("the", "people", "strike", "hewitt", "zelandov")]
    [0.0, 0.8, 3.4, 5.2, 6.0]
    """
    return math.log(1 + _places().get(word, _RAREST) / 100)


@cache
def _places() -> dict[str, int]:
    """Return the words of the embedded encoder's vocabulary, which is in order of frequency."""
    lines = (folder_of(EMBEDDED) / "vocab.txt").read_text("utf-8").splitlines()
    return {word: place for place, word in enumerate(lines[_FIRST_WORD:], 1)}


@lru_cache(100_000)
def _hash(word: str, is_name: bool, mark: bytes) -> int:
    """Return 32 bits, of which the lowest says whether it is a name."""
    digest = blake2b(word.encode(), digest_size=4, person=mark).digest()
    return int.from_bytes(digest, "big") & ~1 | is_name
