"""Sets of sentences: which there are, how well each summarises the article, and what each lacks.

The constants are round numbers on a flat optimum, chosen on Inshorts and CNN/DailyMail together;
halving or doubling one costs less than 1 ROUGE point (more only for twice `_POSITION`, which also
makes shorter summaries).
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.models.contract import Vectors
from transforms.summarize.layout import LIVE, Layout
from transforms.summarize.needs import Needs
from transforms.summarize.word_vectors import words as main_words

CANDIDATES = 14
_LATE = 3
"""Later sentences that are looked at, where they say what the title says."""
MAX_CHOSEN = 4
"""With `CANDIDATES` this makes 1,470 sets: half a millisecond per article."""

_DECAY = 5.0
"""News tells what matters first: a sentence's weight falls by e every 5 sentences ..."""
_FLOOR = 0.2
"""... to this share of the first one's."""

_TITLE = 1.5
"""Weight of the title, where all sentences together weigh 1."""

_POSITION = 0.2
"""Worth of standing at the beginning, where 1 is the worth of pointing exactly at the article."""
_FILL = 0.22
"""Worth of using all the words allowed."""
_THEME = 0.3
"""Worth of having as many of the article's main words as any set of its sentences has."""

Set = NDArray[np.float64]
Places = NDArray[np.int64]
AnyVectors = Vectors | NDArray[np.float64]


class Limits(NamedTuple):
    """How sets are weighed.

    Attributes:
        places: worth of each sentence's place, shape (sentences,).
        max_words: length at which a summary is full.
    """

    places: Set
    max_words: int


def target_vector(vectors: AnyVectors) -> NDArray[np.float64]:
    """Return where the article points: shape (dim,), unit length.

    The mean of the sentences, the first weighing most, and the title.

    Args:
        vectors: shape (1 + sentences, dim); row 0 is the title, zeros if there is none.
    """
    title, body = vectors[0].astype(np.float64), vectors[1:].astype(np.float64)
    target: NDArray[np.float64] = _unit(_fading(len(body)) @ body) + _TITLE * title
    return _unit(target)


def _fading(size: int) -> NDArray[np.float64]:
    """Return how much each of the first `size` sentences weighs."""
    weights: NDArray[np.float64] = _FLOOR + np.exp(-np.arange(size) / _DECAY)
    return weights


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


@lru_cache(maxsize=CANDIDATES + 1)
def sets_of(size: int) -> tuple[Places, Set]:
    """Return every set of 1 to `MAX_CHOSEN` of `size` sentences, smaller ones first.

    As places, filled up with `size`: shape (sets, `MAX_CHOSEN`); and as 0s and 1s: (sets, size).
    """
    chosen = [c for k in range(1, MAX_CHOSEN + 1) for c in combinations(range(size), k)]
    places = np.full((len(chosen), MAX_CHOSEN), size)
    sets = np.zeros((len(chosen), size))
    for row, indices in enumerate(chosen):
        places[row, : len(indices)] = indices
        sets[row, list(indices)] = 1.0
    return places, sets


def score_sets(
    sets: Set, pool: Places, vectors: AnyVectors, words: NDArray[np.int64], limits: Limits
) -> Set:
    """Return how well each set summarises the article, by meaning, place and length.

    Args:
        sets: 0s and 1s, shape (sets, candidates).
        pool: which sentences the candidates are.
        vectors: of the article, shape (1 + sentences, dim).
        words: of each candidate, shape (candidates,).
        limits: see there.
    """
    body = vectors[1 + pool].astype(np.float64)
    length = sets @ words
    norms = np.sqrt(np.einsum("si,ij,sj->s", sets, body @ body.T, sets).clip(min=1e-12))
    meaning = sets @ (body @ target_vector(vectors)) / norms
    place = sets @ (words * limits.places[pool]) / length.clip(min=1)
    fill = np.minimum(1, length / limits.max_words)
    scores: Set = meaning + _POSITION * place + _FILL * fill
    return scores


def theme(sets: Set, pool: Places, title: str, sentences: Sequence[str]) -> Set:
    """Return what each set is worth for the words of the title in it.

    Without a title, it is for all words of the article, those of early sentences first.

    Args:
        sets: 0s and 1s, shape (sets, candidates).
        pool: which sentences the candidates are.
        title: of the article; empty if it has none.
        sentences: of the article.
    """
    had = [set(main_words(sentence)) for sentence in sentences]
    weights: Counter[str] = Counter(set(main_words(title)))
    if not title:
        for found, worth in zip(had, _fading(len(had)).tolist(), strict=True):
            weights.update(dict.fromkeys(found, worth))
    names = [word for word in weights if any(word in had[place] for place in pool)]
    has = np.array([[word in had[place] for word in names] for place in pool], np.float64)
    covered: Set = (sets @ has > 0) @ np.array([weights[word] for word in names])
    return _THEME * covered / max(float(covered.max(initial=0)), 1e-12)


def lacking(places: Places, sets: Set, pool: Places, needs: Needs) -> Set:
    """Return what each set costs for what its sentences need and do not find in it.

    Args:
        places: of the sets' members, from `sets_of`.
        sets: the same as 0s and 1s.
        pool: which sentences the candidates are.
        needs: of all sentences.
    """
    size = len(pool)
    before = np.hstack([np.full((len(places), 1), -1), places[:, :-1]])
    rows = np.append(1 + pool, 0)  # the last is for -1: nothing before
    after = np.zeros((size + 2, size + 1))
    after[: size + 1, :size] = np.vstack([needs.after[rows[:size]][:, pool], needs.after[0][pool]])
    cost: Set = after[np.where(before < 0, size, before), places].sum(axis=1)
    if len(needs.owners):
        index = {sentence: n for n, sentence in enumerate(pool.tolist())}
        for owner, price, others in zip(needs.owners, needs.costs, needs.others, strict=True):
            if int(owner) in index:
                named = sets @ others[pool]
                cost += price * sets[:, index[int(owner)]] * (named == 0)
    return cost


def choose_pool(fit: NDArray[np.bool_], vectors: AnyVectors, needs: Needs) -> Places:
    """Return the `CANDIDATES` sentences that sets are made of, in the order of the article.

    The first ones; but where the news comes late, those that are nearer to the title than any of
    the first, each with the one before it if it goes on from that.

    Args:
        fit: which sentences may be taken.
        vectors: shape (1 + sentences, dim).
        needs: of the sentences.
    """
    able = np.flatnonzero(fit)
    first, rest = able[:CANDIDATES], able[CANDIDATES:]
    near = vectors[1:].astype(np.float64) @ vectors[0].astype(np.float64)
    late: list[int] = []
    for index in sorted(rest.tolist(), key=lambda one: -near[one])[:_LATE]:
        if near[index] > near[first].max():
            late.append(index)
            if fit[index - 1] and needs.after[index, index] < needs.after[0, index]:
                late.append(index - 1)
    late = list(dict.fromkeys(late))
    return np.array(sorted({*first[: CANDIDATES - len(late)].tolist(), *late}), np.int64)


def place_weights(place: Layout) -> Set:
    """Return what the place of each sentence is worth: 1 for the first, ever less.

    Of a live blog, whose entries may begin with the newest or the oldest, each counts alike.
    """
    size = len(place.paragraphs)
    if place.form != LIVE:
        return np.exp(-np.arange(size) / _DECAY)
    first = {entry: n for n, entry in reversed(list(enumerate(place.entries)))}
    return np.array([np.exp(-(n - first[entry]) / _DECAY) for n, entry in enumerate(place.entries)])
