"""The graph on unbounded input, for engines that never end.

Everything up to the models works on each article by itself, on all machines. Publishing is one
key's work, one window after the other: it reads what is published, and changes it, so two at once
would undo each other's work. That one worker runs the bounded end of the graph on each window.
"""

import functools
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.coders import VarIntCoder
from apache_beam.io.fileio import MatchContinuously
from apache_beam.io.filesystem import FileMetadata
from apache_beam.metrics import Metrics
from apache_beam.metrics.execution import MetricResult
from apache_beam.transforms.error_handling import ErrorHandler
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec
from apache_beam.transforms.window import GlobalWindows, TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from pipeline.config import Config
from pipeline.graph import RunContext, apply_models, dedupe_articles, write_letters
from pipeline.runners.brokers import message_sources
from pipeline.runners.options import LocalOptions, local_runner
from pipeline.settings import Plan
from transforms.clean import CleanArticles
from transforms.deadletter import SplitDeadLetters
from transforms.dedupe.step import STEP as DEDUPE
from transforms.formats.base import FileInfo
from transforms.one_group import AsOneGroup
from transforms.parse import ParseArticles
from transforms.read import ReadDocuments, appearing
from transforms.records import Article, Withdrawal
from transforms.relate.step import RelateArticles
from transforms.windows import DropRepeats, WindowArrivals
from transforms.write import WriteArticles


@dataclass
class ReadArrivals(beam.PTransform):
    """Read all that `config` names: files that appear, and messages.

    Unbounded. Event time is when a file was found, or a message arrived.
    """

    config: Config

    def expand(self, begin: Any) -> beam.PCollection[Any]:
        """Return the documents and the dead letters."""
        sources = message_sources(self.config)
        if self.config.input.paths:
            sources["files"] = FilesAppearing(self.config)
        return [begin | name >> source for name, source in sources.items()] | beam.Flatten()


@dataclass
class FilesAppearing(beam.PTransform):
    """Read the files that `input.paths` name, and those that appear or change.

    Unbounded. Event time is when a file was found. What is remembered is a time and what has it,
    whatever the number of files; so a file that appears with an older time than one that was read
    is taken to be known.
    """

    config: Config

    def expand(self, begin: Any) -> beam.PCollection[Any]:
        """Return the documents and the dead letters."""
        found = [
            begin
            | f"match {number}"
            >> MatchContinuously(
                files.glob,
                interval=self.config.stream.poll_seconds,
                start_timestamp=Timestamp.now(),
                match_updated_files=True,
                timestamp_cursor=True,
            )
            | f"visible {number}" >> beam.Filter(files.is_visible)
            for number, files in enumerate(map(appearing, self.config.input.paths))
        ]
        return (
            found
            | beam.Flatten()
            | beam.Map(_arrived)
            | "documents" >> ReadDocuments(self.config.input.max_bytes)
        )


def _arrived(file: FileMetadata) -> Any:
    now, changed = datetime.now(UTC), file.last_updated_in_seconds
    modified_at = datetime.fromtimestamp(changed, UTC) if changed else None
    info = FileInfo(file.path, file.size_in_bytes, modified_at, now)
    return TimestampedValue(info, now.timestamp())


def build_stream(
    pipeline: beam.Pipeline, source: beam.PTransform, plan: Plan, context: RunContext
) -> None:
    """Add the graph to `pipeline`, from the unbounded documents of `source` to the output.

    See `build_graph` for the arguments.
    """
    stream = plan.config.stream
    window = WindowArrivals(stream.window_seconds, stream.lateness_hours * 3600)
    with ErrorHandler(write_letters(context)) as errors:
        parsed = (
            pipeline
            | "source" >> source
            | "arrivals" >> window
            | "read" >> SplitDeadLetters("read", errors)
            | "parse" >> ParseArticles(plan.parse, errors)
        )
        articles = (
            parsed.articles
            | "clean" >> CleanArticles(plan.clean, errors)
            | "repeats" >> DropRepeats(stream.repeat_hours * 3600, DEDUPE)
            | "new arrivals" >> window
        )
        _ = (
            (apply_models(articles, plan, errors), parsed.withdrawals)
            | "both" >> beam.Flatten().with_output_types(Any)
            | "one writer" >> PublishInOrder(plan, context)
        )


@dataclass
class PublishInOrder(beam.PTransform):
    """Publish the articles of each window, one window after the other.

    The key and the state see to it that one worker does it, and that an engine does not run two
    windows at once. A window that is tried again finds its rows unchanged.

    Bounded and unbounded input alike; returns the number of each window's turn.
    """

    plan: Plan
    context: RunContext

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[int]:
        """Return the turns."""
        return (
            elements
            | AsOneGroup()
            | beam.WindowInto(GlobalWindows())
            | "for one worker" >> beam.WithKeys(0)
            | "publish" >> beam.ParDo(_PublishFn(self.plan, self.context))
        )


class _PublishFn(beam.DoFn):
    TURN = ReadModifyWriteStateSpec("turn", VarIntCoder())

    def __init__(self, plan: Plan, context: RunContext) -> None:
        self._plan, self._context = plan, context

    def process(
        self,
        group: tuple[int, list[Any]],
        turn: Any = beam.DoFn.StateParam(TURN),  # noqa: B008 (how Beam asks for it)
    ) -> Iterator[int]:
        number = (turn.read() or 0) + 1
        # In a thread of its own: Beam keeps what it counts by thread.
        with ThreadPoolExecutor(1) as thread:
            work = functools.partial(publish_window, group[1], self._plan, self._context)
            published = thread.submit(work).result()
        for (step, name), count in published.counts.items():
            Metrics.counter(step, name).inc(count)
        for (step, name), paths in published.paths.items():
            for path in paths:
                Metrics.string_set(step, name).add(path)
        turn.write(number)
        yield number


class Published(NamedTuple):
    """What was counted while a window was published, by step and name.

    Attributes:
        counts: numbers.
        paths: files that were created and changed.
    """

    counts: dict[tuple[str, str], int]
    paths: dict[tuple[str, str], set[str]]


def publish_window(elements: list[Any], plan: Plan, context: RunContext) -> Published:
    """Publish articles that have been through the models; return what was counted."""
    options, output = LocalOptions([]), plan.config.output
    pipeline = beam.Pipeline(runner=local_runner(options), options=options)
    with ErrorHandler(write_letters(context)) as errors:
        articles = [element for element in elements if isinstance(element, Article)]
        withdrawals = [element for element in elements if isinstance(element, Withdrawal)]
        _ = (
            (
                pipeline | "articles" >> beam.Create(articles),
                pipeline | "withdrawals" >> beam.Create(withdrawals),
            )
            | "dedupe" >> dedupe_articles(plan, datetime.now(UTC).date(), errors)
            | "relate" >> RelateArticles(output.path, plan.near, plan.stories)
            | "write"
            >> WriteArticles(output.path, output.buckets, context.run_id, output.revisions)
        )
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query()
    return Published(_by_name(found["counters"]), _by_name(found["string_sets"]))


def _by_name(metrics: Iterable[MetricResult]) -> dict[tuple[str, str], Any]:
    return {
        (metric.key.metric.namespace, metric.key.metric.name): metric.committed
        for metric in metrics
        if metric.committed
    }
