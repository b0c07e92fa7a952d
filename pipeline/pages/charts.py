"""Counts as bars, for templates to draw: SVG's own attributes, so no style stands in a page."""

from collections.abc import Sequence
from typing import NamedTuple

HEIGHT = 48
"""Of the tallest column, in units of the drawing."""
COLUMN = 10
"""From one column to the next."""


class Bar(NamedTuple):
    """One column.

    Attributes:
        x: its left side.
        y: its upper side, counted from above.
        height: down to the base line; one that counts something can be seen.
        value: what it stands for.
    """

    x: int
    y: float
    height: float
    value: int


def columns(counts: Sequence[int]) -> list[Bar]:
    """Return a column for each count, the tallest being `HEIGHT`.

    >>> columns([0, 1, 2])[1]
    Bar(x=10, y=24.0, height=24.0, value=1)
    """
    most = max(counts, default=0) or 1
    heights = [max(2.0, round(HEIGHT * n / most, 1)) if n else 0.0 for n in counts]
    return [
        Bar(number * COLUMN, HEIGHT - height, height, count)
        for number, (height, count) in enumerate(zip(heights, counts, strict=True))
    ]


def share(count: int, most: int) -> float:
    """Return the length of a bar of 100 units, one that counts something being seen.

    >>> share(1, 4), share(1, 1000)
    (25.0, 1.0)
    """
    return max(1.0, round(100 * count / max(most, 1), 1)) if count else 0.0
