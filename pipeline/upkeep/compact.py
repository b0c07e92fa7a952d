"""Merge the small files of closed days into larger ones; drops nothing."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import pyarrow as pa
from rich.console import Console

from pipeline.plain_table import plain_table
from pipeline.upkeep.session import Upkeep
from transforms.output.days import DayChange, changing_day
from transforms.output.listing import Listing, by_day
from transforms.output.merge import decode_table, encode_table, sort_rows
from transforms.output.storage import join
from transforms.records import DayFile


class Compacted(NamedTuple):
    """What became of one day: its files and their bytes, before and after."""

    date: str
    rows: int
    files: tuple[int, int]
    size: tuple[int, int]


def compact(root: str, before: date, target_bytes: int, done: Upkeep) -> Iterator[Compacted]:
    """Merge the files of each day before `before`, and yield what became of the days that change.

    On a disk a day is replaced in one step. In a store its files are, one by one (`days`). It can
    be interrupted at any moment.

    Args:
        root: the output (`folders.require_exchange`).
        before: the first UTC day that is left alone.
        target_bytes: no file becomes larger by merging.
        done: learns the paths.
    """
    listing = Listing(root)
    closed = [file for file in listing.files if file.date < before.isoformat()]
    for day, files in by_day(closed):
        sizes = [listing.state(file).size for file in files]
        groups = merge_groups(files, sizes, target_bytes)
        if any(len(group) > 1 for group in groups):
            yield _compact_day(root, day, groups, sum(sizes), done)


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
    root: str, date: str, groups: Sequence[Sequence[DayFile]], size: int, done: Upkeep
) -> Compacted:
    """Merge the files of each group; `size` is that of all together."""
    rows = 0
    with changing_day(root, date, must_exchange=True) as day:
        for group in groups:
            if len(group) > 1:
                table = _merged(root, day, group)
                rows += len(table)
                day.merge(group, encode_table(table))
        done.check()
    done.paths |= day.created | day.changed
    listing = Listing(root, date)
    after = sum(listing.state(file).size for file in listing.files)
    return Compacted(date, rows, (sum(map(len, groups)), len(groups)), (size, after))


def _merged(root: str, day: DayChange, files: Sequence[DayFile]) -> pa.Table:
    contents = [(file, day.read(file)) for file in files]
    return sort_rows(
        pa.concat_tables(
            decode_table(content, join(root, file.path))
            for file, content in contents
            if content is not None
        )
    )


def print_compacted(console: Console, days: Sequence[Compacted]) -> None:
    """Print what became of each day."""
    table = plain_table(None, "day", "rows merged", "files before", "after", "MB before", "after")
    for column in table.columns[1:]:
        column.justify = "right"
    for day in days:
        sizes = (f"{size / 1e6:,.1f}" for size in day.size)
        table.add_row(day.date, f"{day.rows:,}", *map(str, day.files), *sizes)
    console.print(table)
