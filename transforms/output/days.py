"""Change the files of a day so that no reader sees half of a change.

A reader lists a day and then opens its files, some of them more than once, as DuckDB does. It must
find what it listed, or find that it is gone; a file that was replaced under its name it would read
with the footer of the old one. So what is rewritten gets a new number, in a new folder that takes
the place of the old one in one step (`folders`). Where folders cannot be exchanged, as on an object
store, files are replaced under their names, one by one.

One writer per day at a time.
"""

import contextlib
import errno
import functools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from transforms.errors import ConfigError
from transforms.output.folders import link_others, replaced_folder, require_exchange
from transforms.output.ledger import day_files
from transforms.output.storage import is_local, join, local_path, publish, remove
from transforms.records import DayFile

_NOT_NOW = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO})


class DayChange(Protocol):
    """Changes to the files of one day.

    Attributes:
        moved: the files that were replaced, and what took their place: `None` if nothing did.
        created: paths of files under names that were free, below the output.
        changed: paths of files that were replaced under their names, or are gone.
    """

    moved: dict[DayFile, DayFile | None]
    created: set[str]
    changed: set[str]

    def add(self, bucket: int, content: bytes) -> None:
        """Add a file."""

    def replace(self, file: DayFile, content: bytes | None) -> None:
        """Replace a file; `None` removes it."""


@contextlib.contextmanager
def changing_day(root: str, date: str, must_exchange: bool = False) -> Iterator[DayChange]:
    """Yield what takes the changes of the day `date` below `root`; they hold when the body ends.

    If the body raises, the day stays as it was, or, without exchange, as far as it was changed.

    Args:
        root: the output.
        date: UTC day.
        must_exchange: whether to refuse a day that cannot be replaced in one step.

    Raises:
        NewsbeamError: it is refused.
        OSError: something cannot be written.
    """
    if not must_exchange:
        folder = local_path(join(root, f"date={date}"))
        if not can_exchange(root) or any(path.is_dir() for path in folder.glob("*")):
            yield _InPlace(root, date)
            return
    with ExitStack() as stack:
        yield (change := _Exchanged(root, date, stack))
        change.finish()


@functools.cache
def can_exchange(root: str) -> bool:
    """Return whether the days of the output `root` can be replaced in one step.

    Raises:
        OSError: nothing can be written there at the moment.
    """
    if not is_local(root):
        return False
    local_path(root).mkdir(parents=True, exist_ok=True)
    try:
        require_exchange(root)
    except ConfigError as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno in _NOT_NOW:
            raise error.__cause__ from None
        return False
    return True


_highest: dict[tuple[str, str, int], int] = {}
"""The last number given in this process, by output, date and bucket: none comes back."""


@dataclass
class _Names:
    """Gives new files the numbers that follow."""

    root: str
    date: str
    moved: dict[DayFile, DayFile | None] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    _numbers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in day_files(self.root, self.date):
            self._numbers[file.bucket] = file.number  # the highest comes last

    def _new(self, bucket: int) -> DayFile:
        key = self.root, self.date, bucket
        number = max(self._numbers.get(bucket, -1), _highest.get(key, -1)) + 1
        self._numbers[bucket] = _highest[key] = number
        file = DayFile(self.date, bucket, number)
        self.created.add(file.path)
        return file


class _InPlace(_Names):
    def add(self, bucket: int, content: bytes) -> None:
        publish(join(self.root, self._new(bucket).path), content)

    def replace(self, file: DayFile, content: bytes | None) -> None:
        self.changed.add(file.path)
        if content is None:
            remove(join(self.root, file.path))
            self.moved[file] = None
        else:
            publish(join(self.root, file.path), content)


class _Exchanged(_Names):
    def __init__(self, root: str, date: str, stack: ExitStack) -> None:
        super().__init__(root, date)
        self._folder = local_path(join(root, f"date={date}"))
        self._stack = stack
        self._target: Path | None = None

    def add(self, bucket: int, content: bytes) -> None:
        self._write(self._new(bucket), content)

    def replace(self, file: DayFile, content: bytes | None) -> None:
        new = None if content is None else self._new(file.bucket)
        self._write(new, content)
        self.changed.add(file.path)
        self.moved[file] = new

    def finish(self) -> None:
        """Take over what did not change, if anything did."""
        if self._target is not None and self._folder.is_dir():
            link_others(self._folder, self._target, {Path(path).name for path in self.changed})

    def _write(self, file: DayFile | None, content: bytes | None) -> None:
        if self._target is None:
            self._target = self._stack.enter_context(replaced_folder(self._folder))
        if file is not None and content is not None:
            publish(str(self._target / Path(file.path).name), content)
