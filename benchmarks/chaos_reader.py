"""A reader that polls an output with DuckDB while others write to it; started by `chaos.py`.

Reads one JSON line per output to watch: `path`, the ids that must be there all the time, and those
of rows that move to another day. Answers when the first poll is done; an empty line ends the watch,
and is answered with what was seen.
"""

import json
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

PAUSE = 0.05
"""Seconds between two polls: what is tested needs the processor too."""
_VANISHED = ("No such file", "Cannot open file", "No files found")


@dataclass
class Seen:
    """What a reader saw.

    Attributes:
        polls: how often it read everything.
        vanished: how often a file that it had listed was gone, which it is told: it reads again.
        moving: how often it saw a row in its old and its new day.
        faults: what it must never see.
    """

    polls: int = 0
    vanished: int = 0
    moving: int = 0
    faults: list[str] = field(default_factory=list)


class Reader:
    """The process that reads all the time."""

    def __init__(self) -> None:
        command = [sys.executable, __file__]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    @contextmanager
    def watching(self, output: Path, must: set[str], moving: set[str]) -> Iterator[Seen]:
        """Watch `output` during the body; what was seen is complete after it."""
        seen = Seen()
        self._ask(json.dumps({"path": str(output), "must": sorted(must), "moving": sorted(moving)}))
        yield seen
        seen.__dict__.update(json.loads(self._ask("")))

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def poll(path: str, must: frozenset[str], moving: frozenset[str], seen: Seen) -> None:
    """Read all rows below `path` once."""
    ids = _ids(path, seen)
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


def _ids(path: str, seen: Seen) -> list[str] | None:
    """Return the ids of all rows, having read all columns of text; `None` if a file vanished."""
    try:
        source = duckdb.read_parquet(f"{path}/date=*/*.parquet", hive_partitioning=True)
        return [row[0] for row in source.project("id, length(text), length(summary)").fetchall()]
    except duckdb.Error as error:
        if any(words in str(error) for words in _VANISHED):
            seen.vanished += 1
        else:
            seen.faults.append(f"{type(error).__name__}: {error}")
    return None


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
