"""The rows as a Delta table, through deltalake."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, Field, Schema, WriterProperties

from transforms.output.storage import is_local, local_path
from transforms.output.tables.table_rows import DAY, TABLE_SCHEMA

_GONE = "_gone"
"""Of the rows to merge: to be taken out."""

_NULLABLE = pa.schema([field.with_nullable(True) for field in TABLE_SCHEMA])
_CHANGES = _NULLABLE.append(pa.field(_GONE, pa.bool_()))
"""A row that is to be taken out is no more than its id."""


def open_delta(path: str) -> "DeltaSink":
    """Return the table at `path`, made where there is none, with all of today's columns.

    Those that an existing one has to be given may be null there.
    """
    where = str(local_path(path).resolve()) if is_local(path) else path
    table = DeltaTable.create(where, TABLE_SCHEMA, mode="ignore", partition_by=[DAY])
    known = {field.name for field in table.schema().fields}
    if missing := [field for field in _fields() if field.name not in known]:
        table.alter.add_columns(missing)
    return DeltaSink(where)


def _fields() -> list[Field]:
    return list(Schema.from_arrow(_NULLABLE).fields)


@dataclass(frozen=True)
class DeltaSink:
    """A Delta table; see `TableSink`."""

    path: str

    def _open(self) -> DeltaTable:
        return DeltaTable(self.path)

    @property
    def identity(self) -> str:
        """The table's own id."""
        return f"delta {self.path} {self._open().metadata().id}"

    def days(self) -> set[date]:
        """Return the days that have rows."""
        found = self._open().to_pyarrow_dataset().to_table(columns=[DAY])
        return set(found[DAY].unique().to_pylist())

    def ids(self, days: Collection[date]) -> pa.Array:
        """Return the ids of the rows of these days."""
        wanted = pc.field(DAY).isin(sorted(days))
        found = self._open().to_pyarrow_dataset().to_table(columns=["id"], filter=wanted)
        return found["id"].combine_chunks()

    def commit(self, rows: pa.Table, old: Sequence[str], days: Collection[date]) -> None:
        """Merge by id in one commit."""
        gone = sorted(set(old) - set(rows["id"].to_pylist()))
        leaving = pa.Table.from_pylist([{"id": id_, _GONE: True} for id_ in gone], _CHANGES)
        flags = pa.array([False] * len(rows))
        staying = pa.Table.from_arrays([*rows.columns, flags], schema=_CHANGES)
        changes = pa.concat_tables([staying, leaving])
        columns = {name: f"s.{name}" for name in TABLE_SCHEMA.names}
        where = ", ".join(f"'{day}'" for day in sorted(days))
        (
            self._open()
            .merge(
                changes,
                f"t.id = s.id AND t.{DAY} IN ({where})",
                source_alias="s",
                target_alias="t",
                writer_properties=WriterProperties(compression="ZSTD"),
            )
            .when_matched_delete(f"s.{_GONE}")
            .when_matched_update(columns)
            .when_not_matched_insert(columns, f"NOT s.{_GONE}")
            .execute()
        )
