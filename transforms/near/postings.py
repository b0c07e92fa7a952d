"""Which rows hold a key: one sorted array, 8 bytes an entry."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.near.signature import Keys

Positions = NDArray[np.int64]

_SHIFT = np.uint64(32)
_ALL_ROWS = np.uint64(0xFFFFFFFF)


class Hits(NamedTuple):
    """What a look-up found: for each hit the position of its key in the query, and the row.

    `counts` says, for each key of the query, how many rows hold it, found or over the limit.
    """

    positions: Positions
    rows: Positions
    counts: Positions


class Postings:
    """An index of rows by their keys.

    Args:
        keys: every key of every row, one row after the other.
        lengths: how many of them each row has.
    """

    def __init__(self, keys: Keys, lengths: NDArray[np.integer]) -> None:
        rows = np.repeat(np.arange(len(lengths), dtype=np.uint64), lengths)
        self.entries = (keys.astype(np.uint64) << _SHIFT) | rows
        self.entries.sort()

    def find(self, keys: Keys, limit: int) -> Hits:
        """Return the first `limit` rows of each of `keys`: time is logarithmic in the entries."""
        wanted = keys.astype(np.uint64) << _SHIFT
        order = np.argsort(wanted)  # neighbours in the index follow each other: fewer cache misses
        starts, ends = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
        starts[order] = np.searchsorted(self.entries, wanted[order])
        ends[order] = np.searchsorted(self.entries, wanted[order] | _ALL_ROWS, side="right")
        taken = np.minimum(ends - starts, limit)
        positions = np.repeat(np.arange(len(keys)), taken)
        within = np.arange(len(positions)) - np.repeat(np.cumsum(taken) - taken, taken)
        rows = (self.entries[np.repeat(starts, taken) + within] & _ALL_ROWS).astype(np.int64)
        return Hits(positions, rows, ends - starts)
