"""Some columns of published rows, indexed for look-ups."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.output.postings import AnyKeys, Positions, Postings, in_memory, on_disk
from transforms.records import Partition
from transforms.text.date_sources import STATED_SOURCES

_ID_DIGITS = 32

_SAME_KEY = 16
"""Rows looked at per hash of an id; two in a file of a million rows have the same one by chance."""

_STATED = pa.array(sorted(STATED_SOURCES))

_GROUP_BYTES = 17
"""Of a row in the index by groups: an entry, a length, and a part of where entries start."""

GONE = -(2**62)

Texts = Callable[[Sequence[int]], list[str | None]]


@dataclass(frozen=True)
class RecentRows:
    """Some columns of rows of one partition, or of articles of one day in a batch.

    Attributes:
        ids: of the articles.
        times: `published_at` in microseconds since 1970, UTC; `GONE` for a row that is to be passed
            over, which makes it too far from all others.
        groups: the column asked for, `duplicate_of` or `story_id`; holds nulls.
        postings: the rows by their keys.
        texts: reads the texts of some rows, by their positions.
        by_id: the rows by `id_keys`.
        stated: whether `published_at` is stated by the source.
        vectors: int8, one per row (see `stories.quantise`), where asked for.
        home: the partition; `None` for a batch.
    """

    ids: pa.Array
    times: NDArray[np.int64]
    groups: pa.Array
    postings: Postings
    texts: Texts
    by_id: Postings
    stated: NDArray[np.bool_]
    vectors: NDArray[np.int8] | None = None
    home: Partition | None = None

    def groups_of(self, ids: Iterable[str]) -> dict[str, str | None]:
        """Return the groups of those of `ids` that are here; time does not grow with the rows."""
        rows = self.rows_with(ids)
        groups = self.groups.take(rows).to_pylist()
        return dict(zip(self.ids.take(rows).to_pylist(), groups, strict=True))

    def rows_with(self, ids: Iterable[str]) -> Positions:
        """Return the rows that have one of `ids`; time does not grow with the others."""
        wanted = pa.array(sorted(set(ids)), pa.string())
        rows = self.by_id.find(id_keys(wanted), _SAME_KEY).rows
        here = pc.is_in(self.ids.take(rows), wanted).to_numpy(zero_copy_only=False)
        found: Positions = rows[here & (self.times[rows] != GONE)]
        return found

    def rows_of(self, groups: Iterable[str]) -> Positions:
        """Return the rows that belong to one of `groups`; time does not grow with the others."""
        wanted = pa.array(sorted(set(groups)), pa.string())
        rows = self._by_group.find(id_keys(wanted), len(self.ids)).rows
        here = pc.is_in(self.groups.take(rows), wanted).to_numpy(zero_copy_only=False)
        here &= self.times[rows] != GONE
        found: Positions = np.unique(rows[here])
        return found

    @cached_property
    def _by_group(self) -> Postings:
        is_id = pc.equal(pc.binary_length(self.groups), _ID_DIGITS).fill_null(False)
        return Postings(
            id_keys(self.groups.filter(is_id)), is_id.to_numpy(zero_copy_only=False).astype(int)
        )

    @cached_property
    def heads(self) -> NDArray[np.uint32]:
        """The first 32 bits of each id: what was published at one time stands in their order."""
        return _hex_digits(self.ids, slice(8))

    @cached_property
    def gone(self) -> int:
        """How many rows are to be passed over."""
        return int(np.count_nonzero(self.times == GONE))

    def without(self, rows: NDArray[np.bool_] | Positions) -> "RecentRows":
        """Return this but for some rows (a mask, or their numbers); the indexes are shared."""
        times = self.times.copy()
        times[rows] = GONE
        other = replace(self, times=times)
        other.__dict__.update(_by_group=self._by_group, heads=self.heads)
        return other

    def spill(self) -> "RecentRows":
        """Return this with its large arrays on the disk: memory holds what of them is looked at."""
        self.postings.spill()
        self.by_id.spill()
        return self if self.vectors is None else replace(self, vectors=on_disk(self.vectors))

    @property
    def nbytes(self) -> int:
        """The memory it takes, with all indexes, without what lies on the disk."""
        vectors = 0 if self.vectors is None else in_memory(self.vectors)
        groups = _GROUP_BYTES * len(self.ids)
        columns = (self.ids, self.groups, self.times, self.heads, self.stated)
        arrays = sum(column.nbytes for column in columns)
        return int(arrays + self.postings.nbytes + self.by_id.nbytes + vectors) + groups


def id_keys(ids: pa.Array) -> NDArray[np.uint32]:
    """Return a hash of each id: its last 32 bits, as ids are 32 hex digits of a hash."""
    return _hex_digits(ids, slice(-8, None))


def _hex_digits(ids: pa.Array, which: slice) -> NDArray[np.uint32]:
    """Return the value of 8 of the hex digits of each id."""
    text = ids.cast(pa.binary()).cast(pa.binary(_ID_DIGITS))
    digits = np.frombuffer(text.buffers()[1], np.uint8, len(ids) * _ID_DIGITS)
    nibbles = digits.reshape(-1, _ID_DIGITS)[:, which].astype(np.uint32)
    nibbles -= np.where(nibbles > ord("9"), ord("a") - 10, ord("0")).astype(np.uint32)
    shifts = np.arange(28, -4, -4, dtype=np.uint32)
    values: NDArray[np.uint32] = (nibbles << shifts).sum(axis=1, dtype=np.uint32)
    return values


@dataclass(frozen=True)
class Columns:
    """Which columns to read: the group, the keys, and the vectors if any."""

    group: str
    keys: str
    vector: str | None = None

    @property
    def names(self) -> list[str]:
        """All columns that are read."""
        vector = [] if self.vector is None else [self.vector]
        return ["id", "published_at", "date_source", self.group, self.keys, *vector]


def from_table(table: pa.Table, columns: Columns, texts: Texts, home: Partition) -> RecentRows:
    """Return the rows of `table`, which has the columns `columns`."""
    arrays = {name: _one_chunk(table[name]) for name in columns.names}
    keys = arrays[columns.keys]
    lengths = keys.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    vectors = None if columns.vector is None else _vectors(arrays[columns.vector])
    return RecentRows(
        arrays["id"],
        arrays["published_at"].cast(pa.int64()).to_numpy(zero_copy_only=False),
        arrays[columns.group],
        Postings(keys.flatten().to_numpy(zero_copy_only=False), lengths),
        texts,
        index_ids(arrays["id"]),
        pc.is_in(arrays["date_source"], _STATED).to_numpy(zero_copy_only=False),
        vectors,
        home,
    )


def batch_rows(
    ids: Sequence[str],
    times: Positions,
    keys: Sequence[AnyKeys],
    vectors: Sequence[NDArray[np.int8]] | None = None,
) -> RecentRows:
    """Return articles of a batch as rows; there is at least one, and they have no texts.

    Nor does it matter there where their dates come from: they are known from elsewhere.
    """
    array = pa.array(ids, pa.string())
    return RecentRows(
        array,
        times,
        pa.nulls(len(ids), pa.string()),
        Postings(
            cast(AnyKeys, np.concatenate(keys)), np.array([len(own) for own in keys], np.int64)
        ),
        lambda rows: [None for _ in rows],
        index_ids(array),
        np.ones(len(ids), np.bool_),
        None if vectors is None else np.stack(vectors),
    )


def index_ids(ids: pa.Array) -> Postings:
    """Return the index of rows by their ids."""
    return Postings(id_keys(ids), np.ones(len(ids), np.uint8))


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    chunks = column.combine_chunks()
    return pa.concat_arrays(chunks.chunks) if isinstance(chunks, pa.ChunkedArray) else chunks


def _vectors(column: pa.Array) -> NDArray[np.int8]:
    """Return the vectors, shape (rows, dim); a row without one, or of another size, is zeros."""
    lengths = pc.binary_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    size = int(lengths.max(initial=0))
    whole = lengths == size
    if size and whole.all() and not column.offset:
        return np.frombuffer(column.buffers()[2], np.int8, size * len(column)).reshape(-1, size)
    vectors = np.zeros((len(column), size), np.int8)
    if size and whole.any():
        content = column.filter(pa.array(whole)).buffers()[2]  # offsets are buffer 1
        vectors[whole] = np.frombuffer(content, np.int8, size * int(whole.sum())).reshape(-1, size)
    return vectors


class Origin(NamedTuple):
    """Where each of some merged rows comes from: the number of the part, and of the row in it."""

    parts: Positions
    rows: Positions


def merge(parts: Sequence[RecentRows]) -> tuple[RecentRows, Origin]:
    """Return the rows of `parts`, of one partition, by time and id, without those that are `GONE`.

    Their `texts` are to be set: they are found by the origin of each row.
    """
    sizes = [len(part.ids) for part in parts]
    times = np.concatenate([part.times for part in parts])
    order = np.lexsort((np.concatenate([part.heads for part in parts]), times))
    order = order[times[order] != GONE]
    places = np.full(len(times), -1, np.int64)
    places[order] = np.arange(len(order))
    by_part = np.split(places, np.cumsum(sizes)[:-1])
    rows = RecentRows(
        pa.concat_arrays([part.ids for part in parts]).take(order),
        times[order],
        pa.concat_arrays([part.groups for part in parts]).take(order),
        Postings.merged([part.postings for part in parts], by_part),
        parts[0].texts,
        Postings.merged([part.by_id for part in parts], by_part),
        np.concatenate([part.stated for part in parts])[order],
        _stacked([part.vectors for part in parts], order),
        parts[0].home,
    )
    owners = np.repeat(np.arange(len(parts)), sizes)[order]
    return rows, Origin(owners, np.concatenate([np.arange(size) for size in sizes])[order])


def _stacked(parts: Sequence[NDArray[np.int8] | None], order: Positions) -> NDArray[np.int8] | None:
    """Return the vectors of all parts; those of another size than the largest are zeros."""
    vectors = [part for part in parts if part is not None]
    if not vectors:
        return None
    size = max(part.shape[1] for part in vectors)
    same = [
        part if part.shape[1] == size else np.zeros((len(part), size), np.int8) for part in vectors
    ]
    return np.concatenate(same)[order]
