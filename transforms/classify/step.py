"""Give every article its topics: by phrases, by a model of entailment, or by a trained head."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import apache_beam as beam
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.batching import InBatches
from transforms.classify.head import head_topics_of
from transforms.classify.judge import NliOptions, judge_articles
from transforms.classify.phrases import classify_article, topic_vectors_by, with_embedding
from transforms.classify.scores import STEP, THRESHOLD
from transforms.classify.topics import TopicSet
from transforms.deadletter import SplitDeadLetters, TryMap, attempt_all
from transforms.encode import encoded_probe
from transforms.models.cache import ResultCache
from transforms.models.loaders import Encoders, LoadJudge
from transforms.records import Article, DeadLetter

EMBED = "embed"


@dataclass
class EmbedArticles(beam.PTransform):
    """Give every article the vector that topics are chosen by, to be published.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.
    """

    errors: ErrorHandler
    encoders: Encoders

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with `embedding`."""
        embed = partial(with_embedding, encoders=self.encoders)
        return articles | TryMap(embed, EMBED, self.errors)


def _classify(article: Article, topics: TopicSet, encoders: Encoders) -> Article:
    """`classify_article`, with the phrases encoded when the first article needs them."""
    vectors = topic_vectors_by(encoders.of(article.language), topics)
    return classify_article(article, vectors, encoders.languages)


@dataclass
class ClassifyArticles(beam.PTransform):
    """Give every article its topics, from the vectors that `encode` set, which end here.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.

    Attributes:
        topics: the topics, from `load_topics`.
        errors: receives the dead letters.
        encoders: that made the vectors.
    """

    topics: TopicSet
    errors: ErrorHandler
    encoders: Encoders

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with topics, without vectors."""
        classify = partial(_classify, topics=self.topics, encoders=self.encoders)
        return articles | TryMap(classify, STEP, self.errors)


def _judge(
    articles: Sequence[Article],
    load_judge: LoadJudge,
    encoders: Encoders,
    options: NliOptions,
    cache: ResultCache | None,
) -> list[Article | DeadLetter]:
    afresh = partial(
        judge_articles, load_judge=load_judge, encoders=encoders, options=options, cache=None
    )
    judge = partial(afresh, cache=cache)
    return attempt_all(articles, judge, STEP, partial(encoded_probe, encoders.first), afresh)


@dataclass
class JudgeTopics(beam.PTransform):
    """Give every article its topics by entailment.

    Bounded and unbounded input alike; an element's timestamp is afterwards the end of its window.

    Attributes:
        errors: receives the dead letters.
        load_judge: returns the judge; picklable.
        encoders: that made the articles' vectors.
        options: see there.
        cache: of scores, if any.
    """

    errors: ErrorHandler
    load_judge: LoadJudge
    encoders: Encoders
    options: NliOptions
    cache: ResultCache | None = None

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with topics, without vectors."""
        judge = partial(
            _judge,
            load_judge=self.load_judge,
            encoders=self.encoders,
            options=self.options,
            cache=self.cache,
        )
        judged = articles | "infer" >> InBatches(judge, self.options.batch_size)
        return judged | SplitDeadLetters(STEP, self.errors)


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
            head_topics_of,
            path=self.path,
            sha256=self.sha256,
            threshold=self.threshold,
            languages=self.languages,
        )
        return articles | TryMap(choose, STEP, self.errors)
