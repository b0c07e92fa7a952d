"""What is published already: the output itself is the ledger.

A look-up reads only the key columns of each partition, one file at a time, so its memory is that of
one file's keys and of the rows found.
"""

import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.merge import Row
from transforms.records import Partition
from transforms.schema import SCHEMA
from transforms.storage import is_local, join, list_files, local_path, read_bytes

KEY_COLUMNS = (
    "id",
    "keys",
    "text_sha256",
    "versions",
    "modified_at",
    "published_at",
    "date_source",
    "duplicates",
    "uri",
    "url",
    "story_id",
)

_HOME = re.compile(r"date=(\d{4}-\d\d-\d\d)/part-(\d+)\.parquet$")


class Known(NamedTuple):
    """A published row: the key columns, and the partition it lies in."""

    row: Row
    home: Partition


def partitions(root: str) -> list[Partition]:
    """Return the partitions that have a file below `root`, in order of date and bucket."""
    found = (_HOME.search(path) for path in list_files(join(root, "date=*/part-*.parquet")))
    return sorted(Partition(match[1], int(match[2])) for match in found if match)


def read_columns(path: str, columns: Sequence[str]) -> pa.Table:
    """Return these columns of the partition's file at `path`, on any filesystem.

    Those that an earlier version did not know are null.
    """
    file = open_file(path)
    table = file.read(columns=list(columns))
    for name in columns:
        if name not in table.column_names:
            table = table.append_column(
                SCHEMA.field(name), pa.nulls(len(table), SCHEMA.field(name).type)
            )
    return table.select(list(columns))


def open_file(path: str) -> pq.ParquetFile:
    """Return the Parquet file at `path`, on any filesystem."""
    if is_local(path):
        return pq.ParquetFile(local_path(path))
    content = read_bytes(path)
    assert content is not None, f"{path} vanished while it was read"
    return pq.ParquetFile(io.BytesIO(content))


def look_up(root: str, keys: set[str], text_hashes: set[str]) -> list[Known]:
    """Return the published rows that have one of these keys or texts, oldest partition first.

    A row also answers to the ids of its `duplicates`.
    """
    key_values, hash_values = pa.array(sorted(keys)), pa.array(sorted(text_hashes))
    return [
        Known(row, home)
        for home in partitions(root)
        for row in _matching(
            read_columns(join(root, home.path), KEY_COLUMNS), key_values, hash_values
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
