"""The rows as an Iceberg table, through pyiceberg."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.expressions import And, In
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform

from transforms.output.storage import join, list_files, local_path, remove
from transforms.output.tables.table_rows import DAY, TABLE_SCHEMA

_CATALOG = "newsbeam"
"""Name of the catalog: its properties can also come from PYICEBERG_CATALOG__NEWSBEAM__..."""

_PROPERTIES = {
    "write.parquet.compression-codec": "zstd",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
    "commit.manifest-merge.enabled": "true",
}
"""So that a table with a commit every few minutes does not drown in small files about itself."""


def open_iceberg(path: str, catalog: dict[str, Any], name: str) -> "IcebergSink":
    """Return the table, made where there is none, with all of today's columns.

    Those that an existing one has to be given may be null there.

    Args:
        path: folder of the table and of its catalog; only without `catalog`.
        catalog: properties of the catalog.
        name: namespace and name.
    """
    opened = load_catalog(_CATALOG, **(catalog or _embedded(path)))
    namespace, _, _ = name.rpartition(".")
    opened.create_namespace_if_not_exists(namespace)
    if not opened.table_exists(name):
        with (
            opened.create_table_transaction(name, TABLE_SCHEMA, properties=_PROPERTIES) as change,
            change.update_spec() as spec,
        ):
            spec.add_field(DAY, IdentityTransform(), DAY)
    table = opened.load_table(name)
    known = set(table.schema().column_names)
    if set(TABLE_SCHEMA.names) - known:
        wanted = [f if f.name in known else f.with_nullable(True) for f in TABLE_SCHEMA]
        with table.update_schema() as schema:
            schema.union_by_name(pa.schema(wanted))
    return IcebergSink(opened, name)


def _embedded(path: str) -> dict[str, str]:
    folder = local_path(path).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "type": "sql",
        "uri": f"sqlite:///{folder / 'catalog.db'}",
        "warehouse": folder.as_uri(),
    }


@dataclass(frozen=True)
class IcebergSink:
    """An Iceberg table; see `TableSink`."""

    catalog: Catalog
    name: str

    def _open(self) -> Table:
        return self.catalog.load_table(self.name)

    @property
    def identity(self) -> str:
        """The table's own id."""
        return f"iceberg {self.name} {self._open().metadata.table_uuid}"

    def days(self) -> set[date]:
        """Return the days that have rows."""
        found = self._open().scan(selected_fields=(DAY,)).to_arrow()
        return set(found[DAY].unique().to_pylist())

    def ids(self, days: Collection[date]) -> pa.Array:
        """Return the ids of the rows of these days."""
        scan = self._open().scan(_of_days(days), selected_fields=("id",))
        return scan.to_arrow()["id"].cast(pa.string()).combine_chunks()

    def rows(self, days: Collection[date], ids: pa.Array) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these days with these ids."""
        wanted = And(_of_days(days), In(term="id", literals=ids.to_pylist()))
        scan = self._open().scan(wanted, selected_fields=tuple(TABLE_SCHEMA.names))
        yield from (batch.select(TABLE_SCHEMA.names) for batch in scan.to_arrow_batch_reader())

    def commit(self, rows: pa.Table, old: Sequence[str], days: Collection[date]) -> None:
        """Delete by id and append, as one change of the catalog."""
        with self._open().transaction() as change:
            if old:
                change.delete(And(_of_days(days), In(term="id", literals=old)))
            if len(rows):
                change.append(rows)

    def drop_history(self) -> None:
        """Remove the files that only earlier versions of the table need."""
        table = self._open()
        current = table.metadata.current_snapshot_id
        old = [s.snapshot_id for s in table.snapshots() if s.snapshot_id != current]
        if old:
            table.maintenance.expire_snapshots().by_ids(old).commit()
            table = self._open()
        # That only forgets them; to remove the files is left to the engine.
        needed = set(_needed_files(table))
        for path in list_files(join(table.location(), "**/*")):
            if path.removeprefix("file://") not in needed:
                remove(path)


def _needed_files(table: Table) -> Iterator[str]:
    """Yield the files of the version of today, as paths or addresses of stores."""
    paths = [table.metadata_location]
    if snapshot := table.current_snapshot():
        paths.append(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            entries = manifest.fetch_manifest_entry(table.io)
            paths += [manifest.manifest_path, *(entry.data_file.file_path for entry in entries)]
    yield from (path.removeprefix("file://") for path in paths)


def _of_days(days: Collection[date]) -> In:
    return In(term=DAY, literals=[day.isoformat() for day in days])
