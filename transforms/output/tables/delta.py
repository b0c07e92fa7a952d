"""The rows as a Delta table, through deltalake."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, Field, Schema, WriterProperties, write_deltalake

from transforms.output.storage import is_local, local_path
from transforms.output.tables.table_rows import DAY, TABLE_SCHEMA, nullable

_WRITER = WriterProperties(compression="ZSTD")

_GONE = "_gone"
"""Of the rows to merge: to be taken out."""

_CHANGES = nullable(TABLE_SCHEMA).append(pa.field(_GONE, pa.bool_()))
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
    return list(Schema.from_arrow(nullable(TABLE_SCHEMA)).fields)


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

    def rows(self, days: Collection[date], ids: pa.Array) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these days with these ids."""
        wanted = pc.field(DAY).isin(sorted(days))
        for batch in (
            self._open().to_pyarrow_dataset().to_batches(TABLE_SCHEMA.names, filter=wanted)
        ):
            yield batch.filter(pc.is_in(batch["id"].cast(pa.string()), ids))

    def commit(self, rows: pa.Table, old: Sequence[str], days: Collection[date]) -> None:
        """Append, or merge by id where rows are replaced or taken out, in one commit.

        A merge writes the files anew that hold such rows.
        """
        if not old:
            write_deltalake(self._open(), rows, mode="append", writer_properties=_WRITER)
            return
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
                writer_properties=_WRITER,
            )
            .when_matched_delete(f"s.{_GONE}")
            .when_matched_update(columns)
            .when_not_matched_insert(columns, f"NOT s.{_GONE}")
            .execute()
        )

    def drop_history(self) -> None:
        """Remove the files that only earlier versions of the table need."""
        table = self._open()
        table.alter.set_table_properties({"delta.logRetentionDuration": "interval 0 seconds"})
        table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
        table = self._open()  # the log names what is gone, with the least and the largest id
        table.create_checkpoint()
        table.cleanup_metadata()
        table.alter.set_table_properties({"delta.logRetentionDuration": "interval 30 days"})
