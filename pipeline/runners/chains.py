"""Elements of a batch through a chain of the graph, in this process."""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult
from apache_beam.transforms.error_handling import ErrorHandler

from pipeline.graph import clean_articles
from pipeline.runners.options import KeepingRunner, local_runner
from pipeline.settings import Plan
from transforms.handles import Handle, PutInto, TakeFrom
from transforms.records import DeadLetter

Counters = dict[str, Counter[str]]
"""By namespace: what steps have counted."""

Build = Callable[[beam.PCollection[Any], Plan, ErrorHandler], beam.PCollection[Any]]
"""Adds a chain of steps to a graph: takes its elements, returns what comes of them."""


class Passed(NamedTuple):
    """What came of elements that went through a chain.

    Attributes:
        elements: those that reached its end.
        letters: dead letters.
        counters: of the steps.
    """

    elements: list[Any]
    letters: list[DeadLetter]
    counters: Counters


def clean_chain(
    documents: beam.PCollection[Any], plan: Plan, errors: ErrorHandler
) -> beam.PCollection[Any]:
    """Return the clean articles of `documents`, and the `Withdrawal`s among them."""
    return clean_articles(documents, plan, errors) | "both" >> beam.Flatten()


class Chain:
    """A chain of the graph on the local runner, made once for all batches.

    To make a graph and encode it takes longer than to run it on a few elements.

    Args:
        build: adds the chain's steps.
        plan: all settings.
        options: of the local runner.
    """

    def __init__(self, build: Build, plan: Plan, options: PipelineOptions) -> None:
        self.plan = plan
        self._build, self._options = build, options
        self._source, self._kept, self._rejected = Handle(), Handle(), Handle()
        self._runner: KeepingRunner | None = None

    def run(self, elements: list[Any]) -> Passed:
        """Return what comes of `elements`.

        Raises what a step raises; nothing of the batch is left behind.
        """
        if not elements:
            return Passed([], [], {})
        for handle in (self._source, self._kept, self._rejected):
            handle.take()
        self._source.elements = elements
        counters = counters_of(self._runner.run_again() if self._runner else self._first())
        return Passed(self._kept.take(), self._rejected.take(), counters)

    def _first(self) -> PipelineResult:
        runner = local_runner(self._options)
        pipeline = beam.Pipeline(runner=runner, options=self._options)
        with ErrorHandler(PutInto(self._rejected.number)) as errors:
            source = pipeline | "source" >> TakeFrom(self._source.number)
            _ = self._build(source, self.plan, errors) | "kept" >> PutInto(self._kept.number)
        result = pipeline.run()
        result.wait_until_finish()
        self._runner = runner
        return result


def counters_of(result: PipelineResult) -> Counters:
    """Return the counters of a finished pipeline, by namespace.

    Those that are committed, or of all attempts where an engine knows no others.
    """
    counters: Counters = {}
    for metric in result.metrics().query()["counters"]:
        name = metric.key.metric
        value = metric.attempted if metric.committed is None else metric.committed
        counters.setdefault(name.namespace, Counter())[name.name] += value or 0
    return counters
