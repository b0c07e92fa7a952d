"""Give every article its summary; a model's draft is then held against the article."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.ml.inference.base import RunInference
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.deadletter import TryMap
from transforms.models.cache import ResultCache
from transforms.models.contract import Writer
from transforms.models.handler import ArticleHandler
from transforms.models.loaders import LoadEncoder, LoadJudge, LoadWriter
from transforms.records import Article
from transforms.summarize.drafts import AbstractOptions, draft_articles
from transforms.summarize.extractive import STEP, SummaryOptions, summarize_article
from transforms.summarize.faithfulness import VerifyOptions, verify_articles

VERIFY = "verify"


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


class DraftHandler(ArticleHandler[Article, LoadWriter]):
    """Beam's way to a writer: one article in, the same article with a draft out.

    Args:
        load: returns the writer, one per process.
        options: see there.
        cache: of drafts, if any.
    """

    def __init__(
        self, load: LoadWriter, options: AbstractOptions, cache: ResultCache | None
    ) -> None:
        super().__init__(STEP, options.batch_size)
        self._load, self._options, self._cache = load, options, cache

    def load_model(self) -> LoadWriter:
        """Return what loads the writer, at the first article that needs it."""
        return self._load

    def run_inference(
        self,
        batch: Sequence[Article],
        model: LoadWriter,
        inference_args: Mapping[str, Any] | None = None,
    ) -> Iterable[Article]:
        """Return the articles with drafts; counts what they cost."""
        writers: list[tuple[Writer, dict[str, int]]] = []

        def load() -> Writer:
            writer = model()
            writers.append((writer, dict(writer.usage)))
            return writer

        drafted = draft_articles(batch, load, self._options, self._cache)
        for writer, before in writers:
            for name, count in writer.usage.items():
                Metrics.counter(STEP, name).inc(count - before[name])
        for article in drafted:
            Metrics.counter(STEP, article.summary_method).inc()
        return drafted


@dataclass
class DraftSummaries(beam.PTransform):
    """Give every article a draft of its summary by an engine; `verify` must follow.

    Bounded and unbounded input alike; an element's timestamp is afterwards the end of its window.

    Attributes:
        load: returns the writer; picklable.
        options: see there.
        cache: of drafts, if any.
    """

    load: LoadWriter
    options: AbstractOptions
    cache: ResultCache | None = None

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with drafts in `summary`."""
        return articles | "infer" >> RunInference(DraftHandler(self.load, self.options, self.cache))


_BATCH_SIZE = 128
"""Articles per batch."""


class VerifyHandler(ArticleHandler[Article, "LoadEncoder"]):
    """Beam's way to the check: batches, so that the sentences of many drafts are encoded together.

    Args:
        load_encoder: returns the encoder that made the articles' vectors.
        load_judge: returns a model of entailment, if one is configured.
        options: see there.
    """

    def __init__(
        self, load_encoder: LoadEncoder, load_judge: LoadJudge | None, options: VerifyOptions
    ) -> None:
        super().__init__(VERIFY, _BATCH_SIZE)
        self._load_encoder, self._load_judge, self._options = load_encoder, load_judge, options

    def load_model(self) -> LoadEncoder:
        """Return what loads the encoder, at the first draft."""
        return self._load_encoder

    def run_inference(
        self,
        batch: Sequence[Article],
        model: LoadEncoder,
        inference_args: Mapping[str, Any] | None = None,
    ) -> Iterable[Article]:
        """Return the articles with what holds of their drafts; counts what became of them."""
        verified = verify_articles(batch, model, self._load_judge, self._options)
        for article in verified:
            Metrics.counter(VERIFY, article.summary_method).inc()
        return verified


@dataclass
class VerifySummaries(beam.PTransform):
    """Keep of every draft what the article supports.

    Bounded and unbounded input alike; an element's timestamp is afterwards the end of its window.

    Attributes:
        load_encoder: returns the encoder that made the articles' vectors; picklable.
        options: see there.
        load_judge: returns a model of entailment, if one is configured; picklable.
    """

    load_encoder: LoadEncoder
    options: VerifyOptions
    load_judge: LoadJudge | None = None

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles with summaries that hold."""
        return articles | "infer" >> RunInference(
            VerifyHandler(self.load_encoder, self.load_judge, self.options)
        )
