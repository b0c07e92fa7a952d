"""Bring elements to one place."""

from dataclasses import dataclass
from typing import Any

import apache_beam as beam


def _list(group: tuple[int, Any]) -> list[Any]:
    return list(group[1])


@dataclass
class AsOneGroup(beam.PTransform):
    """Bring the elements of a window together in one list; of a window without any comes nothing.

    Bounded and unbounded input alike: what comes late to a window makes a further list. Timestamps
    become the end of the window.
    """

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[list[Any]]:
        """Return the lists."""
        return (
            elements
            | "key" >> beam.Map(lambda element: (0, element)).with_output_types(tuple[int, Any])
            | beam.GroupByKey()
            | "list" >> beam.Map(_list)
        )
