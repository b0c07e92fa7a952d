"""What is published already: the output itself is the ledger.

Of each file, an index of the keys in it stays in memory until the file changes; rows are read only
where a key is found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.output.file_columns import open_file, read_columns, rereads
from transforms.output.filecache import FileCache
from transforms.output.listing import Listing
from transforms.output.merge import Row
from transforms.output.postings import Postings
from transforms.output.storage import FileState
from transforms.records import DayFile, Partition

KEY_COLUMNS = (
    "id",
    "keys",
    "title",
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


def key_index(listing: Listing, file: DayFile) -> KeyIndex:
    """Return the index of `file`.

    Raises:
        pa.ArrowInvalid: it is no Parquet file.
    """
    path, state = listing.path(file), listing.state(file)
    index = _indexes.get(path, None, lambda: _read_index(path, state), state)
    assert index is not None
    return index


def _read_index(path: str, state: FileState) -> KeyIndex:
    with open_file(path, state) as file:
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


@rereads
def look_up(
    root: str, keys: set[str], text_hashes: set[str], listing: Listing | None = None
) -> list[Known]:
    """Return the published rows that have one of these keys or texts, oldest partition first.

    A row also answers to the ids of its `duplicates`.

    Args:
        root: the output.
        keys: of articles.
        text_hashes: of their texts.
        listing: of the output, where it is there already.
    """
    listing = listing or Listing(root)
    key_values, hash_values = (pa.array(sorted(part), pa.string()) for part in (keys, text_hashes))
    wanted = np.concatenate([key_hashes(key_values), key_hashes(hash_values)])
    _indexes.keep(root, {listing.path(file) for file in listing.files})
    try:
        return [
            Known(row, file.partition)
            for file in listing.files
            if len(key_index(listing, file).rows.find(wanted, 1).rows)
            for row in _matching(
                read_columns(listing.path(file), KEY_COLUMNS, listing.state(file)),
                key_values,
                hash_values,
            )
        ]
    except FileNotFoundError:
        listing.look_again()
        raise


def _matching(table: pa.Table, keys: pa.Array, hashes: pa.Array) -> Iterator[Row]:
    mask = pc.is_in(table["text_sha256"], hashes).to_numpy(zero_copy_only=False).copy()
    own, duplicates = table["keys"].combine_chunks(), table["duplicates"].combine_chunks()
    aliases = pc.struct_field(duplicates.flatten(), "id")
    for lists, values in ((own, own.flatten()), (duplicates, aliases)):
        rows = pc.list_parent_indices(lists).filter(pc.is_in(values, keys))
        mask[rows.to_numpy()] = True
    yield from table.take(np.flatnonzero(mask)).to_pylist()
