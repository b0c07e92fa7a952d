"""What must hold for each Parquet file, and for what lies beside them."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.upkeep.verify.each_row import check_row
from pipeline.upkeep.verify.findings import Problem
from transforms.output.listing import parse_path
from transforms.output.schema import COLUMNS, SCHEMA_VERSION, file_version, with_columns
from transforms.output.storage import is_local, join, list_files, local_path, read_bytes
from transforms.records import DayFile

BATCH_ROWS = 1000

_FIXABLE = frozenset({"wrong_day", "wrong_revision"})


@dataclass
class FileFacts:
    """What one pass over a file tells.

    Attributes:
        file: which one.
        rows: how many.
        run_ids: of the runs that wrote them.
        hashes: crc32 of each id, shape (rows,); tells the bucket.
        readable: whether its rows could be read.
    """

    file: DayFile
    rows: int = 0
    run_ids: set[str] = field(default_factory=set)
    hashes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    readable: bool = True


def file_at(path: str) -> DayFile | None:
    """Return the file of rows with this path below the output, `None` if it is no such."""
    file = parse_path(path)
    return file if file and file.path == path and _is_day(file.date) else None


def open_parquet(root: str, path: str) -> pq.ParquetFile:
    """Return the file at `path` below `root`; reading it checks the checksums of its pages."""
    full = join(root, path)
    if is_local(full):
        return pq.ParquetFile(local_path(full), page_checksum_verification=True)
    return pq.ParquetFile(io.BytesIO(read_bytes(full) or b""), page_checksum_verification=True)


def check_file(root: str, day_file: DayFile) -> tuple[FileFacts, list[Problem]]:
    """Return the facts and the problems of one file; holds `BATCH_ROWS` rows at a time."""
    facts = FileFacts(day_file)
    path = day_file.path
    problems: list[Problem] = []
    try:
        with open_parquet(root, path) as file:
            if schema_fault := _schema_fault(file.schema_arrow):
                facts.readable = False
                problems.append(Problem("wrong_schema", path, schema_fault))
            else:
                problems += _check_layout(file, path)
                problems += _check_rows(file, facts)
            facts.rows = file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        facts.readable = False
        detail = f"{str(error).splitlines()[0]}; move it out of the output, run again on its inputs"
        problems.append(Problem("unreadable_file", path, detail))
    return facts, problems


def _check_rows(file: pq.ParquetFile, facts: FileFacts) -> Iterator[Problem]:
    path = facts.file.path
    last: tuple[Any, ...] = ()
    is_sorted = True
    hashes: list[int] = []
    columns = [column.name for column in COLUMNS if column.name != "embedding"]
    for batch in file.iter_batches(BATCH_ROWS, columns=columns):
        # An older file may lack columns that came later.
        for row in with_columns(pa.Table.from_batches([batch]), columns).to_pylist():
            place = (row["published_at"], row["id"])
            is_sorted, last = is_sorted and last <= place, place
            hashes.append(crc32(row["id"].encode()))
            facts.run_ids.add(row["run_id"])
            for code, detail in check_row(row, facts.file.date):
                yield Problem(code, path, detail, code in _FIXABLE, id=row["id"])
    facts.hashes = np.array(hashes, np.int64)
    if not is_sorted:
        yield Problem("not_sorted", path, "rows are not sorted by published_at, id", True)
    if not hashes:
        yield Problem("no_rows", path, "the file holds no row", True)


def _check_layout(file: pq.ParquetFile, path: str) -> Iterator[Problem]:
    """Check compression, statistics and page index, as far as the file tells."""
    metadata = file.metadata
    columns = [
        metadata.row_group(group).column(index)
        for group in range(metadata.num_row_groups)
        for index in range(metadata.num_columns)
        if metadata.num_rows
    ]
    if any(column.compression != "ZSTD" for column in columns):
        yield Problem("wrong_layout", path, "not all columns are compressed with zstd", True)
    elif not all(column.has_offset_index for column in columns):
        yield Problem("wrong_layout", path, "the page index is missing", True)


def _schema_fault(schema: pa.Schema) -> str:
    """Return how a file's schema differs from the one of its version; empty if it does not."""
    version = file_version(schema)
    if version < 1:
        return "its metadata name no newsbeam.schema_version"
    if version > SCHEMA_VERSION:
        return f"it has schema version {version}, this newsbeam knows {SCHEMA_VERSION}"
    known = {column.name: column.field for column in COLUMNS}
    wanted = (column.name for column in COLUMNS if column.since <= version)
    if lacking := [name for name in wanted if name not in schema.names]:
        return f"columns are missing: {', '.join(lacking)}"
    unknown = [name for name in schema.names if name not in known]
    if unknown:
        return f"columns are unknown: {', '.join(unknown)}"
    wrong = [
        f"{field.name} is {field.type}{'' if field.nullable else ' not null'}"
        for field in schema
        if not _same(field, known[field.name])
    ]
    if wrong:
        return f"columns have another type: {', '.join(wrong)}"
    order = [name for name in known if name in schema.names]
    return "" if order == schema.names else "columns are in another order"


def _same(field: pa.Field, wanted: pa.Field) -> bool:
    return bool(field.type == wanted.type and field.nullable == wanted.nullable)


def stray_problems(root: str) -> list[Problem]:
    """Return leftovers, files that do not belong into the output, and empty folders."""
    problems = []
    for path, is_folder in _everything(root):
        name = path.rpartition("/")[2]
        if path.startswith(".") and path.partition("/")[0].endswith(".tmp"):
            problems.append(Problem("leftover", path, "a killed command left it", True))
        elif is_folder:
            problems.append(Problem("empty_folder", path, "nothing is in it", True))
        elif name.startswith(".") and name.endswith(".tmp"):
            problems.append(Problem("leftover", path, "a killed run left it", True))
        elif path.startswith("_replay/"):
            problems.append(Problem("leftover", path, "a killed replay left it", True))
        elif path[0] not in "_." and name[0] not in "_." and file_at(path) is None:
            problems.append(Problem("unexpected_file", path, "readers would take it for rows"))
    return problems


def _everything(root: str) -> Iterator[tuple[str, bool]]:
    """Yield the path below `root` of each file and of each empty folder, and whether it is one."""
    if not is_local(root):
        prefix = root.rstrip("/") + "/"
        yield from ((path.removeprefix(prefix), False) for path in list_files(join(root, "**")))
        return
    base = local_path(root)
    for path in sorted(base.rglob("*")):
        if path.is_file():
            yield path.relative_to(base).as_posix(), False
        elif path.is_dir() and next(path.iterdir(), None) is None and not _is_own(path, base):
            yield path.relative_to(base).as_posix(), True


def _is_own(folder: Path, base: Path) -> bool:
    """Return whether this is a folder such as `_runs`, which may be empty."""
    return folder.parent == base and folder.name.startswith("_")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
