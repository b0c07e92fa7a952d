"""The rows as a Delta table, through deltalake."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, Field, Schema, WriterProperties, write_deltalake

from transforms.output.storage import is_local, local_path
from transforms.output.tables.table_rows import DAY, TABLE_SCHEMA, nullable

_WRITER = WriterProperties(compression="ZSTD")


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
        """Append, or write the files anew that have rows to replace or take out, in one commit.

        Not by a merge: that writes strings as views, which not every reader knows (Daft does not).
        """
        if not old:
            write_deltalake(self._open(), rows, mode="append", writer_properties=_WRITER)
            return
        ids = sorted({*old, *rows["id"].to_pylist()})
        write_deltalake(
            self._open(),
            rows,
            mode="overwrite",
            predicate=f"{DAY} IN ({_quoted(map(str, sorted(days)))}) AND id IN ({_quoted(ids)})",
            writer_properties=_WRITER,
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


def _quoted(values: Iterable[str]) -> str:
    """Return ids or days, which hold no quotation marks, as a list in SQL."""
    return ", ".join(f"'{value}'" for value in values)
