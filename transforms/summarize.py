"""Extractive summaries: the sentences of the article that say most of it, unchanged, in order."""

from dataclasses import dataclass, replace
from functools import partial

import apache_beam as beam
import numpy as np
from apache_beam.transforms.error_handling import ErrorHandler
from numpy.typing import NDArray

from transforms.deadletter import TryMap
from transforms.models import Vectors
from transforms.records import Article

STEP = "summarize"
EXTRACTIVE = "extractive"


@dataclass(frozen=True)
class SummaryOptions:
    """Settings of the extractive summary, plain values.

    Attributes:
        max_words: most words in a summary of more than one sentence.
        model_name: of the encoder; published as `summary_model`.
    """

    max_words: int = 65
    model_name: str = "all-MiniLM-L6-v2"


def sentence_scores(vectors: Vectors) -> NDArray[np.float64]:
    """Return how much each sentence says of the article: shape (sentences,)."""
    title, body = vectors[0].astype(np.float64), vectors[1:].astype(np.float64)
    centre = body.mean(axis=0)
    lead = body[:3].mean(axis=0)
    position = 1.0 / (1.0 + np.arange(len(body)))
    scores: NDArray[np.float64] = body @ centre + body @ title + 0.5 * body @ lead + position
    return scores


def choose_sentences(
    scores: NDArray[np.float64], vectors: Vectors, words: list[int], max_words: int
) -> list[int]:
    """Return the indices of the sentences to take, in article order."""
    body = vectors[1:].astype(np.float64)
    chosen: list[int] = []
    left = max_words
    while True:
        redundancy = (body @ body[chosen].T).max(axis=1) if chosen else np.zeros(len(body))
        value = scores - redundancy
        fits = [i for i in range(len(body)) if i not in chosen and words[i] <= left]
        if not fits:
            return sorted(chosen) or [0]
        best = max(fits, key=lambda i: value[i])
        chosen.append(best)
        left -= words[best]


def summarize_article(article: Article, options: SummaryOptions) -> Article:
    """Return `article` with its summary."""
    assert article.vectors is not None
    words = [len(sentence.split()) for sentence in article.sentences]
    chosen = choose_sentences(
        sentence_scores(article.vectors), article.vectors, words, options.max_words
    )
    summary = " ".join(article.sentences[index] for index in chosen)
    return replace(
        article,
        summary=summary,
        summary_method=EXTRACTIVE,
        summary_model=options.model_name,
        faithfulness=1.0,
    )


@dataclass
class SummarizeArticles(beam.PTransform):
    """Give every article an extractive summary, from the vectors that `encode` set.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.
    """

    errors: ErrorHandler
    options: SummaryOptions = SummaryOptions()

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with summaries."""
        summarize = partial(summarize_article, options=self.options)
        return articles | TryMap(summarize, STEP, self.errors)
