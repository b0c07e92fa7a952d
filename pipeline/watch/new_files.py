"""New and changed files below folders and globs, and which of them have been read.

What is remembered is a hash of path, time of change and size of each file that is there, in
`OUT/_state/files.json`. It only saves work: a file that is read again changes no row.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from transforms.formats.base import FileInfo
from transforms.input_files import match_files
from transforms.output.state import ReadFiles

SETTLED = 1.0
"""Seconds without a change after which a file is taken to be whole. One that changes later is read
again; writing it under another name and renaming it is still better."""


def file_key(file: FileInfo) -> int:
    """Return 64 bits that change when the file does."""
    facts = f"{file.uri}\0{file.modified_at}\0{file.size}".encode()
    return int.from_bytes(hashlib.blake2b(facts, digest_size=8).digest(), "little")


class FolderSource:
    """Finds the files that are new.

    `forget` and `keep` are for the thread that publishes, `new_files` for the one that reads.

    Args:
        root: the output, where what was read is remembered.
        patterns: files, folders and globs; they need not match anything yet.
        clock: tells the time.
        follow_links: see `match_files`.
    """

    def __init__(
        self,
        root: str,
        patterns: Sequence[str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        follow_links: bool = False,
    ) -> None:
        self._root = root
        self._patterns = patterns
        self._clock = clock
        self._follow_links = follow_links
        self._published = set(np.frombuffer(ReadFiles.read(root).keys, "<u8").tolist())
        self._taken = set(self._published)
        self._unsettled: dict[str, int] = {}
        self._there: frozenset[int] = frozenset()
        self.count = 0

    def new_files(self) -> list[FileInfo]:
        """Return the files that were not taken before, or have changed, oldest first.

        Raises:
            ConfigError: a folder cannot be listed.
        """
        files = match_files(
            self._patterns, self._clock, may_be_none=True, follow_links=self._follow_links
        )
        self.count = len(files)
        keys = {file_key(file): file for file in files}
        self._there = frozenset(keys)
        self._taken &= self._there
        fresh = {key: file for key, file in keys.items() if key not in self._taken}
        ready = {key: file for key, file in fresh.items() if self._is_settled(key, file)}
        self._unsettled = {file.uri: key for key, file in fresh.items() if key not in ready}
        return sorted(
            ready.values(), key=lambda file: (file.modified_at or file.fetched_at, file.uri)
        )

    @property
    def is_waiting(self) -> bool:
        """Whether the last look found files that may still be written to."""
        return bool(self._unsettled)

    def take(self, file: FileInfo) -> int:
        """Return the key of a file that was read whole; `new_files` does not name it again."""
        key = file_key(file)
        self._taken.add(key)
        return key

    def _is_settled(self, key: int, file: FileInfo) -> bool:
        """Return whether a file was not changed for a while, by its own time or between looks."""
        if file.modified_at is None or self._unsettled.get(file.uri) == key:
            return True
        return time.time() - SETTLED - file.modified_at.timestamp() >= 0

    def keep(self, keys: Iterable[int]) -> None:
        """Remember these files as read, and forget those that are gone."""
        there = self._there
        self._published.update(keys)
        self._published &= there
        ReadFiles(keys=np.array(sorted(self._published), "<u8").tobytes()).write(self._root)
