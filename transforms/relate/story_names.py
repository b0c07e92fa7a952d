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
from transforms.text.senders import news_end

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

_MOST = math.log(1 + _RAREST / 100)
"""Rarity of such a word."""

_TITLE = 2.0
"""Most rarity of titles before a name: "President Keita", "Mayor Kessler"."""

_SMALL_WORD = 4
"""Letters of a word that has no capital in a headline of capitals: a longer one in small letters
says that words with a capital are names there."""

_NO_NAME_ENDS = ("s", "ly", "ing", "ed")
"""How words end that open a sentence and are in no vocabulary: rescuers, reportedly."""

_COMMON = 1.0
"""Least rarity of a word that counts: leaves out the 172 most frequent ones."""

_RARE_NAME = 5.5
"""Rarity from which a name says as much as two: most are not in the vocabulary at all."""

_TELLING = 0.5
"""Part of the words of a short article that is kept, the rarest ones: what else it says is the
paper's way to say it."""

_FEWEST = 8
"""So many are kept, if there are."""

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
    keys = (
        _hash(word, is_name + (is_name and language == "en" and rarity(word) >= _RARE_NAME), mark)
        for word, is_name in words.items()
    )
    return np.array(sorted(keys), np.uint32)


def story_words(title: str, sentences: Sequence[str], language: str | None) -> dict[str, bool]:
    """Return what an article is about, the most telling first: word -> whether it is a name.

    Case folded, at most `NAMES`. In English those are names and other words, the rare ones of those
    that it uses most: that two articles share "Hewitt" and "abdicate" says more than that they
    share "Labour" and "Microsoft". How rare the words of other languages are is not known; there
    they are names and pairs of names, those that it uses most. A name is a word with a capital that
    does not open its sentence; in English also one that does, if it looks like one. What the sender
    of a press release says of itself does not count.

    >>> story_words("Voss leaves", ["Today Karin Voss left Hollen."], "de")
    {'voss': True, 'karin voss': True, 'hollen': True, 'karin': True}
    """
    end = min(LEAD_SENTENCES, news_end(sentences))
    lead = [WORD.findall(sentence) for sentence in sentences[:end]]
    titled = {word.casefold() for word in WORD.findall(title)}
    names = {word.casefold() for words in lead for word in words[1:] if word[0].isupper()}
    if language == "en":
        headline = WORD.findall(title)
        names |= _opening_names([*lead, headline])
        if any(word.islower() and len(word) > _SMALL_WORD for word in headline):
            names.update(word.casefold() for word in headline[1:] if word[0].isupper())
        scores = _english(lead, titled, names)
        kept = max(_FEWEST, round(_TELLING * len(scores)))
    else:
        scores = _capitalised(lead, titled)
        names.update(scores)
        kept = NAMES
    ranked = sorted(scores, key=lambda word: (-scores[word], word))
    return {word: word in names for word in ranked[: min(kept, NAMES)]}


def only_names(keys: Names) -> Names:
    """Return which of `keys` are names, and not other words."""
    names: Names = keys[keys & 1 == 1]
    return names


def name_weights(keys: Names) -> Names:
    """Return what each of `keys` counts as a name: 2 if it is a rare one, 0 if it is none."""
    weights: Names = (keys & 1) + (keys >> 1 & 1)
    return weights


def has_words(keys: Names) -> bool:
    """Return whether there are words among `keys` that are no names."""
    return bool((keys & 1 == 0).any())


def _opening_names(sentences: Sequence[Sequence[str]]) -> set[str]:
    """Return the first words of `sentences` that look like names.

    No dictionary has them, or a word with a capital comes next; and they are never written small.
    """
    small = {word for words in sentences for word in words if word.islower()}
    opening = ((words[0], words[1:2]) for words in sentences if words and words[0][0].isupper())
    return {
        word
        for first, following in opening
        if (word := first.casefold()) not in small
        and (
            (rarity(word) == _MOST and not word.endswith(_NO_NAME_ENDS))
            or (rarity(word) > _TITLE and any(other[0].isupper() for other in following))
        )
    }


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
def _hash(word: str, weight: int, mark: bytes) -> int:
    """Return 32 bits, of which the lowest two say what it counts as a name: see `name_weights`."""
    digest = blake2b(word.encode(), digest_size=4, person=mark).digest()
    return int.from_bytes(digest, "big") & ~3 | (0, 1, 3)[weight]
