"""Numbered claims in a folder: the one with the highest number counts.

All that a filesystem must be able to do is to create a file only if there is none. So the same
protocol serves a local disk (a hard link, which exists with its whole content or not at all) and an
object store (a conditional put).

A number is never used again, so two that want to take over the same dead claim both try to create
the same next number, and one of them fails.
"""

import contextlib
import errno
import os
import re
import uuid
from pathlib import Path
from typing import Protocol

from transforms.output import stores
from transforms.output.storage import is_local, join, local_path, publish, read_bytes, remove
from transforms.output.store_client import ChangedError

FOLDER = "_lock"

_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What exFAT and mounted object stores answer."""

_NAME = re.compile(r"(\d{12})\.json$")


class Claims(Protocol):
    """The claims on one output."""

    def numbers(self) -> list[int]:
        """Return the numbers of all claims, in order."""

    def read(self, number: int) -> bytes | None:
        """Return a claim's content, `None` if it is gone."""

    def create(self, number: int, content: bytes) -> bool:
        """Make a claim; return whether the number was free."""

    def replace(self, number: int, content: bytes) -> None:
        """Replace the content of a claim."""

    def remove(self, number: int) -> None:
        """Remove a claim."""


def claims_of(root: str) -> Claims:
    """Return the claims on the output `root`.

    Raises:
        ConfigError: there is no such kind of store.
    """
    if is_local(root):
        return LocalClaims(local_path(root) / FOLDER)
    return StoredClaims(join(root, FOLDER))


def _name(number: int) -> str:
    return f"{number:012d}.json"


def _numbers(names: list[str]) -> list[int]:
    return sorted(int(match[1]) for match in map(_NAME.search, names) if match)


class LocalClaims:
    """Claims in a local folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def numbers(self) -> list[int]:
        """Return the numbers of all claims, in order."""
        with contextlib.suppress(FileNotFoundError):
            return _numbers(os.listdir(self._folder))  # noqa: PTH208 (names are what is wanted)
        return []

    def read(self, number: int) -> bytes | None:
        """Return a claim's content, `None` if it is gone."""
        with contextlib.suppress(FileNotFoundError):
            return (self._folder / _name(number)).read_bytes()
        return None

    def create(self, number: int, content: bytes) -> bool:
        """Make a claim; return whether the number was free."""
        temporary = self._folder / f".{uuid.uuid4().hex}.tmp"
        target = self._folder / _name(number)
        try:
            publish(str(temporary), content)
            target.hardlink_to(temporary)
        except (FileExistsError, FileNotFoundError):  # taken, or cleaned up by one who has it
            return False
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            return _create_in_place(target, content)
        finally:
            temporary.unlink(missing_ok=True)
        return True

    def replace(self, number: int, content: bytes) -> None:
        """Replace the content of a claim."""
        publish(str(self._folder / _name(number)), content)

    def remove(self, number: int) -> None:
        """Remove a claim."""
        (self._folder / _name(number)).unlink(missing_ok=True)


def _create_in_place(target: Path, content: bytes) -> bool:
    """Create `target` where there are no hard links; for a moment it can be seen half-written."""
    try:
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


class StoredClaims:
    """Claims in an object store."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def _path(self, number: int) -> str:
        return f"{self._folder}/{_name(number)}"

    def numbers(self) -> list[int]:
        """Return the numbers of all claims, in order."""
        return _numbers([found.path for found in stores.listing(f"{self._folder}/")])

    def read(self, number: int) -> bytes | None:
        """Return a claim's content, `None` if it is gone."""
        return read_bytes(self._path(number))

    def create(self, number: int, content: bytes) -> bool:
        """Make a claim; return whether the number was free."""
        try:
            stores.put(self._path(number), content, expected="")
        except ChangedError:
            return False
        return True

    def replace(self, number: int, content: bytes) -> None:
        """Replace the content of a claim."""
        publish(self._path(number), content)

    def remove(self, number: int) -> None:
        """Remove a claim."""
        remove(self._path(number))
