"""Replace all files of a day in one step.

One file is replaced by a rename, several are not. So the whole new folder is made beside the old
one, under a name that readers ignore, and the two are exchanged, which Linux and macOS do in one
step. A reader that listed the old folder before either opens its files or finds that they are gone;
it never mixes the two, as long as files that hold other rows have other names.
"""

import contextlib
import ctypes
import errno
import functools
import os
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from transforms.errors import ConfigError, NewsbeamError
from transforms.output.disk import flush_folder, temporary_path
from transforms.output.fence import require_lock
from transforms.output.storage import is_local, local_path
from transforms.output.store_client import ChangedError

LISTING_SECONDS = 0.1
"""For so long the old folder stays whole: a reader that has just opened it may still list it."""

_replaced: deque[tuple[float, Path]] = deque()
"""Old folders, and when they were replaced."""

_RENAME_EXCHANGE = 2
"""Of Linux's renameat2; macOS's renamex_np calls the same bit RENAME_SWAP."""
_AT_FDCWD = -100


_NOT_NOW = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.ENOENT}
)
"""What says nothing of the filesystem; the last, that another writer removed what was tried."""


class FolderVersion(NamedTuple):
    """What tells a folder from those that had its name before, and from what it held before."""

    inode: int
    changed_at: int


def folder_version(folder: Path) -> FolderVersion | None:
    """Return the version of a folder, `None` where there is none."""
    try:
        status = folder.stat()
    except FileNotFoundError:
        return None
    return FolderVersion(status.st_ino, status.st_mtime_ns)


@contextlib.contextmanager
def replaced_folder(folder: Path, expected: FolderVersion | None) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` at the end.

    If the body raises, `folder` stays as it was. A new folder left empty removes it. The old one
    is removed a moment later: call `remove_replaced` after the last.

    Args:
        folder: to be replaced.
        expected: its version when it was read, `None` if it was not there.

    Raises:
        ChangedError: another writer has replaced it since. Who writes holds the lock; but on a disk
            that machines share, one that was suspended may have lost it since it asked last.
        FileNotFoundError: another writer has taken the new folder for a leftover.
        OSError: the new folder cannot be written, or the two cannot be exchanged.
    """
    remove_replaced(time.monotonic() - LISTING_SECONDS)
    new = temporary_path(folder)
    new.mkdir(parents=True)
    try:
        yield new
        flush_folder(new)
        require_lock(str(folder))
        _replace(new, folder, expected)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    flush_folder(folder.parent)
    with contextlib.suppress(OSError):  # it is not empty
        folder.rmdir()


def _replace(new: Path, folder: Path, expected: FolderVersion | None) -> None:
    if expected is None:
        try:
            new.rename(folder)
        except OSError as error:
            if folder.exists():
                raise _changed(folder) from error
            raise
        return
    if folder_version(folder) != expected:
        raise _changed(folder)
    exchange(new, folder)
    if folder_version(new) != expected:  # it was replaced between the two steps
        exchange(new, folder)
        raise _changed(folder)
    _replaced.append((time.monotonic(), new))


def _changed(folder: Path) -> ChangedError:
    return ChangedError(errno.EEXIST, f"{folder} was changed by another writer")


def remove_replaced(before: float | None = None) -> None:
    """Remove the folders replaced before that time of the clock; all, once readers have had time.

    Any process that begins to write removes what a killed one left (`disk.remove_leftovers`).
    """
    while _replaced:
        try:
            replaced_at, old = _replaced.popleft()
        except IndexError:  # another thread was faster
            return
        if before is None:
            time.sleep(max(0.0, replaced_at + LISTING_SECONDS - time.monotonic()))
        elif replaced_at >= before:
            _replaced.appendleft((replaced_at, old))
            return
        shutil.rmtree(old, ignore_errors=True)


def link_others(old: Path, new: Path, names: Collection[str]) -> None:
    """Give the folder `new` all files of `old` except those with these names, as hard links.

    Raises:
        NewsbeamError: `old` holds a folder, which does not belong there.
    """
    for path in old.iterdir():
        if path.is_dir():
            raise NewsbeamError(f"{path} does not belong into the output; move it elsewhere")
        if path.name not in names:
            (new / path.name).hardlink_to(path)


def exchange(left: Path, right: Path) -> None:
    """Exchange two files or folders of one filesystem in one step.

    Raises:
        OSError: the system or the filesystem cannot do it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(left), os.fsencode(right)
    try:
        if sys.platform == "darwin":
            failed = libc.renamex_np(*paths, _RENAME_EXCHANGE)
        else:
            failed = libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE)
    except AttributeError as error:
        raise OSError(errno.ENOSYS, "the system cannot exchange two folders") from error
    if failed:
        code = ctypes.get_errno()
        raise OSError(code, f"{left} and {right} cannot be exchanged: {os.strerror(code)}")


def require_exchange(root: str) -> None:
    """Make sure that folders of `root` can be exchanged, if it is on a disk.

    A store has no folders; what its readers may see in the meantime is in docs/schema.md.

    Raises:
        ConfigError: they cannot.
    """
    if not is_local(root):
        return
    base = local_path(root)
    if not base.is_dir():
        raise ConfigError(f"{root} does not exist; is it the output of a run?")
    try:
        with tempfile.TemporaryDirectory(prefix=".", suffix=".tmp", dir=base) as folder:
            one, other = Path(folder, "one"), Path(folder, "other")
            one.mkdir()
            other.mkdir()
            (one / "file").touch()
            link_others(one, other, ())
            exchange(one, other)
    except OSError as error:
        raise ConfigError(
            f"{root}: the files of a day cannot be replaced in one step here ({error.strerror});"
            " work on a copy on a local disk (ext4, xfs, btrfs, tmpfs, APFS)"
        ) from error


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
