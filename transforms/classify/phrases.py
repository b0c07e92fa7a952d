"""Zero-shot topics: how near an article's vector is to a few phrases that describe each topic.

A phrase ("stock market") lies elsewhere in the encoder's space than an article about it, so each is
read within a sentence, and then moved a little towards the lines of `news_lines` that are nearest
to it: a few hundred lines of news of every kind, written for this purpose. That is done once per
topic set and from these lines only, so an article's topics never depend on other articles.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from transforms.classify.scores import THRESHOLD, knows, with_topics, without_topics
from transforms.classify.topics import TopicSet
from transforms.models.contract import Vectors, unit
from transforms.models.loaders import EncoderLoader, Encoders, cached_model
from transforms.records import Article
from transforms.text.news_lines import news_lines

if TYPE_CHECKING:
    from transforms.models.encoder import Encoder

LEAD_SENTENCES = 25
"""Sentences that make the article's vector; the title counts as one more. (Three times the
weight for the title, good for long articles, costs .035 macro-F1 on items of one sentence.)"""

_TEMPLATES = ("news about {}", "This is a news article about {}.")
"""Each phrase is the mean of these two. Against the bare phrase: +.03 macro-F1 on AG News, +.01 on
BBC News."""

_NEARNESS = 20.0
MOVED = 0.3
"""How far a phrase moves towards the lines nearest to it, these weighted by the softmax of
`_NEARNESS` times the cosine (Rocchio's relevance feedback). Without: -.015 macro-F1 on AG News,
-.01 on BBC News. What is best for one of the two serves the other: benchmarks/quality.py."""

_BEST = 6
"""Phrases of a topic that count for an article, the nearest ones: a topic as wide as the economy
needs many, and an article is about few of them."""

_SHARPNESS = 10.0
"""Factor on cosines in the log-mean-exp over these phrases: between their mean and the best."""

_SCALE = 30.0
"""Factor that turns similarities into logits: minimises the log-loss between AG News (26) and BBC
News (38)."""

_NO_NEWS = (
    "This is lorem ipsum placeholder text.",
    "This is meaningless random words and letters.",
    "This is sample text to be replaced.",
    "This is only a test message.",
    "This is a website navigation menu and login links.",
    "This is a cookie notice and terms of use.",
    "This is a page not found error.",
    "This is an offer to subscribe to a newsletter or to sign in.",
)
"""What has no topic at all: competes with the topics, and where it wins the article gets none."""


_COVERED = 0.6
"""Mean over the rivals of the cosine with the nearest topic from which a set covers all news. The
sets of BBC News and AG News have .69 and .68; of three sets for one trade, .39 to .51."""
_SAME = 0.6
"""A rival phrase that is so near to a phrase of a topic means that topic."""


@dataclass(frozen=True)
class TopicVectors:
    """A topic set as the encoder sees it.

    Attributes:
        labels: one per topic.
        phrases: per topic, then for `_NO_NEWS`: float32, shape (phrases, dim), unit length.
        threshold: score that the top topic must reach.
        rivals: the same for each topic of other news; only the best of them and of `_NO_NEWS`
            competes.
    """

    labels: tuple[str, ...]
    phrases: tuple[Vectors, ...]
    threshold: float
    rivals: tuple[Vectors, ...] = ()


def topic_vectors(topics: TopicSet, encoder: "Encoder", moved: float = MOVED) -> TopicVectors:
    """Return the vectors of all phrases of `topics`, moved so far towards lines of news."""
    lines, no_news, *read = _encoded(texts_read(topics), encoder)
    by_form = [read[number :: len(_TEMPLATES)] for number in range(len(_TEMPLATES))]
    means = (unit(sum(of[1:], of[0])) for of in zip(*by_form, strict=True))
    near = [moved_towards(mean, lines, moved) for mean in means]
    phrases, rivals = near[: len(topics.topics)], near[len(topics.topics) :]
    if topics.covers is None and covers_all(phrases, rivals):
        rivals = []
    threshold = THRESHOLD if topics.threshold is None else topics.threshold
    labels = tuple(topic.label for topic in topics.topics)
    return TopicVectors(labels, (*phrases, no_news), threshold, _others(phrases, rivals))


def texts_read(topics: TopicSet) -> list[list[str]]:
    """Return all texts whose vectors `topic_vectors` needs: lines, `_NO_NEWS`, then phrases."""
    others = () if topics.covers == "all" else topics.rivals
    forms = [
        [form.format(phrase) for phrase in one.phrases]
        for one in (*topics.topics, *others)
        for form in _TEMPLATES
    ]
    return [list(news_lines()), list(_NO_NEWS), *forms]


def topic_vectors_by(load: EncoderLoader, topics: TopicSet) -> TopicVectors:
    """Return this process's `topic_vectors`, made when the first article needs them."""
    return cached_model(("topics", topics, load), lambda: topic_vectors(topics, load()))


def covers_all(topics: Sequence[Vectors], rivals: Sequence[Vectors]) -> bool:
    """Return whether `topics` have news of every kind of `rivals`, by their phrases."""
    if not rivals:
        return True
    centres = [unit(np.stack([one.mean(axis=0) for one in of])) for of in (topics, rivals)]
    return float((centres[1] @ centres[0].T).max(axis=1).mean()) >= _COVERED


def _others(topics: Sequence[Vectors], rivals: Sequence[Vectors]) -> tuple[Vectors, ...]:
    """Return the phrases of `rivals` that mean none of `topics`."""
    own = np.concatenate(list(topics))
    kept = [rival[(rival @ own.T).max(axis=1) < _SAME] for rival in rivals]
    return tuple(rival for rival in kept if len(rival))


def _encoded(groups: Sequence[Sequence[str]], encoder: "Encoder") -> list[Vectors]:
    """Return the vectors of each group's texts, read at once: batches of one topic are small."""
    vectors = encoder.encode([text for group in groups for text in group])
    return np.split(vectors, np.cumsum([len(group) for group in groups[:-1]]))


def moved_towards(phrases: Vectors, lines: Vectors, moved: float = MOVED) -> Vectors:
    """Return each phrase moved towards the lines nearest to it: shape of `phrases`, unit length."""
    weights = np.exp(_NEARNESS * (phrases @ lines.T))
    near = unit(weights @ lines)
    return unit((1 - moved) * phrases + moved * near)


def article_vector(vectors: Vectors) -> Vectors:
    """Return the mean of title and first `LEAD_SENTENCES` sentences: shape (dim,), unit length.

    Args:
        vectors: an article's, shape (1 + sentences, dim); an absent title is a row of zeros.
    """
    return unit(vectors[: 1 + LEAD_SENTENCES].sum(axis=0))


def topic_probabilities(vector: Vectors, topics: TopicVectors) -> NDArray[np.float64]:
    """Return the score of each topic and, last, of no topic: in [0, 1], their sum is 1.

    A topic's similarity is the log-mean-exp of `_SHARPNESS` times the cosines with its `_BEST`
    phrases; the scores are their softmax at a scale fitted so that they are right as often as they
    say.
    """
    similarities = np.array([_similarity(phrases, vector) for phrases in topics.phrases])
    for rival in topics.rivals:
        similarities[-1] = max(similarities[-1], _similarity(rival, vector))
    weights = np.exp(_SCALE * (similarities - similarities.max()))
    probabilities: NDArray[np.float64] = weights / weights.sum()
    return probabilities


def _similarity(phrases: Vectors, vector: Vectors) -> float:
    cosines = np.sort((phrases @ vector).astype(np.float64))[-_BEST:]
    return float(np.log(np.exp(_SHARPNESS * cosines).mean()) / _SHARPNESS)


def classify_article(article: Article, topics: TopicVectors, languages: tuple[str, ...]) -> Article:
    """Return `article` with its topics, and without sentences and vectors, now no longer needed.

    `topic` is `None` where no topic reaches the threshold, where the text looks like no news at
    all, and where the encoder does not know the language (flag `language_not_supported`).

    Args:
        article: with vectors.
        topics: from `topic_vectors`.
        languages: ISO 639-1 codes that the encoder knows; an article of unknown language is tried.
    """
    if not knows(languages, article.language):
        return without_topics(article)
    assert article.vectors is not None
    *scores, no_news = topic_probabilities(article_vector(article.vectors), topics).tolist()
    return with_topics(article, topics.labels, scores, max(topics.threshold, no_news))


def with_embedding(article: Article, encoders: Encoders) -> Article:
    """Return `article`, which has vectors, with its own as `embedding`."""
    assert article.vectors is not None
    model = encoders.of(article.language).model
    return replace(article, embedding=article_vector(article.vectors), embedding_model=model.name)
