"""What was read of files, kept in memory until the files change."""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from random import Random
from threading import Lock
from typing import Generic, Protocol, TypeVar

from transforms.output.storage import FileState, file_state


class Sized(Protocol):
    """Knows the memory it takes."""

    @property
    def nbytes(self) -> int:
        """Bytes."""


_T = TypeVar("_T", bound=Sized)


@dataclass
class FileCache(Generic[_T]):
    """Values read of files.

    What does not fit is dropped at random: so going through more files than fit, again and again,
    still finds a part of them, where the least recently used would always be the next.

    Attributes:
        limit: bytes kept at the most.
    """

    limit: int
    _held: dict[tuple[str, Hashable], tuple[Hashable, _T | None, int]] = field(default_factory=dict)
    _chance: Random = field(default_factory=Random)
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(
        self,
        path: str,
        part: Hashable,
        load: Callable[[], _T | None],
        state: FileState | None = None,
    ) -> _T | None:
        """Return what `load` returns for this `part` of the file, as long as the file is the same.

        Args:
            path: of the file.
            part: tells apart what is kept of one file.
            load: reads it; what it raises is raised.
            state: of the file, where it is known.
        """
        state = state or file_state(path)
        with self._lock:
            held = self._pop(path, part)
            value = held[1] if held is not None and held[0] == state else load()
            size = 0 if value is None else value.nbytes
            self._held[path, part] = state, value, size
            self._size += size
            while self._size > self.limit:
                self._pop(*self._chance.choice(list(self._held)))
            return value

    def keep(self, root: str, paths: Collection[str]) -> None:
        """Drop what is kept of files below `root` other than `paths`: they are gone."""
        with self._lock:
            for path, part in [key for key in self._held if key[0] not in paths]:
                if path.startswith(root):
                    self._pop(path, part)

    def forget(self, path: str, part: Hashable) -> None:
        """Drop what is kept of this `part` of the file."""
        with self._lock:
            self._pop(path, part)

    def _pop(self, path: str, part: Hashable) -> tuple[Hashable, _T | None, int] | None:
        held = self._held.pop((path, part), None)
        self._size -= held[2] if held else 0
        return held
