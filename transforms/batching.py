"""Elements by the batch, for what is faster with many at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import apache_beam as beam


@dataclass
class InBatches(beam.PTransform):
    """Hand elements to `function` in lists of at most `size`, and pass on what it returns.

    All lists but the last of a bundle have that size: Beam's adaptive one depends on timing, so
    runs would differ. Beam's RunInference does the same and imports torch, which takes seconds
    that a run with nothing new would pay; and it shares a model within one step of one pipeline,
    where `loaders.cached_model` shares it within the process.

    Bounded and unbounded input alike. An element's timestamp is afterwards the end of its window:
    no later step may window by it; an article carries its dates in its fields.
    """

    function: Callable[[list[Any]], Iterable[Any]]
    size: int

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[Any]:
        """Return what `function` returned."""
        return (
            elements
            | "batch" >> beam.BatchElements(min_batch_size=self.size, max_batch_size=self.size)
            | "call" >> beam.FlatMap(self.function)
        )
