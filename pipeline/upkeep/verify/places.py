"""Where the rows of an id lie, and the one row that they make."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.upkeep.verify.published_files import open_parquet
from transforms.output.merge import Row, merge_versions
from transforms.output.schema import to_current_schema
from transforms.records import DayFile

Place = tuple[DayFile, Row]


def places_of(
    root: str, files: Collection[DayFile], ids: Collection[str]
) -> dict[str, list[Place]]:
    """Return where the rows with these ids lie in `files`, in the order in which they arrived."""
    wanted = pa.array(sorted(ids), pa.string())
    places: dict[str, list[Place]] = defaultdict(list)
    for day_file in files if ids else ():
        with open_parquet(root, day_file.path) as file:
            found = pc.is_in(file.read(["id"])["id"], wanted)
        if pc.any(found).as_py():
            for row in read_rows(root, day_file).filter(found).to_pylist():
                places[row["id"]].append((day_file, row))
    return {id_: sorted(rows, key=lambda p: arrival(p[1])) for id_, rows in places.items()}


def read_rows(root: str, day_file: DayFile) -> pa.Table:
    """Return the rows of a file in the current schema."""
    with open_parquet(root, day_file.path) as file:
        return to_current_schema(file.read())


def arrival(row: Row) -> tuple[datetime, str]:
    """Return what rows are sorted by that arrived one after the other."""
    return row["ingested_at"], row["run_id"]


def merged_row(places: Sequence[Place]) -> Row:
    """Return the row that merging the rows at `places`, in their order, leaves."""
    row = places[0][1]
    for _, later in places[1:]:
        row = merge_versions(row, later)
    return row


def day_of(row: Row) -> str:
    """Return the day that a row belongs to."""
    return f"{row['published_at'].astimezone(UTC):%Y-%m-%d}"
