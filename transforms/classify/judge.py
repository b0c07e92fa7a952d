"""Topics by other engines than phrases: a model of entailment, or a head trained on a user's file.

Entailment costs one pass of a large model per label, so it is asked only about the labels that the
phrases find likely; the rest count as 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.ml.inference.base import RunInference
from apache_beam.transforms.error_handling import ErrorHandler
from numpy.typing import NDArray

from transforms.classify.phrases import (
    LANGUAGE_NOT_SUPPORTED,
    LISTED,
    STEP,
    THRESHOLD,
    TopicVectors,
    article_vector,
    topic_probabilities,
    topic_vectors,
)
from transforms.classify.topics import TopicSet
from transforms.deadletter import SplitDeadLetters, TryMap
from transforms.models.cache import ResultCache, result_key
from transforms.models.contract import Judge
from transforms.models.handler import ArticleHandler
from transforms.models.linear import Head, read_head
from transforms.models.loaders import LoadEncoder, LoadJudge, cached_model
from transforms.records import Article, DeadLetter, TopicScore, add_flags, dead_letter

BAD_SCORE = "bad_score"
"""Reason: the model of inference returned numbers that are not finite."""
REASONS = frozenset({BAD_SCORE})

_PREMISE_SENTENCES = 10
"""Sentences after the title that a model of entailment reads; its 512 tokens hold few more."""


def with_topics(
    article: Article, labels: Sequence[str], scores: Sequence[float], threshold: float
) -> Article:
    """Return `article` with its topics, and without sentences and vectors, now no longer needed."""
    ranked = sorted(zip(labels, scores, strict=True), key=lambda item: -item[1])
    listed = tuple(TopicScore(label, float(score)) for label, score in ranked if score >= LISTED)
    done = replace(article, sentences=(), vectors=None, topics=listed)
    label, score = ranked[0]
    return done if score < threshold else replace(done, topic=label, topic_score=float(score))


def without_topics(article: Article) -> Article:
    """Return `article` flagged: no model knows its language."""
    flags = add_flags(article.flags, LANGUAGE_NOT_SUPPORTED)
    return replace(article, sentences=(), vectors=None, flags=flags)


def knows(languages: Sequence[str], article: Article) -> bool:
    """Return whether a model of these languages, empty meaning all, can read `article`."""
    return not languages or article.language is None or article.language in languages


@dataclass(frozen=True)
class NliOptions:
    """Settings of topics by entailment, plain values.

    Attributes:
        topics: their labels are put into `hypothesis`, their phrases choose the candidates.
        hypothesis: with `{}` for the label.
        candidates: labels that the model is asked about; 0: all.
        model_digest: what determines the model's answers; a part of the cache's key.
        languages: that the model knows; empty: all.
        encoder_languages: that the phrases are read in; in others all labels are asked about.
        batch_size: articles whose pairs are sorted by length together.
    """

    topics: TopicSet
    hypothesis: str
    candidates: int
    model_digest: str
    languages: tuple[str, ...]
    encoder_languages: tuple[str, ...] = ("en",)
    batch_size: int = 128


def candidates(article: Article, phrases: TopicVectors, options: NliOptions) -> list[int]:
    """Return the indices of the labels that the model is asked about, the likeliest first.

    Empty where the phrases say that the text is no news at all.
    """
    every = range(len(options.topics.topics))
    if not knows(options.encoder_languages, article):
        return list(every)
    assert article.vectors is not None
    *scores, no_news = topic_probabilities(article_vector(article.vectors), phrases).tolist()
    if no_news > max(scores):
        return []
    ranked = sorted(every, key=lambda index: -scores[index])
    return ranked[: options.candidates or len(ranked)]


def premise(article: Article) -> str:
    """Return what the model reads of an article: its title and its beginning."""
    return " ".join([article.title, *article.sentences[:_PREMISE_SENTENCES]]).strip()


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the labels' shares, as the stock zero-shot pipeline does."""
    weights = np.exp(logits - logits.max())
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _ask(
    articles: Sequence[Article], chosen: Sequence[Sequence[int]], judge: Judge, options: NliOptions
) -> list[list[float]]:
    """Return the scores of every article's candidates; all pairs go to the model together."""
    labels = [topic.label for topic in options.topics.topics]
    pairs = [
        (text, options.hypothesis.format(labels[index]))
        for article, indices in zip(articles, chosen, strict=True)
        for text in [premise(article)]
        for index in indices
    ]
    logits = judge.entailment(pairs)[:, 0]
    parts = np.split(logits, np.cumsum([len(indices) for indices in chosen])[:-1])
    return [softmax(part).tolist() if len(part) else [] for part in parts]


def judge_articles(
    articles: Sequence[Article],
    load_judge: LoadJudge,
    load_encoder: LoadEncoder,
    options: NliOptions,
    cache: ResultCache | None,
) -> list[Article | DeadLetter]:
    """Return each article with its topics by entailment; one whose scores are NaN is rejected."""
    able = [article for article in articles if knows(options.languages, article)]
    chosen: dict[str, list[int]] = {}
    if able:
        key = ("topics", options.topics, load_encoder)
        phrases = cached_model(key, lambda: topic_vectors(options.topics, load_encoder()))
        chosen = {article.id: candidates(article, phrases, options) for article in able}
    keys = {a.id: result_key(a.text_sha256, STEP, a.title, chosen[a.id], options) for a in able}
    known: dict[str, list[float]] = cache.get(list(keys.values())) if cache else {}
    missing = [a for a in able if chosen[a.id] and keys[a.id] not in known]
    if missing:
        scores = _ask(missing, [chosen[a.id] for a in missing], load_judge(), options)
        new = {keys[a.id]: row for a, row in zip(missing, scores, strict=True)}
        known = known | new
        if cache:
            cache.put({k: row for k, row in new.items() if np.isfinite(row).all()})
    return [
        _judged(article, chosen[article.id], known.get(keys[article.id], []), options)
        if article.id in chosen
        else without_topics(article)
        for article in articles
    ]


def _judged(
    article: Article, chosen: Sequence[int], scores: Sequence[float], options: NliOptions
) -> Article | DeadLetter:
    if not chosen:
        return replace(article, sentences=(), vectors=None)
    if not np.isfinite(scores).all():
        detail = f"the model gave numbers that are not finite for {len(scores)} labels"
        return dead_letter(article, STEP, BAD_SCORE, detail)
    labels = [options.topics.topics[index].label for index in chosen]
    threshold = options.topics.threshold
    return with_topics(article, labels, scores, THRESHOLD if threshold is None else threshold)


class NliHandler(ArticleHandler[Article | DeadLetter, LoadJudge]):
    """Beam's way to a judge: the pairs of many articles together.

    Args:
        load_judge: returns the judge, one per process.
        load_encoder: returns the encoder that made the articles' vectors.
        options: see there.
        cache: of scores, if any.
    """

    def __init__(
        self,
        load_judge: LoadJudge,
        load_encoder: LoadEncoder,
        options: NliOptions,
        cache: ResultCache | None,
    ) -> None:
        super().__init__(STEP, options.batch_size)
        self._load_judge, self._load_encoder = load_judge, load_encoder
        self._options, self._cache = options, cache

    def load_model(self) -> LoadJudge:
        """Return what loads the judge, at the first article that needs it."""
        return self._load_judge

    def run_inference(
        self,
        batch: Sequence[Article],
        model: LoadJudge,
        inference_args: Mapping[str, Any] | None = None,
    ) -> Iterable[Article | DeadLetter]:
        """Return the articles of `batch` with topics; one that fails does not harm the others."""
        return judge_articles(batch, model, self._load_encoder, self._options, self._cache)


@dataclass
class JudgeTopics(beam.PTransform):
    """Give every article its topics by entailment.

    Bounded and unbounded input alike; an element's timestamp is afterwards the end of its window.

    Attributes:
        errors: receives the dead letters.
        load_judge: returns the judge; picklable.
        load_encoder: returns the encoder that made the articles' vectors; picklable.
        options: see there.
        cache: of scores, if any.
    """

    errors: ErrorHandler
    load_judge: LoadJudge
    load_encoder: LoadEncoder
    options: NliOptions
    cache: ResultCache | None = None

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with topics, without vectors."""
        handler = NliHandler(self.load_judge, self.load_encoder, self.options, self.cache)
        return articles | "infer" >> RunInference(handler) | SplitDeadLetters(STEP, self.errors)


def head_topics(
    article: Article, head: Head, threshold: float, languages: tuple[str, ...]
) -> Article:
    """Return `article` with its topics by a trained head, from the vectors that `encode` set."""
    if not knows(languages, article):
        return without_topics(article)
    assert article.vectors is not None
    logits = head.weight @ article_vector(article.vectors) + head.bias
    scores = softmax(logits.astype(np.float64))
    return with_topics(article, head.labels, scores.tolist(), threshold)


def _head_topics(
    article: Article, path: str, sha256: str, threshold: float, languages: tuple[str, ...]
) -> Article:
    """`head_topics`, with the head read when the first article needs it."""
    head = cached_model(("head", path, sha256), lambda: read_head(path))
    return head_topics(article, head, threshold, languages)


@dataclass
class HeadTopics(beam.PTransform):
    """Give every article its topics by a head that `newsbeam train-topics` made.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.

    Attributes:
        errors: receives the dead letters.
        path: of the head.
        sha256: of its file, so that a process notices a new one.
        threshold: score that the top topic must reach.
        languages: that the encoder knows.
    """

    errors: ErrorHandler
    path: str
    sha256: str
    threshold: float = THRESHOLD
    languages: tuple[str, ...] = ("en",)

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with topics, without vectors."""
        choose = partial(
            _head_topics,
            path=self.path,
            sha256=self.sha256,
            threshold=self.threshold,
            languages=self.languages,
        )
        return articles | TryMap(choose, STEP, self.errors)
