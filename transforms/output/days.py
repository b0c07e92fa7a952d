"""Change the files of a day so that no reader sees half of a change.

A reader lists a day and then opens its files, some of them more than once, as DuckDB does. It must
find what it listed, or find that it is gone; a file that was replaced under its name it would read
with the footer of the old one. So what is rewritten gets a new number, in a new folder that takes
the place of the old one in one step (`folders`). Where folders cannot be exchanged, as on an object
store, files are replaced under their names, one by one.

One writer per day at a time.
"""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from transforms.output.disk import remove_leftovers, write_new
from transforms.output.folders import can_exchange, folder_version, link_others, replaced_folder
from transforms.output.listing import Listing, parse_path
from transforms.output.merge import decode_table, encode_table, merge_rows
from transforms.output.schema import SCHEMA
from transforms.output.state import Merging
from transforms.output.storage import (
    is_local,
    join,
    list_states,
    local_path,
    publish,
    read_bytes,
    read_version,
    remove,
)
from transforms.output.store_client import ChangedError
from transforms.records import DayFile


class DayChange(Protocol):
    """Changes to the files of one day.

    Attributes:
        listing: the files that the day had before.
        moved: the files that were replaced, and what took their place: `None` if nothing did.
        created: paths of files under names that were free, below the output.
        changed: paths of files that were replaced under their names, or are gone.
        in_one_step: whether all of them hold only when the body of `changing_day` has ended.
    """

    listing: Listing
    moved: dict[DayFile, DayFile | None]
    created: set[str]
    changed: set[str]
    in_one_step: bool

    def add(self, bucket: int, content: bytes) -> None:
        """Add a file."""

    def read(self, file: DayFile) -> bytes | None:
        """Return the content of a file that is to be replaced, `None` if it is gone."""

    def expect(self, file: DayFile) -> None:
        """Have `replace` refuse the file if it changes from now on, as `read` does."""

    def replace(self, file: DayFile, content: bytes | None) -> None:
        """Replace a file; `None` removes it.

        Raises:
            ChangedError: in a store, it is no longer what it was when `read` or expected. On a
                disk, `changing_day` says so at its end.
        """

    def merge(self, files: Sequence[DayFile], content: bytes) -> None:
        """Replace several files of one bucket by one.

        In a store, a reader may see rows twice until all are replaced; if the process is killed in
        between, until anybody writes again (`recover`).
        """


@contextlib.contextmanager
def changing_day(root: str, date: str, must_exchange: bool = False) -> Iterator[DayChange]:
    """Yield what takes the changes of the day `date` below `root`; they hold when the body ends.

    If the body raises, the day stays as it was, or, without exchange, as far as it was changed.

    Args:
        root: the output.
        date: UTC day.
        must_exchange: whether to refuse a disk on which a day cannot be replaced in one step.

    Raises:
        NewsbeamError: it is refused.
        ChangedError: another writer has changed the day meanwhile.
        OSError: something cannot be written.
    """
    if not must_exchange or not is_local(root):
        folder = local_path(join(root, f"date={date}"))
        if not can_exchange(root) or any(path.is_dir() for path in folder.glob("*")):
            yield _InPlace(root, date)
            return
    with ExitStack() as stack:
        yield (change := _Exchanged(root, date, stack))
        change.finish()


_highest: dict[tuple[str, str, int], int] = {}
"""The last number given in this process, by output, date and bucket: on a disk none comes back. In
a store two writers must choose the same, so that one of them is refused."""


@dataclass
class _Names:
    """Gives new files the numbers that follow."""

    root: str
    date: str
    moved: dict[DayFile, DayFile | None] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    listing: Listing = field(init=False)
    _numbers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.listing = Listing(self.root, self.date)
        for file in self.listing.files:
            self._numbers[file.bucket] = file.number  # the highest comes last

    def _new(self, bucket: int) -> DayFile:
        number = self._numbers.get(bucket, -1) + 1
        if is_local(self.root):
            key = self.root, self.date, bucket
            number = _highest[key] = max(number, _highest.get(key, -1) + 1)
        self._numbers[bucket] = number
        file = DayFile(self.date, bucket, number)
        self.created.add(file.path)
        return file


class _InPlace(_Names):
    """Files are replaced one by one; in a store only those that are still what was read."""

    in_one_step = False

    def __init__(self, root: str, date: str) -> None:
        super().__init__(root, date)
        self._versions: dict[DayFile, str] = {}

    def add(self, bucket: int, content: bytes) -> None:
        publish(join(self.root, self._new(bucket).path), content, expected="")

    def read(self, file: DayFile) -> bytes | None:
        found = read_version(join(self.root, file.path))
        self._versions[file] = found.version if found else ""
        return found.content if found else None

    def expect(self, file: DayFile) -> None:
        if not is_local(self.root):
            self.read(file)

    def replace(self, file: DayFile, content: bytes | None) -> None:
        if file not in self._versions:
            self.read(file)
        path = join(self.root, file.path)
        # Stores remove a file whatever it holds. So it is first replaced by one without rows, which
        # nobody writes to.
        publish(path, _no_rows() if content is None else content, expected=self._versions[file])
        self.changed.add(file.path)
        if content is None:
            remove(path)
            self.moved[file] = None

    def merge(self, files: Sequence[DayFile], content: bytes) -> None:
        new = self._new(files[0].bucket)
        Merging(into=new.path, files=tuple(file.path for file in files)).write(self.root)
        publish(join(self.root, new.path), content, expected="")
        for file in files:
            try:
                self.replace(file, None)
            except ChangedError:
                self._move_rows(file, new)
        Merging().write(self.root)

    def finish_merge(self, merging: Merging) -> None:
        """Go on where a killed process stopped in `merge`."""
        into = parse_path(merging.into)
        if into and self.read(into):
            for file in filter(None, map(parse_path, merging.files)):
                if self.read(file):
                    self._move_rows(file, into)

    def _move_rows(self, file: DayFile, into: DayFile) -> None:
        """Remove `file`; `into` gets those of its rows that it lacks: another writer added them."""
        while True:
            rows = self._table(file).to_pylist()
            table = merge_rows(self._table(into), rows).table
            try:
                if table is not None:
                    self.replace(into, encode_table(table))
                self.replace(file, None)
            except ChangedError:
                continue
            return

    def _table(self, file: DayFile) -> pa.Table:
        content = self.read(file)
        return decode_table(content, file.path) if content else SCHEMA.empty_table()


@functools.cache
def _no_rows() -> bytes:
    """Return a file without rows."""
    return encode_table(SCHEMA.empty_table())


def recover(root: str) -> None:
    """Put in order what a killed process left: temporary and emptied files, merges it had begun.

    For the holder of the output's lock, before anything is written.
    """
    if is_local(root):
        remove_leftovers(local_path(root))
    begun = Merging.read(root)
    if into := parse_path(begun.into):
        _InPlace(root, into.date).finish_merge(begun)
        Merging().write(root)
    if not is_local(root):
        _remove_emptied(root)


def _remove_emptied(root: str) -> None:
    """Remove files of a store that were replaced by one without rows, and were to be removed."""
    for path, state in list_states(join(root, "date=*/part-*.parquet")).items():
        if state.size == len(_no_rows()) and read_bytes(path) == _no_rows():
            remove(path)


class _Exchanged(_Names):
    in_one_step = True

    def __init__(self, root: str, date: str, stack: ExitStack) -> None:
        self._folder = local_path(join(root, f"date={date}"))
        self._version = folder_version(self._folder)
        super().__init__(root, date)
        self._stack = stack
        self._target: Path | None = None

    def add(self, bucket: int, content: bytes) -> None:
        self._write(self._new(bucket), content)

    def read(self, file: DayFile) -> bytes | None:
        return read_bytes(join(self.root, file.path))

    def expect(self, file: DayFile) -> None:
        pass  # who writes to a disk holds the lock, which the system keeps

    def replace(self, file: DayFile, content: bytes | None) -> None:
        new = None if content is None else self._new(file.bucket)
        self._write(new, content)
        self.changed.add(file.path)
        self.moved[file] = new

    def merge(self, files: Sequence[DayFile], content: bytes) -> None:
        self.add(files[0].bucket, content)
        for file in files:
            self.replace(file, None)

    def finish(self) -> None:
        """Take over what did not change, if anything did."""
        if self._target is not None and self._folder.is_dir():
            link_others(self._folder, self._target, {Path(path).name for path in self.changed})

    def _write(self, file: DayFile | None, content: bytes | None) -> None:
        if self._target is None:
            self._target = self._stack.enter_context(replaced_folder(self._folder, self._version))
        if file is not None and content is not None:
            # Not by `publish`, which would make the folder anew if another writer has removed it.
            write_new(self._target / Path(file.path).name, content)
