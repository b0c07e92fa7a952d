"""What is published already: the output itself is the ledger.

Which files hold a key says an index (`key_index`); rows are read only where one is found.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.output.file_columns import read_columns, rereads
from transforms.output.key_index import index_of, key_hashes
from transforms.output.listing import Listing
from transforms.output.merge import Row
from transforms.records import Partition

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


class Known(NamedTuple):
    """A published row: the key columns, and the partition it lies in."""

    row: Row
    home: Partition


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
    index = index_of(root)
    index.keep({listing.path(file) for file in listing.files})
    try:
        return [
            Known(row, file.partition)
            for file in index.holders(listing, listing.files, wanted)
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
