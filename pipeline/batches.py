"""One bounded batch after the other, each through the graph, and what came of it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics.execution import MetricResult
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult

from pipeline.feeds import Document, FeedNews
from pipeline.graph import RunContext, build_graph
from pipeline.manifest import Counts, Manifest
from pipeline.runners.options import local_runner
from pipeline.settings import Plan
from transforms.formats.base import STEP as READ
from transforms.output.tables.sync import follow_output
from transforms.records import RawDocument

FIRST_BATCH = 128
"""Documents in the first batch, so that rows appear early."""


class BatchResult(NamedTuple):
    """What came of a batch: of all its documents, and of those that feeds brought."""

    counts: Counts
    news: FeedNews


def batches(documents: Iterable[Document], most: int, most_bytes: int) -> Iterator[list[Document]]:
    """Yield `documents` in lists of at most `most`, or fewer where they exceed `most_bytes`."""
    batch: list[Document] = []
    size, limit = 0, min(FIRST_BATCH, most)
    for document in documents:
        batch.append(document)
        size += document_size(document)
        if len(batch) >= limit or size >= most_bytes:
            yield batch
            batch, size, limit = [], 0, most
    if batch:
        yield batch


def document_size(document: Document) -> int:
    """Return the bytes of its content."""
    return len(document.content if isinstance(document, RawDocument) else document.payload)


def run_batch(
    plan: Plan,
    manifest: Manifest,
    batch: list[Document],
    options: PipelineOptions,
    rejected_root: str,
) -> BatchResult:
    """Run the graph on `batch` with the local runner; what came of it is added to `manifest`."""
    context = RunContext(manifest.run_id, manifest.started_at, rejected_root)
    pipeline = beam.Pipeline(runner=local_runner(options), options=options)
    build_graph(pipeline, beam.Create(batch), plan, context)
    result = add_result(manifest, pipeline.run())
    follow_output(plan.config.output.path, plan.table)
    return result


def add_result(manifest: Manifest, result: PipelineResult) -> BatchResult:
    """Add a finished pipeline's metrics to the manifest; return what came of it.

    Those that are committed, or of all attempts where an engine knows no others.
    """
    result.wait_until_finish()
    manifest.batches += 1
    counters: dict[str, Counter[str]] = {}
    for metric in result.metrics().query()["counters"]:
        name = metric.key.metric
        counters.setdefault(name.namespace, Counter())[name.name] += _value(metric) or 0
    rejected = counters.pop("rejected", Counter())
    counts = _counts(counters, rejected)
    manifest.counts.add(counts)
    news = FeedNews(counters.pop("feeds", Counter()), counters.pop("waiting", Counter()))
    manifest.add_steps(counters)
    manifest.touch(_paths(result, "created"), _paths(result, "changed"))
    return BatchResult(counts, news)


def _value(metric: MetricResult) -> Any:
    return metric.attempted if metric.committed is None else metric.committed


def _paths(result: PipelineResult, name: str) -> set[str]:
    sets = result.metrics().query(MetricsFilter().with_name(name))["string_sets"]
    return {path for metric in sets for path in _value(metric) or ()}


def _counts(counters: dict[str, Counter[str]], rejected: Counter[str]) -> Counts:
    """Return the balance: a document that ends in a step is counted there under its outcome."""
    read = counters.get(READ, Counter())
    outcomes = {
        name: sum(counted[name] for counted in counters.values())
        for name in ("written", "unchanged", "duplicate")
    }
    return Counts(read=read["accepted"] + read["rejected"], rejected=rejected, **outcomes)
