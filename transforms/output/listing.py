"""The published files: their names, and which there are at one moment."""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby
from pathlib import Path

from transforms.output.storage import (
    FileState,
    file_state,
    is_local,
    join,
    list_states,
    local_path,
)
from transforms.records import DayFile

_FILE = re.compile(r"date=(\d{4}-\d\d-\d\d)/part-(\d\d+)(?:-(\d{4,}))?\.parquet$")


class Listing:
    """The files below `root` at one moment; each is looked at once, however many look-ups follow.

    For as long as nothing is written. In a store, one request shows 1,000 files with their states.

    Args:
        root: the output.
        date: of the only day that is of interest, if it is one.
    """

    def __init__(self, root: str, date: str = "*") -> None:
        self.root = root
        self._date = date
        self._states: dict[DayFile, FileState] = {}

    @cached_property
    def files(self) -> list[DayFile]:
        """The files, in order of date, bucket and number."""
        if is_local(self.root):
            names = _local_files(local_path(self.root), self._date)
            return sorted(file for file in map(parse_path, names) if file)
        states = list_states(join(self.root, f"date={self._date}/part-*.parquet"))
        self._states = {file: states[path] for path in states if (file := parse_path(path))}
        return sorted(self._states)

    @cached_property
    def _prefix(self) -> str:
        return join(self.root, "")

    def look_again(self) -> None:
        """List anew when next asked: a file was replaced since."""
        self.__dict__.pop("files", None)
        self._states.clear()

    def path(self, file: DayFile) -> str:
        """Return the path of one of the files."""
        return self._prefix + file.path

    def state(self, file: DayFile) -> FileState:
        """Return the state of one of the files.

        Raises:
            FileNotFoundError: it has been replaced since.
        """
        if file not in self._states:
            self._states[file] = file_state(self.path(file))
        return self._states[file]


def day_files(root: str, date: str = "*") -> list[DayFile]:
    """Return the files below `root`, or of one date, in order of date, bucket and number."""
    return Listing(root, date).files


def _local_files(base: Path, date: str) -> Iterator[str]:
    """Yield what lies in the folders of days: a large output is listed for every batch."""
    with contextlib.suppress(FileNotFoundError):
        days = os.listdir(base) if date == "*" else [f"date={date}"]  # noqa: PTH208 (faster)
        for day in days:
            if day.startswith("date="):
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    yield from (f"{day}/{name}" for name in os.listdir(base / day))  # noqa: PTH208


def by_day(files: Iterable[DayFile]) -> Iterator[tuple[str, list[DayFile]]]:
    """Yield each date of `files`, which are in order, with its files."""
    for date, group in groupby(files, lambda file: file.date):
        yield date, list(group)


def parse_path(path: str) -> DayFile | None:
    """Return the file that `path` ends in the name of, `None` if it is no such name."""
    match = _FILE.search(path)
    return DayFile(match[1], int(match[2]), int(match[3] or 0)) if match else None
