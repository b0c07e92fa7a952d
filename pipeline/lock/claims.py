"""Numbered claims in a folder: the one with the highest number counts.

All that a filesystem must be able to do is to create a file only if there is none. So the same
protocol serves a local disk (a hard link, which exists with its whole content or not at all) and an
object store (a conditional put: S3 `If-None-Match`, Google `ifGenerationMatch`, both through
fsspec's `mode="create"`).

A number is never used again, so two that want to take over the same dead claim both try to create
the same next number, and one of them fails.
"""

import contextlib
import errno
import importlib
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from fsspec.core import url_to_fs  # type: ignore[import-untyped]

from transforms.errors import ConfigError
from transforms.output.storage import EXTRAS, is_local, local_path, publish

FOLDER = "_lock"

_PACKAGES = {"s3": "s3fs", "gs": "gcsfs"}
"""Stores that create a file only if there is none, in one request, with what fsspec needs."""

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
        ConfigError: its store cannot create a file conditionally, or needs a package.
    """
    if is_local(root):
        return LocalClaims(local_path(root) / FOLDER)
    scheme = root.partition("://")[0]
    if scheme not in _PACKAGES:
        raise ConfigError(
            f"output.path: {root} cannot hold the lock that keeps two writers apart, which needs a "
            "conditional put; publish to a folder, s3:// or gs://"
        )
    try:
        filesystem, path = url_to_fs(root, use_listings_cache=False)
    except ImportError as error:
        raise ConfigError(
            f"output.path: {root} and its lock need packages: "
            f"pip install {EXTRAS[scheme]} {_PACKAGES[scheme]}"
        ) from error
    return ObjectClaims(filesystem, f"{path.rstrip('/')}/{FOLDER}")


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


def _network_faults() -> tuple[type[Exception], ...]:
    """Return what s3fs and gcsfs raise besides `OSError` where a store does not answer."""
    found: list[type[Exception]] = []
    with contextlib.suppress(ImportError):
        found.append(importlib.import_module("aiohttp").ClientError)
    with contextlib.suppress(ImportError):
        found.append(importlib.import_module("botocore.exceptions").BotoCoreError)
    return tuple(found)


@contextlib.contextmanager
def _as_os_errors() -> Iterator[None]:
    try:
        yield
    except _network_faults() as error:
        raise OSError(errno.EIO, str(error)) from error


class ObjectClaims:
    """Claims in an object store, through fsspec."""

    def __init__(self, filesystem: Any, folder: str) -> None:
        self._filesystem = filesystem
        self._folder = folder

    def _path(self, number: int) -> str:
        return f"{self._folder}/{_name(number)}"

    @_as_os_errors()
    def numbers(self) -> list[int]:
        """Return the numbers of all claims, in order."""
        self._filesystem.invalidate_cache()
        with contextlib.suppress(FileNotFoundError):
            return _numbers(self._filesystem.ls(self._folder, detail=False))
        return []

    @_as_os_errors()
    def read(self, number: int) -> bytes | None:
        """Return a claim's content, `None` if it is gone."""
        with contextlib.suppress(FileNotFoundError):
            content: bytes = self._filesystem.cat_file(self._path(number))
            return content
        return None

    @_as_os_errors()
    def create(self, number: int, content: bytes) -> bool:
        """Make a claim; return whether the number was free."""
        try:
            self._filesystem.pipe_file(self._path(number), content, mode="create")
        except OSError:
            # Stores say "it exists" in several ways; and a request may have been sent twice because
            # the first answer was lost, so that what exists is this very claim.
            found = self.read(number)
            if found is None:
                raise
            return found == content
        return True

    @_as_os_errors()
    def replace(self, number: int, content: bytes) -> None:
        """Replace the content of a claim."""
        self._filesystem.pipe_file(self._path(number), content)

    @_as_os_errors()
    def remove(self, number: int) -> None:
        """Remove a claim."""
        with contextlib.suppress(FileNotFoundError):
            self._filesystem.rm_file(self._path(number))
