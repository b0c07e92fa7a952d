"""Scores of labels as an article's topics, whoever gave them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from transforms.records import Article, TopicScore, add_flags

STEP = "classify"

THRESHOLD = 0.3
"""The top topic must score this much. On AG News and BBC News with their own labels 2 of 850 items
stay below; benchmarks/quality.py prints what other thresholds would cost."""

LISTED = 0.1
"""Every topic that scores this much is listed in `topics`."""

LANGUAGE_NOT_SUPPORTED = "language_not_supported"
"""Flag: the encoder does not know the article's language, so it has no topics."""
FLAGS = frozenset({LANGUAGE_NOT_SUPPORTED})


def with_topics(
    article: Article, labels: Sequence[str], scores: Sequence[float], threshold: float
) -> Article:
    """Return `article` with its topics, and without sentences and vectors, now no longer needed.

    `topic` is the best one if it scores at least `threshold`, `topic_score` its score either way.
    """
    ranked = sorted(zip(labels, scores, strict=True), key=lambda item: -item[1])
    listed = tuple(TopicScore(label, float(score)) for label, score in ranked if score >= LISTED)
    best, score = ranked[0]
    topic = best if score >= threshold else None
    done = replace(article, sentences=(), vectors=None)
    return replace(done, topic=topic, topic_score=float(score), topics=listed)


def without_topics(article: Article) -> Article:
    """Return `article` flagged: no model knows its language."""
    flags = add_flags(article.flags, LANGUAGE_NOT_SUPPORTED)
    return replace(article, sentences=(), vectors=None, flags=flags)


def knows(languages: Sequence[str], language: str | None) -> bool:
    """Return whether a model of these languages, empty meaning all, can read a text in `language`.

    One in an unknown language is tried.
    """
    return not languages or language is None or language in languages


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the labels' shares, as the stock zero-shot pipeline does."""
    weights = np.exp(logits - logits.max())
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares
