"""Merging of changes into the rows of one partition, and of versions into one row.

Everything here is a pure function of rows, so that the same changes in any order, or twice, give
the same partition.
"""

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.errors import NewsbeamError
from transforms.output.schema import (
    SCHEMA,
    NewerSchemaError,
    listed_rows,
    rows_table,
    to_current_schema,
)
from transforms.output.versions import (
    Edition,
    best_date,
    listed_of,
    revision,
    union_listed,
    union_versions,
)
from transforms.records import NO_TITLE, Duplicate, Listed

Row = dict[str, Any]


AS_IT_IS = ""
"""No new `duplicate_of`: neither an id nor `None`."""


class Amendment(NamedTuple):
    """What a published row is to learn: keys, older versions, articles that repeat its text.

    `duplicate_of` replaces the row's own, unless it is `AS_IT_IS`. The articles `parted` have texts
    and rows of their own now; they leave the row's duplicates, unless more was seen of them since.
    """

    id: str
    keys: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    listed: tuple[Listed, ...] = ()
    parted: tuple[Listed, ...] = ()
    duplicate_of: str | None = AS_IT_IS


class Removal(NamedTuple):
    """A published row that has to go.

    One with a `successor`, the id of the article that takes its place elsewhere, goes only once
    that has a row: what takes its place may still be rejected.
    """

    id: str
    successor: str | None = None


class Merged(NamedTuple):
    """A merged partition.

    Attributes:
        table: its rows; `None`: as before.
        changed: the ids of the changed ones.
        runs: which runs had written those of them that were there.
    """

    table: pa.Table | None
    changed: frozenset[str]
    runs: Mapping[str, str] = MappingProxyType({})


def merge_versions(old: Row, new: Row) -> Row:
    """Return the row for two versions of one article, `new` having arrived later.

    `Edition.is_replaced_by` tells which one stays; it gets the keys, versions and duplicates of
    both, the story of the old one, and where it lacks a title, the other's.
    """
    before, after = Edition.of_row(old), Edition.of_row(new)
    is_replaced = before.is_replaced_by(after)
    published_at, date_source = best_date(*((after, before) if is_replaced else (before, after)))
    versions = union_versions(old["versions"], new["versions"])
    stays, other = (new, old) if is_replaced else (old, new)
    return {
        **stays,
        **({} if stays["title"] else _title_of(other, stays["flags"])),
        "published_at": published_at,
        "date_source": date_source,
        "keys": sorted({*old["keys"], *new["keys"]}),
        "versions": versions,
        "revision": revision(versions),
        "duplicates": _union(old["duplicates"], new["duplicates"]),
        "listed": listed_rows(union_listed(listed_of(old), listed_of(new))),
        "story_id": old["story_id"] or new["story_id"],
    }


def _title_of(row: Row, flags: list[str] | None) -> Row:
    """Return the title of `row`, and `flags` without that there is none."""
    title = row["title"]
    kept = [flag for flag in flags or () if flag != NO_TITLE or not title]
    return {"title": title, "flags": flags if flags is None else kept}


def amend(row: Row, amendment: Amendment) -> Row:
    """Return `row` with the keys, versions and duplicates of `amendment` added, and its link."""
    link = amendment.duplicate_of
    listed = union_listed(listed_of(row), amendment.listed)
    duplicates = _union(row["duplicates"], [d._asdict() for d in amendment.duplicates])
    parted = {item.id: set(item.versions) for item in amendment.parted}
    more = {item.id for item in listed if not parted.get(item.id, set()).issuperset(item.versions)}
    gone = parted.keys() - more
    versions = union_versions(row["versions"], amendment.versions)
    return {
        **row,
        "keys": sorted({*row["keys"], *amendment.keys}),
        "versions": versions,
        "revision": revision(versions),
        "duplicates": [item for item in duplicates if item["id"] not in gone],
        "listed": listed_rows(item for item in listed if item.id not in gone),
        "duplicate_of": row["duplicate_of"] if link == AS_IT_IS else link,
    }


def merge_rows(
    table: pa.Table | None,
    rows: Sequence[Row] = (),
    amendments: Sequence[Amendment] = (),
    removals: Sequence[str] = (),
) -> Merged:
    """Return the partition `table` with `rows` merged in, amended, and `removals` taken out.

    An amendment to a row that is not here is dropped: the row has moved, and the next run that
    reads the same input finds it in its new place.
    """
    touched = {row["id"] for row in rows} | {a.id for a in amendments} | set(removals)
    before = {row["id"]: row for row in _select(table, touched)}
    after = {id_: row for id_, row in before.items() if id_ not in set(removals)}
    for row in rows:
        old = after.get(row["id"])
        after[row["id"]] = merge_versions(old, row) if old else row
    for amendment in amendments:
        if amendment.id in after:
            after[amendment.id] = amend(after[amendment.id], amendment)
    changed = frozenset(id_ for id_ in touched if before.get(id_) != after.get(id_))
    if not changed:
        return Merged(None, changed)
    kept = [] if table is None else [_without(table, touched)]
    runs = {id_: before[id_]["run_id"] for id_ in changed if id_ in before}
    return Merged(sort_rows(pa.concat_tables([*kept, rows_table(after.values())])), changed, runs)


_GROUP_ROWS = 5000
"""Rows read together: what it costs to look at a few of a file that was compacted."""


def sort_rows(table: pa.Table) -> pa.Table:
    """Return `table` in the order of rows in a file."""
    return table.sort_by([("published_at", "ascending"), ("id", "ascending")]).combine_chunks()


def encode_table(table: pa.Table) -> bytes:
    """Return `table` as the bytes of a Parquet file, read back once to be sure of it.

    zstd, statistics and page index, so that readers skip what they do not need.
    """
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        compression="zstd",
        row_group_size=_GROUP_ROWS,
        write_statistics=True,
        write_page_index=True,
        write_page_checksum=True,
        sorting_columns=pq.SortingColumn.from_ordering(
            SCHEMA, [("published_at", "ascending"), ("id", "ascending")]
        ),
    )
    content = buffer.getvalue()
    rows = pq.ParquetFile(io.BytesIO(content)).metadata.num_rows
    if rows != len(table):
        raise OSError(f"a Parquet file of {len(table)} rows reads back with {rows}")
    return content


def decode_table(content: bytes, path: str) -> pa.Table:
    """Return the rows of a file made by `encode_table`, in today's schema.

    Args:
        content: of the file.
        path: names it in an error.

    Raises:
        NewsbeamError: it is damaged, or a newer newsbeam wrote it.
    """
    with readable(path):
        return to_current_schema(pq.ParquetFile(io.BytesIO(content)).read())


@contextlib.contextmanager
def readable(path: str) -> Iterator[None]:
    """Say of a published file that cannot be read which one it is, and what to do.

    Raises:
        NewsbeamError: the body could not read it.
    """
    try:
        yield
    except NewerSchemaError as error:
        raise NewsbeamError(f"{path}: {error}") from error
    except pa.ArrowException as error:
        what = str(error).splitlines()[0].rstrip(".")
        raise NewsbeamError(
            f"{path} cannot be read: {what}. Move it out of the output, and "
            "run again on the inputs of its rows too."
        ) from error


def _union(left: Sequence[Row], right: Sequence[Row]) -> list[Row]:
    unique = {Duplicate(**item) for item in (*left, *right)}
    return [duplicate._asdict() for duplicate in sorted(unique)]


def _select(table: pa.Table | None, ids: set[str]) -> list[Row]:
    if table is None:
        return []
    rows: list[Row] = table.filter(_is_one_of(table, ids)).to_pylist()
    return rows


def _without(table: pa.Table, ids: set[str]) -> pa.Table:
    return table.filter(pc.invert(_is_one_of(table, ids)))


def _is_one_of(table: pa.Table, ids: set[str]) -> Any:
    return pc.is_in(table["id"], pa.array(sorted(ids), pa.string()))  # the type, if there are none
