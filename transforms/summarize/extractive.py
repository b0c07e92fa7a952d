"""Extractive summaries: the few sentences of an article that together say most of it, unchanged.

Of all sets of up to `MAX_CHOSEN` of the first `CANDIDATES` sentences that fit the length, the one
is taken whose summed vector points most nearly where the article's does. So a set is judged as a
whole: a second sentence on the same thing adds little (redundancy), one on another thing that the
article is about adds much (coverage). Where the encoder does not know the language, vectors of
words stand in for its own. The constants are round numbers on a flat optimum, chosen on
Inshorts and CNN/DailyMail together; halving or doubling one costs less than 1 ROUGE point
(more only for twice `_POSITION`, which also makes shorter summaries).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from transforms.models.contract import Vectors
from transforms.models.pinned import EMBEDDED
from transforms.records import Article
from transforms.summarize.word_vectors import word_vectors
from transforms.text.sentence_ends import ends_sentence
from transforms.text.sentences import join_sentences
from transforms.text.words import count_words

STEP = "summarize"
EXTRACTIVE = "extractive"

MAX_WORDS = 70
"""Longest summary; on Inshorts the mean is then 60 words, which is what its editors write."""

CANDIDATES = 14
MAX_CHOSEN = 4
"""With `CANDIDATES` this makes 1,470 sets: half a millisecond per article."""

_DECAY = 5.0
"""News tells what matters first: a sentence's weight falls by e every 5 sentences ..."""
_FLOOR = 0.2
"""... to this share of the first one's."""

_POSITION = 0.25
"""Worth of standing at the beginning, where 1 is the worth of pointing exactly at the article."""
_FILL = 0.1
"""Worth of using all the words allowed."""
_DANGLING = 0.2
"""Cost of a sentence that begins with "He" or "This" without the sentence before it."""
_UNFIT = 1.0
"""Cost of a sentence that is none: more than any set can gain by it."""

_MIN_WORDS = 6
"""A shorter sentence ("He agreed.") says nothing alone."""

_REFERS_BACK = re.compile(
    r"[\"'“‘(]*(?:he|she|it|they|his|her|their|its|this|that|these|those|such)\b", re.IGNORECASE
)
_QUOTES = '"“”„«»「」'

Set = NDArray[np.float64]
AnyVectors = Vectors | NDArray[np.float64]


@dataclass(frozen=True)
class SummaryOptions:
    """Settings of the extractive summary, plain values.

    Attributes:
        max_words: longest summary; an article of no more words is its own summary.
        model_name: of the encoder; published as `summary_model`.
        languages: ISO 639-1 codes that it knows; an article of unknown language is tried.
    """

    max_words: int = MAX_WORDS
    model_name: str = EMBEDDED.name
    languages: tuple[str, ...] = EMBEDDED.languages


def is_whole(sentence: str) -> bool:
    """Return whether `sentence` stands alone.

    It is long enough, has an end, its quotation marks are paired, and it is more than a quotation
    (of which nobody would know who says it).

    >>> is_whole("The minister resigned on Monday after a long debate.")
    True
    >>> is_whole("“We will go on as long as it takes.")
    False
    """
    return (
        count_words(sentence) >= _MIN_WORDS
        and ends_sentence(sentence)
        and not (sentence[0] in _QUOTES and sentence[-1] in _QUOTES)
        and _quotes_are_paired(sentence)
    )


def _quotes_are_paired(sentence: str) -> bool:
    """Return whether every quotation opened in `sentence` ends there: "x", “x”, „x“, ”x”, «x»."""
    low, left, right = (sentence.count(mark) for mark in "„“”")
    if low:
        curly = low == left + right
    elif left:
        curly = left == right
    else:
        curly = right % 2 == 0
    return curly and sentence.count('"') % 2 == 0 and sentence.count("«") == sentence.count("»")


def sentence_vectors(article: Article, languages: tuple[str, ...]) -> AnyVectors:
    """Return what tells title and sentences apart: shape (1 + sentences, any), unit length.

    Those of the encoder, or vectors of words where it does not know the article's language: on
    German standfirsts +.3 ROUGE-1, on those of other languages +2.4.

    Args:
        article: with sentences and vectors.
        languages: that the encoder knows.
    """
    assert article.vectors is not None
    if article.language is None or article.language in languages:
        return article.vectors
    return word_vectors([article.title, *article.sentences])


def target_vector(vectors: AnyVectors) -> NDArray[np.float64]:
    """Return where the article points: shape (dim,), unit length.

    The mean of the sentences, the first weighing most, and the title as much as all of them.

    Args:
        vectors: shape (1 + sentences, dim); row 0 is the title, zeros if there is none.
    """
    title, body = vectors[0].astype(np.float64), vectors[1:].astype(np.float64)
    weights = _FLOOR + np.exp(-np.arange(len(body)) / _DECAY)
    target: NDArray[np.float64] = _unit(weights @ body) + title
    return _unit(target)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


@lru_cache(maxsize=CANDIDATES)
def _sets(size: int) -> Set:
    """Return every set of 1 to `MAX_CHOSEN` of `size` sentences, smaller ones first, as 0s and 1s.

    Shape (sets, size).
    """
    chosen = [c for k in range(1, MAX_CHOSEN + 1) for c in combinations(range(size), k)]
    sets = np.zeros((len(chosen), size))
    for row, indices in enumerate(chosen):
        sets[row, list(indices)] = 1.0
    return sets


def score_sets(sets: Set, vectors: AnyVectors, words: NDArray[np.int64], max_words: int) -> Set:
    """Return how well each set summarises the article, by meaning, place and length.

    Args:
        sets: 0s and 1s, shape (sets, candidates).
        vectors: of the article, shape (1 + sentences, dim).
        words: of each candidate, shape (candidates,).
        max_words: length at which a summary is full.
    """
    candidates = sets.shape[1]
    body = vectors[1 : 1 + candidates].astype(np.float64)
    length = sets @ words
    places = np.exp(-np.arange(candidates) / _DECAY)
    norms = np.sqrt(np.einsum("si,ij,sj->s", sets, body @ body.T, sets).clip(min=1e-12))
    meaning = sets @ (body @ target_vector(vectors)) / norms
    place = sets @ (words * places) / length.clip(min=1)
    scores: Set = meaning + _POSITION * place + _FILL * np.minimum(1, length / max_words)
    return scores


def dangling(sets: Set, sentences: Sequence[str]) -> Set:
    """Return how many sentences of each set refer back to one that the set lacks."""
    refers = np.array([_REFERS_BACK.match(sentence) is not None for sentence in sentences])
    before = np.hstack([np.zeros((len(sets), 1)), sets[:, :-1]])
    count: Set = (sets * (1 - before)) @ refers
    return count


def choose_sentences(sentences: Sequence[str], vectors: AnyVectors, max_words: int) -> list[int]:
    """Return the indices of the sentences that make the summary, in article order.

    Where no sentence is short enough, the shortest of the candidates is taken.

    Args:
        sentences: of the article, at least one.
        vectors: shape (1 + len(sentences), dim).
        max_words: most words in the summary.
    """
    candidates = sentences[:CANDIDATES]
    words = np.array([count_words(sentence) for sentence in candidates])
    sets = _sets(len(candidates))
    fits = sets @ words <= max_words
    if not fits.any():
        return [int(words.argmin())]
    sets = sets[fits]
    unfit = np.array([not is_whole(sentence) for sentence in candidates])
    scores = score_sets(sets, vectors, words, max_words) - _DANGLING * dangling(sets, candidates)
    if not unfit.all():
        scores -= _UNFIT * (sets @ unfit)
    return np.flatnonzero(sets[scores.argmax()]).tolist()


def summarize_article(article: Article, options: SummaryOptions) -> Article:
    """Return `article` with the summary taken from its sentences; `faithfulness` is 1 by making.

    Args:
        article: with sentences (at least one) and vectors.
        options: see there.
    """
    chosen: Sequence[int] = range(len(article.sentences))
    if count_words(article.text) > options.max_words:
        vectors = sentence_vectors(article, options.languages)
        chosen = choose_sentences(article.sentences, vectors, options.max_words)
    return replace(
        article,
        summary=join_sentences(article.sentences[index] for index in chosen),
        summary_method=EXTRACTIVE,
        summary_model=options.model_name,
        faithfulness=1.0,
    )
