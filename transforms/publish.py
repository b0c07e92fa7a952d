"""Publish rows: find the files of their partition, merge by id, replace each file atomically."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from transforms.errors import NewsbeamError
from transforms.ledger import day_files, key_index
from transforms.merge import Amendment, Row, decode_table, encode_table, merge_rows
from transforms.records import DayFile, Partition
from transforms.storage import join, publish, read_bytes, remove

FILE_ROWS = 1500
"""A file with as many rows takes no new ones: it bounds what a publication rewrites."""
FILE_BYTES = 32 * 2**20
"""Likewise, of its data before compression."""


class Published(NamedTuple):
    """What a publication changed: the ids of rows, and the paths of files below the output."""

    ids: frozenset[str]
    paths: tuple[str, ...]


def publish_partition(
    root: str,
    home: Partition,
    rows: Sequence[Row] = (),
    amendments: Sequence[Amendment] = (),
    removals: Sequence[str] = (),
) -> Published:
    """Merge changes into the partition `home` below `root`.

    A row stays in the file that it was first published in, so an update rewrites that file; new
    rows go into the last one, or into another once that is full. So what is rewritten is bounded,
    however large the day. Each file is replaced in one step, and only if a row of it changed.

    Raises:
        NewsbeamError: a file that is there cannot be read.
        OSError: one cannot be written; it is then as it was.
    """
    files = day_files(root, home)
    ids = {row["id"] for row in rows} | {a.id for a in amendments} | set(removals)
    place = _places(root, files, ids)
    latest = _open_file(root, files, home)
    changed: frozenset[str] = frozenset()
    paths = []
    for file in sorted({*place.values(), latest}):
        ids_changed = publish_file(
            root,
            file,
            [row for row in rows if place.get(row["id"], latest) == file],
            [change for change in amendments if place.get(change.id, latest) == file],
            [id_ for id_ in removals if place.get(id_) == file],
        )
        if ids_changed:
            changed |= ids_changed
            paths.append(file.path)
    return Published(changed, tuple(paths))


def publish_file(
    root: str,
    file: DayFile,
    rows: Sequence[Row] = (),
    amendments: Sequence[Amendment] = (),
    removals: Sequence[str] = (),
) -> frozenset[str]:
    """Merge changes into one file; return the ids of changed rows. See `publish_partition`.

    A file that is left without rows is removed.
    """
    if not (rows or amendments or removals):
        return frozenset()
    path = join(root, file.path)
    with _readable(path):
        content = read_bytes(path)
        table = None if content is None else decode_table(content)
        merged = merge_rows(table, rows, amendments, removals)
    if merged.table is not None:
        if len(merged.table):
            publish(path, encode_table(merged.table))
        else:
            remove(path)
    return merged.changed


def _places(root: str, files: Iterable[DayFile], ids: set[str]) -> dict[str, DayFile]:
    """Return the file of each of `ids` that has a row: the first, should a fault have made two."""
    wanted = pa.array(sorted(ids), pa.string())
    places: dict[str, DayFile] = {}
    for file in files:
        with _readable(join(root, file.path)):
            here = key_index(root, file).ids
        for id_ in here.filter(pc.is_in(here, wanted)).to_pylist():
            places.setdefault(id_, file)
    return places


def _open_file(root: str, files: Sequence[DayFile], home: Partition) -> DayFile:
    """Return the file that takes new rows."""
    if not files:
        return DayFile(*home, 0)
    last = key_index(root, files[-1])
    is_full = len(last.ids) >= FILE_ROWS or last.file_bytes >= FILE_BYTES
    return files[-1]._replace(number=files[-1].number + 1) if is_full else files[-1]


@contextlib.contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except pa.ArrowInvalid as error:
        raise NewsbeamError(
            f"{path} cannot be merged into: {error}. Move it out of the output and run again."
        ) from error
