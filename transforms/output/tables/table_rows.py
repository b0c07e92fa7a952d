"""The rows of a table: those of the plain layout, in types that table formats know."""

from collections.abc import Collection, Sequence
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


class TableSink(Protocol):
    """A table that rows are written to."""

    @property
    def identity(self) -> str:
        """What tells this table from others, also from a former one at the same place."""

    def days(self) -> set[date]:
        """Return the days that have rows."""

    def ids(self, days: Collection[date]) -> pa.Array:
        """Return the ids of the rows of these days."""

    def commit(self, rows: pa.Table, old: Sequence[str], days: Collection[date]) -> None:
        """Put `rows` in and take the `old` ones out, all at once.

        Args:
            rows: of `TABLE_SCHEMA`, one per id.
            old: ids of rows of these days that the table has: those to be replaced by one of
                `rows`, and those that are gone.
            days: where the old rows lie.
        """


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
