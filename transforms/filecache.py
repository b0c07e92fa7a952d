"""What was read of files, kept in memory until the files change."""

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, Protocol, TypeVar

from apache_beam.io.filesystems import FileSystems

from transforms.storage import is_local


class Sized(Protocol):
    """Knows the memory it takes."""

    @property
    def nbytes(self) -> int:
        """Bytes."""


_T = TypeVar("_T", bound=Sized)


@dataclass
class FileCache(Generic[_T]):
    """Values read of files, the least recently used dropped first.

    Attributes:
        limit: bytes kept at the most.
    """

    limit: int
    _held: OrderedDict[tuple[str, Hashable], tuple[Hashable, _T | None, int]] = field(
        default_factory=OrderedDict
    )
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, path: str, part: Hashable, load: Callable[[], _T | None]) -> _T | None:
        """Return what `load` returns for this `part` of the file, as long as the file is the same.

        Raises what `load` raises.
        """
        state = file_state(path)
        with self._lock:
            held = self._pop(path, part)
            value = held[1] if held is not None and held[0] == state else load()
            size = value.nbytes if value else 0
            self._held[path, part] = state, value, size
            self._size += size
            while self._size > self.limit:
                self._size -= self._held.popitem(last=False)[1][2]
            return value

    def forget(self, path: str, part: Hashable) -> None:
        """Drop what is kept of this `part` of the file."""
        with self._lock:
            self._pop(path, part)

    def _pop(self, path: str, part: Hashable) -> tuple[Hashable, _T | None, int] | None:
        held = self._held.pop((path, part), None)
        self._size -= held[2] if held else 0
        return held


def file_state(path: str) -> Hashable:
    """Return what changes whenever the file does."""
    if is_local(path):
        status = os.stat(path.removeprefix("file://"))  # noqa: PTH116 (called for every file)
        return status.st_ino, status.st_mtime_ns, status.st_size
    metadata = FileSystems.match([path])[0].metadata_list[0]
    return metadata.size_in_bytes, metadata.last_updated_in_seconds
