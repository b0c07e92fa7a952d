"""Kept versions of articles: each can be read, and is the one that its name says."""

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from pipeline.upkeep.verify.each_row import check_row
from pipeline.upkeep.verify.findings import Problem
from transforms.output.history import FOLDER
from transforms.output.merge import decode_table
from transforms.output.storage import join, list_files, read_bytes


def check_history(root: str, counts: Counter[str]) -> Iterator[Problem]:
    """Yield the kept versions that are not as they should be.

    `counts` learns how many `versions` there are.
    """
    for path in list_files(join(root, f"{FOLDER}/date=*/*.parquet")):
        day, name = path.split("/")[-2:]
        where = f"{FOLDER}/{day}/{name}"
        counts["versions"] += 1
        try:
            rows = decode_table(read_bytes(path) or b"").to_pylist()
        except (pa.ArrowException, OSError) as error:
            detail = f"{str(error).splitlines()[0]}; move it out of the output"
            yield Problem("bad_version", where, detail)
            continue
        names = [f"{row['id']}-{row['revision']:04d}.parquet" for row in rows]
        if names != [name]:
            yield Problem("bad_version", where, f"it holds {', '.join(names) or 'nothing'}")
        for row in rows:
            for code, detail in check_row(row, day.removeprefix("date=")):
                yield Problem("bad_version", where, f"{code}: {detail}", id=row["id"])
