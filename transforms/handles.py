"""Lists that a graph in this process takes elements from and puts elements into, as they are.

`beam.Create` would pickle and compress every element into the graph, and a reader at its end would
decode them again. Here the graph knows a number only. So it must run in the process that made the
list, as the local runner does.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import apache_beam as beam

_numbers = itertools.count()


@dataclass(eq=False)
class Handle:
    """A list that a graph knows by its number, for as long as somebody holds this.

    Attributes:
        elements: what is in it.
        number: names it in this process.
    """

    elements: list[Any] = field(default_factory=list)
    number: int = field(default_factory=lambda: next(_numbers))

    def __post_init__(self) -> None:
        _handles[self.number] = self

    def take(self) -> list[Any]:
        """Return the elements, and leave none."""
        elements, self.elements = self.elements, []
        return elements


_handles: "WeakValueDictionary[int, Handle]" = WeakValueDictionary()


def _elements(_: bytes, number: int) -> Iterator[Any]:
    yield from _handles[number].take()


def _put(element: Any, number: int) -> None:
    _handles[number].elements.append(element)


@dataclass
class TakeFrom(beam.PTransform):
    """Yield the elements of a list. Bounded; in the global window.

    Attributes:
        number: of the list's `Handle`.
    """

    number: int

    def expand(self, begin: Any) -> beam.PCollection[Any]:
        """Return the elements."""
        return begin | beam.Impulse() | "take" >> beam.FlatMap(_elements, self.number)


@dataclass
class PutInto(beam.PTransform):
    """Add the elements to a list, in the order in which they come.

    Attributes:
        number: of the list's `Handle`.
    """

    number: int

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[None]:
        """Return the end of the work."""
        return elements | "put" >> beam.Map(_put, self.number)
