"""What is not mended as long as a file is damaged, gone, or not the one that a run published.

Rows of such a file may be lost. Mending it, or what depends on its rows, would hide that or lose
more: a link that leads nowhere leads to a row again once the file is back.
"""

from collections.abc import Collection, Mapping, Sequence

import pyarrow.compute as pc

from pipeline.upkeep.verify.findings import Problem
from pipeline.upkeep.verify.places import day_of, merged_row, places_of
from pipeline.upkeep.verify.relations import LINK_CODES
from transforms.output.file_columns import read_columns
from transforms.output.listing import day_files
from transforms.output.storage import join
from transforms.records import DayFile, Partition, bucket_of

MOVED = frozenset({"wrong_day", "id_twice"})
"""Mended by giving the id its one row again."""


def left_alone(
    root: str,
    problems: Sequence[Problem],
    alone: Mapping[DayFile, bool],
    buckets: Mapping[str, int],
    *,
    missing: bool,
) -> list[Problem]:
    """Return `problems`, those as not fixable that are not mended before files are as published.

    Args:
        root: the output.
        problems: what was found.
        alone: the files that are left alone, each with whether its rows can be read.
        buckets: the number of buckets of each day.
        missing: whether a published file is gone.
    """
    paths = {file.path for file in alone}
    if not paths and not missing:
        return list(problems)
    ids = _ids_in(root, [file for file, readable in alone.items() if readable])
    ids |= _without_home(root, problems, alone, buckets)
    return [
        p._replace(fixable=False) if p.path in paths or p.id in ids or p.code in LINK_CODES else p
        for p in problems
    ]


def _ids_in(root: str, files: Sequence[DayFile]) -> set[str]:
    """Return the ids of the rows in `files`, and of the duplicates that they list."""
    ids: set[str] = set()
    for file in files:
        table = read_columns(join(root, file.path), ("id", "duplicates"))
        listed = pc.struct_field(table["duplicates"].combine_chunks().flatten(), "id")
        ids |= {*table["id"].to_pylist(), *listed.to_pylist()}
    return ids


def _without_home(
    root: str,
    problems: Sequence[Problem],
    alone: Collection[DayFile],
    buckets: Mapping[str, int],
) -> set[str]:
    """Return the ids of rows that cannot move: a file of the partition they belong to is alone."""
    taken = {file.partition for file in alone}
    files = [file for file in day_files(root) if file not in alone]
    moved = {problem.id for problem in problems if problem.code in MOVED}
    homes = {
        id_: Partition(day, bucket_of(id_, buckets[day]))
        for id_, places in places_of(root, files, moved).items()
        for day in [day_of(merged_row(places))]
    }
    return {id_ for id_, home in homes.items() if home in taken}
