"""Unbounded input: windows of arrival, and what is dropped because it was there a moment ago.

An element's event time is when it arrived. When an article was published only chooses its
partition: feeds bring articles late and out of order, and a window by that time would never close.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.coders import BooleanCoder
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.trigger import AccumulationMode, AfterCount, AfterWatermark
from apache_beam.transforms.userstate import (
    ReadModifyWriteStateSpec,
    TimerSpec,
    on_timer,
)
from apache_beam.transforms.window import FixedWindows, GlobalWindows
from apache_beam.utils.timestamp import Duration

from transforms.output.versions import version
from transforms.records import Article

_REPEATS = "repeats"


@dataclass
class WindowArrivals(beam.PTransform):
    """Put elements into windows of `seconds` by their time of arrival.

    A window is complete when the watermark passes its end. What comes later, up to `lateness`
    seconds, makes a further, smaller batch of the same window; what comes after that is dropped by
    the engine, so let it be long.
    """

    seconds: float
    lateness: float

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[Any]:
        """Return the elements in their windows."""
        return elements | beam.WindowInto(
            FixedWindows(self.seconds),
            trigger=AfterWatermark(late=AfterCount(1)),
            accumulation_mode=AccumulationMode.DISCARDING,
            allowed_lateness=Duration(self.lateness),
        )


class Repeat(NamedTuple):
    """An input that was dropped as its very version had arrived a moment before, to be counted.

    `token` tells it from all others.
    """

    token: str


class RepeatOutputs(NamedTuple):
    """The outputs of `DropRepeats`."""

    articles: beam.PCollection[Article]
    repeats: beam.PCollection[Repeat]


class _DropFn(beam.DoFn):
    SEEN = ReadModifyWriteStateSpec("seen", BooleanCoder())
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def process(
        self,
        element: tuple[str, Article],
        arrived: Any = beam.DoFn.TimestampParam,
        seen: Any = beam.DoFn.StateParam(SEEN),  # noqa: B008 (how Beam asks for it)
        forget: Any = beam.DoFn.TimerParam(FORGET),  # noqa: B008 (how Beam asks for it)
    ) -> Iterator[Any]:
        if seen.read():
            yield TaggedOutput(_REPEATS, Repeat(uuid.uuid4().hex))
            return
        seen.write(True)
        forget.set(arrived + Duration(self._seconds))
        yield element[1]

    @on_timer(FORGET)  # type: ignore[untyped-decorator]
    def forget(self, seen: Any = beam.DoFn.StateParam(SEEN)) -> None:  # noqa: B008 (how Beam asks for it)
        seen.clear()


@dataclass
class DropRepeats(beam.PTransform):
    """Drop an article of which this very version arrived less than `seconds` before.

    Feeds bring an item with every answer; this saves the models the work. What is dropped has a
    row, or is on the way to one; what comes after `seconds` meets its row in the output instead.
    The state is one bit for each version, and a timer ends it. What is dropped is to be counted as
    unchanged.

    Unbounded input. Timestamps stay; elements are in the global window afterwards.

    Attributes:
        seconds: how long a version is remembered.
    """

    seconds: float

    def expand(self, articles: beam.PCollection[Article]) -> Any:
        """Return `RepeatOutputs`."""
        outputs = (
            articles
            | beam.WindowInto(GlobalWindows())
            | "by version" >> beam.Map(_keyed).with_output_types(tuple[str, Any])
            | "drop" >> beam.ParDo(_DropFn(self.seconds)).with_outputs(_REPEATS, main="news")
        )
        return RepeatOutputs(outputs.news, outputs[_REPEATS])


def _keyed(article: Article) -> tuple[str, Article]:
    return f"{article.id} {version(article)}", article
