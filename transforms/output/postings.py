"""Which rows hold a key: one sorted array, 8 bytes an entry."""

import contextlib
import tempfile
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

Positions = NDArray[np.int64]

AnyKeys = Keys | NDArray[np.uint32]

_HALF = np.uint64(32)

_MEAN_BITS = 4
"""Among 8 to 16 entries, as a mean, a key is searched that is spread as a hash is."""


_SPILLED = 1 << 19
"""Bytes; an array of fewer stays in memory."""

_MOST_MAPPED = 256
"""Arrays on the disk at once: each takes a file descriptor, of which a process may have 1,024."""

_mapped: "WeakValueDictionary[int, np.memmap[Any, Any]]" = WeakValueDictionary()
"""Those that are in use, by their `id`."""

_Array = TypeVar("_Array", bound=NDArray[np.generic])


class Hits(NamedTuple):
    """What a look-up found: for each hit the position of its key in the query, and the row."""

    positions: Positions
    rows: Positions


class Postings:
    """An index of rows by their keys.

    Args:
        keys: every key of every row, one row after the other. An entry holds the number of the row
            in its lowest bits and as much of the key as fits above: with a million rows, 44 bits.
        lengths: how many of them each row has; kept.
    """

    def __init__(self, keys: AnyKeys, lengths: NDArray[np.integer]) -> None:
        self.lengths = lengths.astype(np.int64)
        self._row_bits = np.uint64(len(lengths).bit_length())
        self.entries = self._prefixes(keys)  # in place from here on: this is most of the memory
        self.entries |= np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
        self._sort()

    @classmethod
    def merged(cls, parts: "Sequence[Postings]", places: Sequence[Positions]) -> "Postings":
        """Return the index of rows of several indexes.

        Args:
            parts: their indexes.
            places: for each of them the new numbers of its rows, -1 for those to leave out.
        """
        index = cls(np.empty(0, np.uint64), np.empty(0, np.int64))
        index.lengths = np.empty(sum(int((new >= 0).sum()) for new in places), np.int64)
        # Where rows have left, the lowest bits of the keys are gone already.
        own = np.uint64(len(index.lengths).bit_length())
        index._row_bits = bits = max(own, *(part._row_bits for part in parts), np.uint64(0))
        entries = []
        for part, new in zip(parts, places, strict=True):
            index.lengths[new[new >= 0]] = part.lengths[new >= 0]
            own_rows = (np.uint64(1) << part._row_bits) - np.uint64(1)
            rows = new[(part.entries & own_rows).astype(np.int64)]
            kept = rows >= 0
            entries.append((part.entries[kept] >> bits << bits) | rows[kept].astype(np.uint64))
        index.entries = np.concatenate(entries)
        index._sort()
        return index

    def _sort(self) -> None:
        """Sort the entries, and note where those begin that have the same highest bits."""
        self.entries.sort()
        bits = max(1, len(self.entries).bit_length() - _MEAN_BITS)
        self._low_bits = np.uint64(64 - bits)
        edges = np.arange(1 << bits, dtype=np.uint64) << self._low_bits
        self._starts = np.append(np.searchsorted(self.entries, edges), len(self.entries))

    def _prefixes(self, keys: AnyKeys) -> Keys:
        """Return the keys in the high bits of an entry; the bits of the row are 0."""
        prefixes: Keys = keys.astype(np.uint64)
        if keys.dtype == np.uint32:
            prefixes <<= _HALF
        prefixes >>= self._row_bits
        prefixes <<= self._row_bits
        return prefixes

    @property
    def nbytes(self) -> int:
        """The memory it takes, without what lies on the disk."""
        return sum(map(in_memory, (self.entries, self._starts, self.lengths)))

    def spill(self) -> None:
        """Have a large index lie on the disk: memory then holds what of it is looked at."""
        self.entries, self._starts = on_disk(self.entries), on_disk(self._starts)

    def find(self, keys: AnyKeys, limit: int) -> Hits:
        """Return the first `limit` rows of each of `keys`; time does not grow with the entries."""
        wanted = self._prefixes(keys)
        all_rows = (np.uint64(1) << self._row_bits) - np.uint64(1)
        part = (wanted >> self._low_bits).astype(np.int64)
        ends = self._starts[part + 1]
        starts = self._search(np.less, wanted, self._starts[part], ends)
        ends = np.minimum(starts + limit, ends)
        taken = self._search(np.less_equal, wanted | all_rows, starts, ends) - starts
        positions = np.repeat(np.arange(len(keys)), taken)
        within = np.arange(len(positions)) - np.repeat(np.cumsum(taken) - taken, taken)
        rows = (self.entries[np.repeat(starts, taken) + within] & all_rows).astype(np.int64)
        return Hits(positions, rows)

    def _search(
        self, is_before: np.ufunc, wanted: Keys, low: Positions, high: Positions
    ) -> Positions:
        """Return, for each of `wanted`, the first entry from `low` up to `high` that is not before.

        That is a binary search, for all at once.
        """
        while (is_open := low < high).any():
            middle = (low + high) >> 1
            before = is_before(self.entries[np.where(is_open, middle, 0)], wanted)
            low = np.where(is_open & before, middle + 1, low)
            high = np.where(is_open & ~before, middle, high)
        return low


def on_disk(array: _Array) -> _Array:
    """Return `array` as it is if it is small or lies on the disk, else a copy that lies there.

    It is in a file without a name below `TMPDIR`, which goes with the array or with the process.
    Where the disk has no room, or `_MOST_MAPPED` arrays lie there, the array stays in memory.
    """
    if in_memory(array) < _SPILLED or len(_mapped) >= _MOST_MAPPED:
        return array
    # A full disk may also leave a file that is too short to be mapped: a ValueError.
    with contextlib.suppress(OSError, ValueError), tempfile.TemporaryFile() as file:
        array.tofile(file)
        file.flush()
        mapped = np.memmap(file, array.dtype, "r", shape=array.shape)
        _mapped[id(mapped)] = mapped
        return np.asarray(mapped)  # type: ignore[return-value]
    return array


def in_memory(array: NDArray[np.generic]) -> int:
    """Return the bytes of memory that `array` takes: none if it lies on the disk."""
    return 0 if isinstance(array.base, np.memmap) else array.nbytes
