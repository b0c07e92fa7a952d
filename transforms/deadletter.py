"""`TryMap`, the one place that catches `Rejected`, so that every step rejects in the same way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.errors import Rejected
from transforms.records import Article, DeadLetter, RawDocument, dead_letter

REJECTED = "rejected"
"""Tag of the output that carries dead letters."""


class _SplitFn(beam.DoFn):
    """Send dead letters sideways, count both ways in the namespace of `step`."""

    def __init__(self, step: str) -> None:
        self._accepted = Metrics.counter(step, "accepted")
        self._rejected = Metrics.counter(step, REJECTED)

    def process(self, element: Any) -> Iterator[Any]:
        if isinstance(element, DeadLetter):
            self._rejected.inc()
            yield TaggedOutput(REJECTED, element)
        else:
            self._accepted.inc()
            yield element


@dataclass
class SplitDeadLetters(beam.PTransform):
    """Pass on what is no `DeadLetter`; hand each `DeadLetter` to `errors`.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.
    """

    step: str
    errors: ErrorHandler

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[Any]:
        """Return the elements that are no dead letters."""
        outputs = elements | "split" >> beam.ParDo(_SplitFn(self.step)).with_outputs(
            REJECTED, main="accepted"
        )
        self.errors.add_error_pcollection(outputs[REJECTED])
        return outputs.accepted


def attempt(element: RawDocument | Article, function: Callable[[Any], Any], step: str) -> Any:
    """Return `function(element)`, or the dead letter of `element` if it raises `Rejected`."""
    try:
        return function(element)
    except Rejected as rejected:
        return dead_letter(element, step, rejected.reason, rejected.detail)


@dataclass
class TryMap(beam.PTransform):
    """Apply `function` to every element; one that raises `Rejected` becomes a dead letter.

    Any other exception fails the bundle, so that the runner retries it.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.
    """

    function: Callable[[Any], Any]
    step: str
    errors: ErrorHandler

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[Any]:
        """Return what `function` returned for the accepted elements."""
        return (
            elements
            | "try" >> beam.Map(attempt, self.function, self.step)
            | SplitDeadLetters(self.step, self.errors)
        )
