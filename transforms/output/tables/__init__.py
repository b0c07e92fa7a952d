"""Table formats beside the plain layout: the same rows as an Iceberg or a Delta table.

The plain layout stays the ledger; a table follows it (`sync.sync_table`).
"""

from typing import Any, NamedTuple

from transforms.errors import ConfigError
from transforms.output.storage import is_local, join, list_files, local_path
from transforms.output.tables.table_rows import TableSink

FORMATS = ("iceberg", "delta")

_INSIDE = "_table"
"""Where earlier versions put a table, below the output."""


class TableSettings(NamedTuple):
    """Which table, and where.

    Attributes:
        format: one of `FORMATS`.
        path: folder or prefix of the table; for Iceberg only without `catalog`.
        catalog: Iceberg: properties of the catalog; empty for a SQLite file at `path`.
        name: Iceberg: namespace and name.
    """

    format: str
    path: str
    catalog: dict[str, Any] = {}  # noqa: RUF012 (never changed)
    name: str = "newsbeam.articles"


def default_path(root: str) -> str:
    """Return where the table of the output `root` lies, unless a setting says: beside it.

    Inside, readers that take every Parquet file below a folder would find each row twice. A table
    that an earlier version put there stays; and so does one of an output that is a whole bucket.

    >>> default_path("/news/out/")
    '/news/out-table'
    """
    inside = join(root, _INSIDE)
    if list_files(join(inside, "catalog.db")) or list_files(join(inside, "_delta_log/*")):
        return inside
    if not is_local(root):
        return f"{root.rstrip('/')}-table" if "/" in root.rstrip("/").split("://")[1] else inside
    folder = local_path(root).absolute()
    return str(folder.with_name(f"{folder.name}-table")) if folder.name else inside


def check_table(settings: TableSettings) -> None:
    """Check what can be known of a table before it is opened.

    Raises:
        ConfigError: its library is not installed, or its catalog cannot lie at `path`.
    """
    format_, path = settings.format, settings.path
    try:
        if format_ == "delta":
            import deltalake  # noqa: F401, PLC0415 (optional)
        else:
            import pyiceberg.catalog.sql  # noqa: F401, PLC0415 (optional)
    except ImportError as error:
        raise ConfigError(
            f"output.table.format: {format_} needs a library: pip install 'newsbeam[{format_}]' "
            f"({error})"
        ) from error
    if format_ == "iceberg" and not settings.catalog and not is_local(path):
        raise ConfigError(
            f"output.table.catalog: the embedded catalog is a SQLite file and cannot be at {path}."
            " Name a catalog, such as {type: rest, uri: https://...}, or set output.table.path to "
            "a local folder"
        )


def open_table(settings: TableSettings) -> TableSink:
    """Return the table, which is made where there is none.

    Raises:
        ConfigError: see `check_table`.
    """
    check_table(settings)
    if settings.format == "delta":
        from transforms.output.tables.delta import open_delta  # noqa: PLC0415 (optional)

        return open_delta(settings.path)
    from transforms.output.tables.iceberg import open_iceberg  # noqa: PLC0415 (optional)

    return open_iceberg(settings.path, settings.catalog, settings.name)
