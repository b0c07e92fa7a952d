"""Articles to sentence vectors: the one encoder pass that the summary and the topics share."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import apache_beam as beam
import numpy as np
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.batching import InBatches
from transforms.deadletter import SplitDeadLetters, attempt, attempt_all
from transforms.models.contract import Vectors
from transforms.models.loaders import Encoders, LoadEncoder
from transforms.records import Article, DeadLetter, add_flags, dead_letter
from transforms.text.sentences import split_sentences

if TYPE_CHECKING:
    from transforms.models.encoder import Encoder

STEP = "encode"

MAX_SENTENCES = 30
"""Sentences read per article: news puts first what matters, and a few very long articles would take
most of the time. Summaries (ROUGE) and topics (macro-F1) are no better with 40 or 80."""

BAD_VECTOR = "bad_vector"
"""Reason: the encoder returned numbers that are not finite."""
REASONS = frozenset({BAD_VECTOR})

LONG = "long"
"""Flag: the article has more than `max_sentences`; summary and topics come from the first ones."""
FLAGS = frozenset({LONG})

_PROBE_TEXT = " ".join(
    f"The council of town {number} opened a new bridge over the river on Monday."
    for number in range(1, 21)
)
PROBE = Article(
    id="0" * 32,
    uri="probe",
    fetched_at=datetime(2026, 10, 1, tzinfo=UTC),
    title="Twenty bridges",
    text=_PROBE_TEXT,
    language="en",
    published_at=datetime(2026, 10, 1, tzinfo=UTC),
    text_sha256=hashlib.sha256(_PROBE_TEXT.encode()).hexdigest(),
)
"""An article at which a model fails only if it fails at all (see `attempt_all`)."""


def with_sentences(article: Article, max_sentences: int) -> Article:
    """Return `article` with its first `max_sentences` sentences, flagged `long` if it has more."""
    sentences = split_sentences(article.text, article.language)
    if len(sentences) <= max_sentences:
        return replace(article, sentences=sentences)
    return replace(
        article, sentences=sentences[:max_sentences], flags=add_flags(article.flags, LONG)
    )


def with_vectors(article: Article, vectors: Vectors) -> Article | DeadLetter:
    """Return `article` with its vectors, or its dead letter if one of them is not finite."""
    if not np.isfinite(vectors).all():
        detail = f"the encoder returned numbers that are not finite for {len(vectors)} texts"
        return dead_letter(article, STEP, BAD_VECTOR, detail)
    if not article.title:
        vectors[0] = 0.0
    return replace(article, vectors=vectors)


def encode_articles(
    articles: Sequence[Article], encoder: "Encoder", max_sentences: int
) -> list[Article | DeadLetter]:
    """Return each article with `sentences` and `vectors`, or its dead letter.

    The sentences of all articles are encoded together, grouped by length, so that hardly any
    computing goes into padding: pass many articles at once.
    """
    split = partial(with_sentences, max_sentences=max_sentences)
    parted = [attempt(article, split, STEP) for article in articles]
    failed = [item for item in parted if isinstance(item, DeadLetter)]
    whole = [item for item in parted if isinstance(item, Article)]
    return failed + attempt_all(whole, partial(_encode, encoder=encoder), STEP, _probe)


def _encode(articles: Sequence[Article], encoder: "Encoder") -> list[Article | DeadLetter]:
    texts = [text for article in articles for text in (article.title, *article.sentences)]
    vectors = encoder.encode(texts)
    ends = np.cumsum([1 + len(article.sentences) for article in articles])
    # A copy per article: a view would keep the whole batch alive.
    parts = (part.copy() for part in np.split(vectors, ends[:-1]))
    return [with_vectors(article, part) for article, part in zip(articles, parts, strict=True)]


def _probe() -> list[Article]:
    return [with_sentences(PROBE, MAX_SENTENCES)]


def encoded_probe(load: LoadEncoder) -> list[Article]:
    """Return `PROBE` with sentences and vectors."""
    return [item for item in _encode(_probe(), load()) if isinstance(item, Article)]


def _load_and_encode(
    articles: Sequence[Article], encoders: Encoders, max_sentences: int
) -> list[Article | DeadLetter]:
    """`encode_articles`, with an encoder loaded when the first articles need it."""
    return [
        encoded
        for load, part in encoders.groups(articles)
        for encoded in encode_articles(part, load(), max_sentences)
    ]


@dataclass
class EncodeArticles(beam.PTransform):
    """Give every article its sentences and their vectors; send those that fail to `errors`.

    Bounded and unbounded input alike; an element's timestamp is afterwards the end of its window.

    Attributes:
        errors: receives the dead letters.
        encoders: one of each per process.
        max_sentences: sentences read per article; one with more is flagged `long`.
        batch_size: articles whose sentences are grouped by length together.
    """

    errors: ErrorHandler
    encoders: Encoders
    max_sentences: int = MAX_SENTENCES
    batch_size: int = 512

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with `sentences` and `vectors`."""
        encode = partial(_load_and_encode, encoders=self.encoders, max_sentences=self.max_sentences)
        encoded = articles | "infer" >> InBatches(encode, self.batch_size)
        return encoded | SplitDeadLetters(STEP, self.errors)
