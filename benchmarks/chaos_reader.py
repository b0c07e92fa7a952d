"""A reader that polls an output with DuckDB while others write to it; started by `chaos.py`.

Reads one JSON line per output to watch: `path`, the ids that must be there all the time, and those
of rows that move to another day. Answers when the first poll is done; an empty line ends the watch,
and is answered with what was seen.
"""

import json
import select
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

PAUSE = 0.05
"""Seconds between two polls: what is tested needs the processor too."""
TRIES = 3
"""How often DuckDB may fail on files that pyarrow, which opens each only once, reads well."""

_VANISHED = ("No such file", "Cannot open file", "No files found")


@dataclass
class Seen:
    """What a reader saw.

    Attributes:
        polls: how often it read everything.
        vanished: how often a file that it had listed was gone, which it is told: it reads again.
        replaced: how often the query ended with another error, as DuckDB opens a file more than
            once and a file was replaced in between: then each file by itself must be whole, and
            the same query succeed.
        moving: how often it saw a row in its old and its new day.
        faults: what it must never see.
    """

    polls: int = 0
    vanished: int = 0
    replaced: int = 0
    moving: int = 0
    faults: list[str] = field(default_factory=list)


def poll(path: str, must: frozenset[str], moving: frozenset[str], seen: Seen) -> None:
    """Read all rows below `path` once, or again where a file was replaced meanwhile."""
    ids = _ids(path, seen, TRIES)
    if ids is None:
        return
    seen.polls += 1
    counts = Counter(ids)
    twice = {id_ for id_, count in counts.items() if count > 1}
    seen.moving += bool(twice & moving)
    if twice - moving:
        seen.faults.append(f"twice: {sorted(twice - moving)}")
    if lost := must - counts.keys():
        seen.faults.append(f"missing: {sorted(lost)}")


def _ids(path: str, seen: Seen, tries: int) -> list[str] | None:
    """Return the ids of all rows, having read all columns of text; `None` if a file vanished."""
    source = duckdb.read_parquet(f"{path}/date=*/*.parquet", hive_partitioning=True)
    try:
        return [row[0] for row in source.project("id, length(text), length(summary)").fetchall()]
    except duckdb.Error as error:
        if any(words in str(error) for words in _VANISHED):
            seen.vanished += 1
            return None
        if tries and all(map(_is_whole, Path(path).glob("date=*/*.parquet"))):
            seen.replaced += 1
            return _ids(path, seen, tries - 1)
        seen.faults.append(f"{type(error).__name__}: {error}")
    return None


def _is_whole(file: Path) -> bool:
    """Return whether the file, opened once, is a whole Parquet file or gone."""
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as opened:
            opened.read()
    except FileNotFoundError:
        return True
    except (pa.ArrowException, OSError):
        return False
    return True


def watch(request: dict[str, Any]) -> Seen:
    """Poll until a line comes in."""
    seen = Seen()
    must, moving = frozenset(request["must"]), frozenset(request["moving"])
    poll(request["path"], must, moving, seen)
    print("watching", flush=True)
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        poll(request["path"], must, moving, seen)
    return seen


def main() -> None:
    """Watch one output after the other, until standard input ends."""
    duckdb.sql("SET threads = 1")
    while line := sys.stdin.readline():
        seen = watch(json.loads(line))
        if not sys.stdin.readline():
            return
        print(json.dumps(asdict(seen)), flush=True)


if __name__ == "__main__":
    main()
