"""Give every article its summary; a model's draft is then held against the article."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.batching import InBatches
from transforms.deadletter import SplitDeadLetters, TryMap, attempt_all
from transforms.encode import PROBE, encoded_probe
from transforms.models.cache import ResultCache
from transforms.models.contract import Writer
from transforms.models.loaders import Encoders, LoadEncoder, LoadJudge, LoadWriter
from transforms.records import Article, DeadLetter
from transforms.summarize.drafts import (
    FAILED,
    SUMMARY_FAILED,
    AbstractOptions,
    draft_articles,
)
from transforms.summarize.extractive import STEP, SummaryOptions, summarize_article
from transforms.summarize.faithfulness import VerifyOptions, verify_articles

VERIFY = "verify"

_WROTE_NOTHING = "the model wrote no summary"


@dataclass
class SummarizeArticles(beam.PTransform):
    """Give every article an extractive summary, from the vectors that `encode` set.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.

    Attributes:
        errors: receives the dead letters.
        options: length, and the encoder's name.
    """

    errors: ErrorHandler
    options: SummaryOptions

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with summaries."""
        summarize = partial(summarize_article, options=self.options)
        return articles | TryMap(summarize, STEP, self.errors)


def _draft(
    articles: Sequence[Article],
    load: LoadWriter,
    options: AbstractOptions,
    cache: ResultCache | None,
) -> list[Article | DeadLetter]:
    """`draft_articles`; counts what the drafts cost, and how each summary was made."""
    writers: list[tuple[Writer, dict[str, int]]] = []

    def load_counted() -> Writer:
        writer = load()
        writers.append((writer, dict(writer.usage)))
        return writer

    afresh = partial(draft_articles, load=load_counted, options=options, cache=None)
    draft = partial(afresh, cache=cache)
    drafted = attempt_all(articles, draft, STEP, lambda: [PROBE], afresh)
    for writer, before in writers:
        for name, count in writer.usage.items():
            Metrics.counter(STEP, name).inc(count - before[name])
    _count_methods(drafted, STEP)
    if failed := sum(_has_failed(item) for item in drafted):
        faults = [writer.fault for writer, _ in writers if writer.fault]
        Metrics.counter(STEP, FAILED + (faults[-1] if faults else _WROTE_NOTHING)).inc(failed)
    return drafted


def _has_failed(item: Article | DeadLetter) -> bool:
    return isinstance(item, Article) and SUMMARY_FAILED in item.flags


def _count_methods(items: Iterable[Article | DeadLetter], step: str) -> None:
    for item in items:
        if isinstance(item, Article):
            Metrics.counter(step, item.summary_method).inc()


@dataclass
class DraftSummaries(beam.PTransform):
    """Give every article a draft of its summary by an engine; `verify` must follow.

    Bounded and unbounded input alike; an element's timestamp is afterwards the end of its window.

    Attributes:
        errors: receives the dead letters.
        load: returns the writer; picklable.
        options: see there.
        cache: of drafts, if any.
    """

    errors: ErrorHandler
    load: LoadWriter
    options: AbstractOptions
    cache: ResultCache | None = None

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with drafts in `summary`."""
        draft = partial(_draft, load=self.load, options=self.options, cache=self.cache)
        drafted = articles | "infer" >> InBatches(draft, self.options.batch_size)
        return drafted | SplitDeadLetters(STEP, self.errors)


_BATCH_SIZE = 128
"""Articles per batch, whose drafts' sentences are encoded together."""


def _verify(
    articles: Sequence[Article],
    encoders: Encoders,
    load_judge: LoadJudge | None,
    options: VerifyOptions,
) -> list[Article | DeadLetter]:
    """`verify_articles`; counts what became of the drafts."""
    verify = partial(verify_articles, encoders=encoders, load_judge=load_judge, options=options)
    verified = attempt_all(articles, verify, VERIFY, partial(_drafted_probe, encoders.first))
    _count_methods(verified, VERIFY)
    return verified


def _drafted_probe(load_encoder: LoadEncoder) -> list[Article]:
    return [
        replace(article, summary=PROBE.text, summary_method="probe")
        for article in encoded_probe(load_encoder)
    ]


@dataclass
class VerifySummaries(beam.PTransform):
    """Keep of every draft what the article supports.

    Bounded and unbounded input alike; an element's timestamp is afterwards the end of its window.

    Attributes:
        errors: receives the dead letters.
        encoders: that made the articles' vectors.
        options: see there.
        load_judge: returns a model of entailment, if one is configured; picklable.
    """

    errors: ErrorHandler
    encoders: Encoders
    options: VerifyOptions
    load_judge: LoadJudge | None = None

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with summaries that hold."""
        verify = partial(
            _verify,
            encoders=self.encoders,
            load_judge=self.load_judge,
            options=self.options,
        )
        verified = articles | "infer" >> InBatches(verify, _BATCH_SIZE)
        return verified | SplitDeadLetters(VERIFY, self.errors)
