"""Topics by a model of entailment.

Entailment costs one pass of a large model per label, so it is asked only about the labels that the
phrases find likely; the rest count as 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from transforms.classify.phrases import (
    TopicVectors,
    article_vector,
    topic_probabilities,
    topic_vectors_by,
)
from transforms.classify.scores import (
    STEP,
    THRESHOLD,
    knows,
    softmax,
    with_topics,
    without_topics,
)
from transforms.classify.topics import TopicSet
from transforms.models.cache import ResultCache, result_key
from transforms.models.contract import Judge
from transforms.models.loaders import Encoders, LoadJudge
from transforms.records import Article, DeadLetter, dead_letter

BAD_SCORE = "bad_score"
"""Reason: the model of inference returned numbers that are not finite."""
REASONS = frozenset({BAD_SCORE})

_PREMISE_SENTENCES = 10
"""Sentences after the title that a model of entailment reads; its 512 tokens hold few more."""


@dataclass(frozen=True)
class NliOptions:
    """Settings of topics by entailment, plain values.

    Attributes:
        topics: their labels are put into `hypothesis`, their phrases choose the candidates.
        hypothesis: with `{}` for the label.
        candidates: labels that the model is asked about; 0: all.
        model_digest: what determines the model's answers; a part of the cache's key.
        languages: that the model knows; empty: all.
        encoder_languages: of articles that the phrases are held against; in others all labels
            are asked about.
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
    if not knows(options.encoder_languages, article.language):
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
    encoders: Encoders,
    options: NliOptions,
    cache: ResultCache | None,
) -> list[Article | DeadLetter]:
    """Return each article with its topics by entailment; one whose scores are NaN is rejected."""
    able = [article for article in articles if knows(options.languages, article.language)]
    chosen: dict[str, list[int]] = {}
    for load, part in encoders.groups(able):
        phrases = topic_vectors_by(load, options.topics)
        chosen |= {article.id: candidates(article, phrases, options) for article in part}
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
