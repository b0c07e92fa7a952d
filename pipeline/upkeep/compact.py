"""Merge the small files of closed days into larger ones; drops nothing."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from pipeline.upkeep.session import Upkeep
from transforms.output.days import changing_day
from transforms.output.ledger import by_day, day_files
from transforms.output.merge import decode_table, encode_table, sort_rows
from transforms.records import DayFile


class Compacted(NamedTuple):
    """What became of one day: its files and their bytes, before and after."""

    date: str
    rows: int
    files: tuple[int, int]
    size: tuple[int, int]


def compact(base: Path, before: date, target_bytes: int, done: Upkeep) -> Iterator[Compacted]:
    """Merge the files of each day before `before`, and yield what became of the days that change.

    A day is replaced in one step, so it can be interrupted at any moment.

    Args:
        base: the output, where folders can be exchanged (`folders.require_exchange`).
        before: the first UTC day that is left alone.
        target_bytes: no file becomes larger by merging.
        done: learns the paths.
    """
    closed = (file for file in day_files(str(base)) if file.date < before.isoformat())
    for day, files in by_day(closed):
        groups = merge_groups(
            files, [(base / file.path).stat().st_size for file in files], target_bytes
        )
        if any(len(group) > 1 for group in groups):
            yield _compact_day(base, day, groups, done)


def merge_groups(
    files: Sequence[DayFile], sizes: Sequence[int], target_bytes: int
) -> list[list[DayFile]]:
    """Return `files` in groups to merge: neighbours of one bucket that are small enough together.

    >>> files = [DayFile("2026-10-01", 0, number) for number in range(4)]
    >>> [len(group) for group in merge_groups(files, [9, 4, 5, 3], 10)]
    [1, 2, 1]
    """
    groups: list[list[DayFile]] = []
    room = 0
    for file, size in zip(files, sizes, strict=True):
        if groups and groups[-1][-1].bucket == file.bucket and size <= room:
            groups[-1].append(file)
            room -= size
        else:
            groups.append([file])
            room = target_bytes - size
    return groups


def _compact_day(
    base: Path, date: str, groups: Sequence[Sequence[DayFile]], done: Upkeep
) -> Compacted:
    """Merge the files of each group."""
    root, folder = str(base), base / f"date={date}"
    rows, before = 0, _size(folder)
    with changing_day(root, date, must_exchange=True) as day:
        for group in groups:
            if len(group) > 1:
                table = _merged(base, group)
                rows += len(table)
                day.add(group[0].bucket, encode_table(table))
                for file in group:
                    day.replace(file, None)
        done.check()
    done.paths |= day.created | day.changed
    files = sum(map(len, groups)), len(groups)
    return Compacted(date, rows, files, (before, _size(folder)))


def _merged(base: Path, files: Sequence[DayFile]) -> pa.Table:
    paths = [base / file.path for file in files]
    table = pa.concat_tables(decode_table(path.read_bytes(), str(path)) for path in paths)
    return sort_rows(table)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def print_compacted(console: Console, days: Sequence[Compacted]) -> None:
    """Print what became of each day."""
    table = Table("day", "rows merged", "files before", "after", "MB before", "after")
    for column in table.columns[1:]:
        column.justify = "right"
    for day in days:
        sizes = (f"{size / 1e6:,.1f}" for size in day.size)
        table.add_row(day.date, f"{day.rows:,}", *map(str, day.files), *sizes)
    console.print(table)
