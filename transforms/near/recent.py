"""The rows published in the days around a batch, as far as near-duplicates and stories need them.

Read one file at a time. What was read of a file stays in memory, up to a limit, until the file
changes: a stream then reads a day again only where it wrote.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.filecache import FileCache
from transforms.ledger import day_files, open_file
from transforms.near.postings import Positions, Postings
from transforms.records import Partition
from transforms.storage import join

CACHE_BYTES = 1_000_000_000
"""Kept in memory per process, at most: about 3 million rows' signatures, or 1.3 million stories."""


_ID_DIGITS = 32

_SAME_KEY = 16
"""Rows looked at per hash of an id; two in a file of a million rows have the same one by chance."""

Texts = Callable[[Sequence[int]], list[str | None]]


@dataclass(frozen=True)
class RecentRows:
    """Some columns of one file, in the order of its rows.

    Attributes:
        ids: of the articles.
        times: `published_at` in microseconds since 1970, UTC.
        groups: the column asked for, `duplicate_of` or `story_id`; holds nulls.
        postings: the rows by their keys.
        texts: reads the texts of some rows, by their positions.
        by_id: the rows by `id_keys`.
        vectors: int8, one per row (see `stories.quantise`), where asked for.
        home: the partition that the file belongs to.
    """

    ids: pa.Array
    times: NDArray[np.int64]
    groups: pa.Array
    postings: Postings
    texts: Texts
    by_id: Postings
    vectors: NDArray[np.int8] | None = None
    home: Partition | None = None

    def groups_of(self, ids: Iterable[str]) -> dict[str, str | None]:
        """Return the groups of those of `ids` that are here; time does not grow with the rows."""
        wanted = sorted(set(ids))
        hits = self.by_id.find(id_keys(pa.array(wanted, pa.string())), _SAME_KEY)
        rows = hits.rows
        found = zip(
            self.ids.take(rows).to_pylist(), self.groups.take(rows).to_pylist(), strict=True
        )
        return {id_: group for id_, group in found if id_ in set(wanted)}

    def rows_of(self, groups: Iterable[str]) -> Positions:
        """Return the rows that belong to one of `groups`; time does not grow with the others."""
        wanted = pa.array(sorted(set(groups)), pa.string())
        rows = self._by_group.find(id_keys(wanted), len(self.ids)).rows
        here = pc.is_in(self.groups.take(rows), wanted).to_numpy(zero_copy_only=False)
        found: Positions = np.unique(rows[here])
        return found

    @cached_property
    def _by_group(self) -> Postings:
        is_id = pc.equal(pc.binary_length(self.groups), _ID_DIGITS).fill_null(False)
        return Postings(
            id_keys(self.groups.filter(is_id)), is_id.to_numpy(zero_copy_only=False).astype(int)
        )

    @property
    def nbytes(self) -> int:
        """The memory it takes, with all indexes."""
        vectors = 0 if self.vectors is None else self.vectors.nbytes
        arrays = self.ids.nbytes + self.groups.nbytes + self.times.nbytes
        return int(arrays + self.postings.nbytes + 2 * self.by_id.nbytes + vectors)


def id_keys(ids: pa.Array) -> NDArray[np.uint32]:
    """Return a hash of each id: its last 32 bits, as ids are 32 hex digits of a hash."""
    text = ids.cast(pa.binary()).cast(pa.binary(_ID_DIGITS))
    digits = np.frombuffer(text.buffers()[1], np.uint8, len(ids) * _ID_DIGITS)
    nibbles = digits.reshape(-1, _ID_DIGITS)[:, -8:].astype(np.uint32)
    nibbles -= np.where(nibbles > ord("9"), ord("a") - 10, ord("0")).astype(np.uint32)
    shifts = np.arange(28, -4, -4, dtype=np.uint32)
    keys: NDArray[np.uint32] = (nibbles << shifts).sum(axis=1, dtype=np.uint32)
    return keys


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
        return ["id", "published_at", self.group, self.keys, *vector]


def recent_rows(
    root: str, times: Iterable[datetime], days: int, columns: Columns
) -> Iterator[RecentRows]:
    """Yield the rows of each file below `root` that lies within `days` of one of `times`.

    Files written before the columns existed are passed over.
    """
    dates = {time.date() for time in times}
    span = range(-days, days + 1)
    wanted = {(date + timedelta(days=day)).isoformat() for date in dates for day in span}
    for file in day_files(root):
        if file.date in wanted:
            path = join(root, file.path)
            rows = _cache.get(path, columns, partial(_load, path, file.partition, columns))
            if rows is not None:
                yield rows


_cache: FileCache[RecentRows] = FileCache(CACHE_BYTES)


def read_texts(path: str, rows: Sequence[int]) -> list[str | None]:
    """Return the texts of these rows of a file, reading only the row groups they lie in."""
    file = open_file(path)
    wanted = np.asarray(rows, np.int64)
    ends = np.cumsum([file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)])
    groups = np.searchsorted(ends, wanted, side="right")
    texts: dict[int, str | None] = {}
    for group in np.unique(groups):
        start = int(ends[group]) - file.metadata.row_group(int(group)).num_rows
        here = wanted[groups == group]
        column = file.read_row_group(int(group), columns=["text"])["text"]
        texts.update(zip(here.tolist(), column.take(here - start).to_pylist(), strict=True))
    return [texts[row] for row in wanted.tolist()]


def _load(path: str, home: Partition, columns: Columns) -> RecentRows | None:
    file = open_file(path)
    if not set(columns.names) <= set(file.schema_arrow.names):
        return None
    table = file.read(columns=columns.names).combine_chunks()
    return from_table(table, columns, partial(read_texts, path), home)


def from_table(
    table: pa.Table, columns: Columns, texts: Texts, home: Partition | None = None
) -> RecentRows:
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
        vectors,
        home,
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
