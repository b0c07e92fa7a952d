"""The graph on unbounded input, for engines that never end.

Everything up to the models works on each article by itself, on all machines. Publishing is one
worker's work, one window after the other (`last_step`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.coders import VarIntCoder
from apache_beam.io.fileio import MatchContinuously
from apache_beam.io.filesystem import FileMetadata
from apache_beam.transforms.error_handling import CollectingErrorHandler
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec
from apache_beam.transforms.window import GlobalWindows, TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from pipeline.graph import apply_models, clean_articles
from pipeline.runners.brokers import message_sources
from pipeline.runners.last_step import PublishBatches, RunContext
from pipeline.settings import Plan
from transforms.input_files import appearing, file_info, input_links
from transforms.local_files import LocalFile, time_of
from transforms.one_group import AsOneGroup
from transforms.read import ReadDocuments
from transforms.windows import DropRepeats, WindowArrivals


@dataclass
class ReadArrivals(beam.PTransform):
    """Read all that `plan` names: files that appear, and messages.

    Unbounded. Event time is when a file was found, or a message arrived.
    """

    plan: Plan

    def expand(self, begin: Any) -> beam.PCollection[Any]:
        """Return the documents and the dead letters."""
        sources = message_sources(self.plan.config, self.plan.bounds)
        if self.plan.config.input.paths:
            sources["files"] = FilesAppearing(self.plan)
        return [begin | name >> source for name, source in sources.items()] | beam.Flatten()


@dataclass
class FilesAppearing(beam.PTransform):
    """Read the files that `input.paths` name, and those that appear or change.

    Unbounded. Event time is when a file was found. What is remembered is a time and what has it,
    whatever the number of files; so a file that appears with an older time than one that was read
    is taken to be known.
    """

    plan: Plan

    def expand(self, begin: Any) -> beam.PCollection[Any]:
        """Return the documents and the dead letters."""
        config = self.plan.config
        links = input_links(config.input.paths, config.input.follow_links)
        found = [
            begin
            | f"match {number}"
            >> MatchContinuously(
                files.glob,
                interval=config.stream.poll_seconds,
                start_timestamp=Timestamp.now(),
                match_updated_files=True,
                timestamp_cursor=True,
            )
            | f"visible {number}" >> beam.Filter(files.is_visible)
            for number, files in enumerate(
                [appearing(pattern, links) for pattern in config.input.paths]
            )
        ]
        return (
            found
            | beam.Flatten()
            | beam.Map(_arrived)
            | "documents" >> ReadDocuments(config.input.max_bytes, self.plan.bounds)
        )


def _arrived(file: FileMetadata) -> Any:
    now = datetime.now(UTC)
    found = LocalFile(file.path, file.size_in_bytes, time_of(file.last_updated_in_seconds))
    return TimestampedValue(file_info(found, now), now.timestamp())


def build_stream(
    pipeline: beam.Pipeline, source: beam.PTransform, plan: Plan, context: RunContext
) -> None:
    """Add the graph to `pipeline`, from the unbounded documents of `source` to the output.

    See `build_graph` for the arguments.
    """
    stream = plan.config.stream
    window = WindowArrivals(stream.window_seconds, stream.lateness_hours * 3600)
    with CollectingErrorHandler() as errors:
        cleaned = clean_articles(pipeline | "source" >> source | "arrivals" >> window, plan, errors)
        news = cleaned.articles | "repeats" >> DropRepeats(stream.repeat_hours * 3600)
        described = apply_models(news.articles | "new arrivals" >> window, plan, errors)
    repeats = news.repeats | "repeated arrivals" >> window
    _ = (
        (described, repeats, cleaned.withdrawals, errors.output())
        | "arrived" >> beam.Flatten().with_output_types(Any)
        | "one window" >> AsOneGroup()
        | "one writer" >> InTurn()
        | "write" >> PublishBatches(plan, context)
    )


@dataclass
class InTurn(beam.PTransform):
    """Bring the lists of all windows to one worker, one after the other.

    The key and the state ask the engine not to run two at once; where it does, they take turns at
    the output's lock. Bounded and unbounded input alike.
    """

    def expand(self, lists: beam.PCollection[list[Any]]) -> beam.PCollection[list[Any]]:
        """Return the lists."""
        return (
            lists
            | beam.WindowInto(GlobalWindows())
            | "for one worker" >> beam.WithKeys(0)
            | "in turn" >> beam.ParDo(_TurnFn())
        )


class _TurnFn(beam.DoFn):
    TURN = ReadModifyWriteStateSpec("turn", VarIntCoder())

    def process(
        self,
        group: tuple[int, list[Any]],
        turn: Any = beam.DoFn.StateParam(TURN),  # noqa: B008 (how Beam asks for it)
    ) -> Iterator[list[Any]]:
        turn.write((turn.read() or 0) + 1)
        yield group[1]
