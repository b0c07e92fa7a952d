"""What is published already: the output itself is the ledger.

Of each file, an index of the keys in it stays in memory until the file changes; rows are read only
where a key is found.
"""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from transforms.output.filecache import FileCache
from transforms.output.merge import Row
from transforms.output.postings import Postings
from transforms.output.schema import with_columns
from transforms.output.storage import is_local, join, list_files, local_path, open_binary
from transforms.records import DayFile, Partition

KEY_COLUMNS = (
    "id",
    "keys",
    "text_sha256",
    "versions",
    "modified_at",
    "published_at",
    "date_source",
    "duplicates",
    "listed",
    "uri",
    "url",
    "story_id",
    "flags",
)

CACHE_BYTES = 500_000_000
"""Of indexes kept in memory per process, at most: about 4 million rows."""

_FILE = re.compile(r"date=(\d{4}-\d\d-\d\d)/part-(\d\d+)(?:-(\d{4,}))?\.parquet$")
_HASHED = 16
"""Bytes of a key that its hash is made of: as keys are hex digits of hashes, 64 bits."""
_CHUNK = 1 << 18
_ODD = np.uint64(0x9E3779B97F4A7C15)
"""2**64 / golden ratio: multiplicative hashing (Knuth, TAOCP 3, 6.4)."""
_INDEXED = ("id", "keys", "duplicates", "text_sha256")


class Known(NamedTuple):
    """A published row: the key columns, and the partition it lies in."""

    row: Row
    home: Partition


@dataclass(frozen=True)
class KeyIndex:
    """The keys of one file.

    Attributes:
        ids: of its rows, in order.
        rows: its rows by the hash of each of their keys, of their text and of their duplicates.
        file_bytes: size of its data.
    """

    ids: pa.Array
    rows: Postings
    file_bytes: int

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return int(self.ids.nbytes + self.rows.nbytes)


_indexes: FileCache[KeyIndex] = FileCache(CACHE_BYTES)


def day_files(root: str, date: str = "*") -> list[DayFile]:
    """Return the files below `root`, or of one date, in order of date, bucket and number."""
    if is_local(root):
        paths = _local_files(local_path(root), date)
    else:
        paths = iter(list_files(join(root, f"date={date}/part-*.parquet")))
    return sorted(file for file in map(parse_path, paths) if file)


def _local_files(base: Path, date: str) -> Iterator[str]:
    """Yield what lies in the folders of days: a large output is listed for every batch."""
    with contextlib.suppress(FileNotFoundError):
        days = os.listdir(base) if date == "*" else [f"date={date}"]  # noqa: PTH208 (faster)
        for day in days:
            if day.startswith("date="):
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    yield from (f"{day}/{name}" for name in os.listdir(base / day))  # noqa: PTH208


def by_day(files: Iterable[DayFile]) -> Iterator[tuple[str, list[DayFile]]]:
    """Yield each date of `files`, which are in order, with its files."""
    for date, group in groupby(files, lambda file: file.date):
        yield date, list(group)


def parse_path(path: str) -> DayFile | None:
    """Return the file that `path` ends in the name of, `None` if it is no such name."""
    match = _FILE.search(path)
    return DayFile(match[1], int(match[2]), int(match[3] or 0)) if match else None


def key_index(root: str, file: DayFile) -> KeyIndex:
    """Return the index of `file`.

    Raises:
        pa.ArrowInvalid: it is no Parquet file.
    """
    path = join(root, file.path)
    index = _indexes.get(path, None, lambda: _read_index(path))
    assert index is not None
    return index


def _read_index(path: str) -> KeyIndex:
    with open_file(path) as file:
        metadata = file.metadata
        table = file.read(columns=list(_INDEXED))
    own, duplicates = table["keys"].combine_chunks(), table["duplicates"].combine_chunks()
    values = (own.flatten(), pc.struct_field(duplicates.flatten(), "id"), table["text_sha256"])
    parents = (
        pc.list_parent_indices(own).to_numpy(),
        pc.list_parent_indices(duplicates).to_numpy(),
        np.arange(len(table)),
    )
    rows = np.concatenate(parents).astype(np.int64)
    hashes = np.concatenate([key_hashes(array) for array in values])
    postings = Postings(
        hashes[np.argsort(rows, kind="stable")], np.bincount(rows, minlength=len(table))
    )
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    return KeyIndex(table["id"].combine_chunks(), postings, size)


def key_hashes(keys: pa.Array | pa.ChunkedArray) -> NDArray[np.uint64]:
    """Return a hash of the first `_HASHED` bytes of each key: uint64, shape (keys,)."""
    chunks = keys.chunks if isinstance(keys, pa.ChunkedArray) else [keys]
    parts = [
        _hashes(chunk.slice(start, _CHUNK).cast(pa.binary()))
        for chunk in chunks
        for start in range(0, len(chunk), _CHUNK)
    ]
    return np.concatenate([*parts, np.empty(0, np.uint64)])


def _hashes(keys: pa.Array) -> NDArray[np.uint64]:
    _, offsets, content = keys.buffers()
    bounds = np.frombuffer(offsets, np.int32)[keys.offset : keys.offset + len(keys) + 1]
    data = np.frombuffer(content or b"\0", np.uint8)
    places = bounds[:-1, None] + np.arange(_HASHED)
    within = places < bounds[1:, None]
    heads = np.where(within, data[np.minimum(places, len(data) - 1)], 0).astype(np.uint8)
    halves = np.ascontiguousarray(heads).view(np.uint64)
    mixed: NDArray[np.uint64] = (halves[:, 0] ^ (halves[:, 1] * _ODD)) * _ODD
    return mixed ^ (mixed >> np.uint64(32))


def read_columns(path: str, columns: Sequence[str]) -> pa.Table:
    """Return these columns of the partition's file at `path`, on any filesystem.

    Those that an earlier version did not know hold what its schema says.
    """
    return with_columns(open_file(path).read(columns=list(columns)), columns)


def open_file(path: str) -> pq.ParquetFile:
    """Return the Parquet file at `path`: of one in a store, only what is asked for is fetched."""
    return pq.ParquetFile(
        local_path(path) if is_local(path) else open_binary(path), pre_buffer=True
    )


rereads = retry(
    retry=retry_if_exception_type(FileNotFoundError), stop=stop_after_attempt(10), reraise=True
)
"""Calls a function again if a file that it listed was replaced before it was read."""


@rereads
def look_up(root: str, keys: set[str], text_hashes: set[str]) -> list[Known]:
    """Return the published rows that have one of these keys or texts, oldest partition first.

    A row also answers to the ids of its `duplicates`.
    """
    key_values, hash_values = (pa.array(sorted(part), pa.string()) for part in (keys, text_hashes))
    wanted = np.concatenate([key_hashes(key_values), key_hashes(hash_values)])
    files = day_files(root)
    _indexes.keep(root, {join(root, file.path) for file in files})
    return [
        Known(row, file.partition)
        for file in files
        if len(key_index(root, file).rows.find(wanted, 1).rows)
        for row in _matching(
            read_columns(join(root, file.path), KEY_COLUMNS), key_values, hash_values
        )
    ]


def _matching(table: pa.Table, keys: pa.Array, hashes: pa.Array) -> Iterator[Row]:
    mask = pc.is_in(table["text_sha256"], hashes).to_numpy(zero_copy_only=False).copy()
    own, duplicates = table["keys"].combine_chunks(), table["duplicates"].combine_chunks()
    aliases = pc.struct_field(duplicates.flatten(), "id")
    for lists, values in ((own, own.flatten()), (duplicates, aliases)):
        rows = pc.list_parent_indices(lists).filter(pc.is_in(values, keys))
        mask[rows.to_numpy()] = True
    yield from table.take(np.flatnonzero(mask)).to_pylist()
