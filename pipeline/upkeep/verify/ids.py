"""What must hold across files: one row per id, in the bucket of its id.

Memory is bounded: ids are compared in passes, each over those that begin with the same hex digits.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.upkeep.verify.findings import Problem
from pipeline.upkeep.verify.published_files import FileFacts, open_parquet
from transforms.records import DayFile

ROWS_PER_PASS = 2_000_000
"""About 300 MiB of ids and their index."""
MAX_BUCKETS = 1000

_HEX = "0123456789abcdef"


def check_ids(
    root: str, facts: Sequence[FileFacts], rows_per_pass: int = ROWS_PER_PASS
) -> Iterator[Problem]:
    """Yield ids with more than one row, and duplicates that have a row of their own."""
    files = [fact.file for fact in facts if fact.readable]
    for prefix in prefixes(sum(fact.rows for fact in facts), rows_per_pass):
        yield from _check_pass(root, files, prefix)


def prefixes(rows: int, rows_per_pass: int) -> list[str]:
    """Return the beginnings of ids by which `rows` rows are split into passes."""
    found = [""]
    while len(found) * rows_per_pass < rows:
        found = [prefix + digit for prefix in found for digit in _HEX]
    return found


def _check_pass(root: str, files: Sequence[DayFile], prefix: str) -> Iterator[Problem]:
    rows, aliases = [], []
    for number, day_file in enumerate(files):
        with open_parquet(root, day_file.path) as file:
            table = file.read(["id", "duplicates"])
        rows.append(_starting(_ids(table, number), prefix))
        aliases.append(_starting(_aliases(table), prefix))
    if not files:
        return
    all_rows, all_aliases = pa.concat_tables(rows), pa.concat_tables(aliases)
    counts = all_rows.group_by("id").aggregate([("file", "count")])
    repeated = counts.filter(pc.greater(counts["file_count"], 1))["id"]
    yield from _repeated(all_rows.filter(pc.is_in(all_rows["id"], repeated)), files)
    owned = all_aliases.filter(pc.is_in(all_aliases["alias"], all_rows["id"].combine_chunks()))
    places = all_rows.filter(pc.is_in(all_rows["id"], owned["alias"])).to_pylist()
    file_of = {row["id"]: files[row["file"]] for row in places}
    for pair in owned.to_pylist():
        detail = f"it is also listed as a duplicate of {pair['owner']}"
        path = file_of[pair["alias"]].path
        yield Problem("duplicate_has_row", path, detail, True, id=pair["alias"])


def _repeated(rows: pa.Table, files: Sequence[DayFile]) -> Iterator[Problem]:
    places: dict[str, list[str]] = {}
    for row in rows.to_pylist():
        places.setdefault(row["id"], []).append(files[row["file"]].path)
    for id_, paths in places.items():
        detail = f"{len(paths)} rows have this id: {', '.join(paths)}"
        yield Problem("id_twice", paths[-1], detail, True, id=id_)


def _ids(table: pa.Table, number: int) -> pa.Table:
    numbers = pa.array(np.full(len(table), number, np.int32))
    return pa.table({"id": table["id"].combine_chunks(), "file": numbers})


def _aliases(table: pa.Table) -> pa.Table:
    duplicates = table["duplicates"].combine_chunks()
    alias = pc.struct_field(duplicates.flatten(), "id")
    owner = table["id"].combine_chunks().take(pc.list_parent_indices(duplicates))
    return pa.table({"id": alias, "alias": alias, "owner": owner})


def _starting(table: pa.Table, prefix: str) -> pa.Table:
    return table.filter(pc.starts_with(table["id"], prefix)) if prefix else table


def bucket_counts(facts: Sequence[FileFacts], configured: int) -> dict[str, int]:
    """Return the number of buckets of each day, as its files tell.

    It is one with which every id is in its own file's bucket: `configured` if that fits, else as
    few as fit. Where none fits, it is the one with which most ids do.
    """
    days: dict[str, list[FileFacts]] = {}
    for fact in facts:
        days.setdefault(fact.file.date, []).append(fact)
    return {day: _bucket_count(files, configured) for day, files in days.items()}


def check_buckets(facts: Sequence[FileFacts], buckets: dict[str, int]) -> Iterator[Problem]:
    """Yield the files that hold ids of another bucket."""
    for fact in facts:
        count = buckets[fact.file.date]
        strays = int((fact.hashes % count != fact.file.bucket).sum())
        if strays:
            detail = f"{strays} of {fact.rows} rows belong to another of {count} buckets"
            yield Problem("wrong_bucket", fact.file.path, detail, True)


def _bucket_count(files: Sequence[FileFacts], configured: int) -> int:
    least: int = max(fact.file.bucket for fact in files) + 1
    # Every id fits if the number divides crc32(id) - NN for all of them.
    differences = [np.abs(fact.hashes - fact.file.bucket) for fact in files]
    divisor = int(np.gcd.reduce([np.gcd.reduce(d) for d in differences if len(d)] or [0]))
    counts: list[int] = [configured, *range(least, MAX_BUCKETS + 1)]
    for count in counts:
        if count >= least and divisor % count == 0:
            return count
    possible: list[int] = sorted({count for count in counts if count >= least})
    return max(possible, key=lambda count: _fitting(files, count))


def _fitting(files: Sequence[FileFacts], count: int) -> int:
    """Return how many ids are in their own bucket if there are `count`."""
    return sum(int((fact.hashes % count == fact.file.bucket).sum()) for fact in files)
