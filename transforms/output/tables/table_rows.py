"""The rows of a table: those of the plain layout, in types that table formats know."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Protocol

import pyarrow as pa

from transforms.output.schema import SCHEMA

DAY = "date"
"""Column that a table is partitioned by; in the plain layout it is the folder's name."""

_SIGNED = {
    pa.list_(pa.uint64()): pa.list_(pa.int64()),
    pa.list_(pa.uint32()): pa.list_(pa.int64()),
}
"""Neither format has unsigned numbers: 64 bits are read as signed, 32 bits fit into 64."""

TABLE_SCHEMA = pa.schema(
    [
        *(field.with_type(_SIGNED.get(field.type, field.type)) for field in SCHEMA),
        pa.field(DAY, pa.date32(), False, {"description": "UTC day of published_at."}),
    ]
)


def nullable(schema: pa.Schema) -> pa.Schema:
    """Return `schema` with columns that may all be null."""
    return pa.schema([field.with_nullable(True) for field in schema])


class TableSink(Protocol):
    """A table that rows are written to."""

    @property
    def identity(self) -> str:
        """What tells this table from others, also from a former one at the same place."""

    def days(self) -> set[date]:
        """Return the days that have rows."""

    def ids(self, days: Collection[date]) -> pa.Array:
        """Return the ids of the rows of these days."""

    def rows(self, days: Collection[date], ids: pa.Array) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these days with these ids: the columns of `TABLE_SCHEMA`, in order.

        Those that were added to the table may be null.
        """

    def commit(self, rows: pa.Table, old: Sequence[str], days: Collection[date]) -> None:
        """Put `rows` in and take the `old` ones out, all at once.

        Args:
            rows: of `TABLE_SCHEMA`, one per id.
            old: ids of rows of these days that the table has: those to be replaced by one of
                `rows`, and those that are gone.
            days: where the old rows lie.
        """

    def drop_history(self) -> None:
        """Remove the files that only earlier versions of the table need."""


def table_rows(rows: pa.Table) -> pa.Table:
    """Return rows of `SCHEMA` as rows of `TABLE_SCHEMA`, one per id: the latest revision."""
    columns = [
        rows[field.name].cast(field.type, safe=False) for field in TABLE_SCHEMA if field.name != DAY
    ]
    days = rows["published_at"].cast(pa.date32())
    table = pa.Table.from_arrays([*columns, days], schema=TABLE_SCHEMA)
    if len(table["id"].unique()) == len(table):
        return table
    order = table.sort_by([("revision", "ascending"), ("ingested_at", "ascending")])
    numbered = pa.table({"id": order["id"], "place": pa.array(range(len(order)))})
    latest = numbered.group_by("id").aggregate([("place", "max")])["place_max"]
    return order.take(latest.combine_chunks().sort())


_SLICE = 1000
"""Rows that are looked at together: bounds the memory of their Python values."""


def changed_rows(rows: pa.Table, held: Iterable[pa.RecordBatch]) -> pa.Table:
    """Return those of `rows` that are not among the rows of the table as they are."""
    schema = nullable(TABLE_SCHEMA)
    known = {digest for batch in held for digest in _digests(batch.cast(schema))}
    if not known:
        return rows
    fresh = [d not in known for batch in rows.to_batches() for d in _digests(batch)]
    return rows.filter(pa.array(fresh, pa.bool_()))


def _digests(rows: pa.RecordBatch) -> Iterator[bytes]:
    for start in range(0, len(rows), _SLICE):
        for row in rows.slice(start, _SLICE).to_pylist():
            yield hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass")).digest()
