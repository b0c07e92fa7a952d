"""Whole files on a local disk: published in one step, and what a killed process leaves of them."""

import contextlib
import os
import shutil
from functools import partial
from pathlib import Path

from transforms.output.fence import require_lock

PRIVATE, PUBLIC = 0o600, 0o666
"""Rights of a local file, before the process's umask takes its part away."""

_TRIES = 10
"""For what another writer may take away while it is at hand."""


def publish(target: Path, content: bytes, rights: int = PUBLIC) -> None:
    """Make `content` the file `target`, atomically, less the umask; see `storage.publish`."""
    for left in reversed(range(_TRIES)):
        try:
            _publish(target, content, rights)
        except FileNotFoundError:  # `remove_leftovers` of the next writer took the temporary file
            if not left:
                raise
        else:
            break
    flush_folder(target.parent)


def _publish(target: Path, content: bytes, rights: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_path(target)
    try:
        write_new(temporary, content, rights)
        require_lock(str(target))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def temporary_path(target: Path) -> Path:
    """Return a name for what is to take the place of `target`: readers ignore it.

    It is never the same again. The number of the process would be, as containers that write to one
    disk all have the number 1.
    """
    return target.with_name(f".{target.name}.{os.urandom(8).hex()}.tmp")


def write_new(path: Path, content: bytes, rights: int = PUBLIC) -> None:
    """Write a file that survives a power cut where nobody looks for it yet.

    Raises:
        FileNotFoundError: its folder is not there.
        OSError: it cannot be written.
    """
    with open(path, "xb", opener=partial(os.open, mode=rights)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def matching(folder: Path, pattern: str) -> list[Path]:
    """Return the paths below a folder that match a pattern, sorted.

    They are looked for again if a folder went before it was looked into, as when a day is replaced.
    """
    for _ in range(_TRIES):
        with contextlib.suppress(FileNotFoundError):
            return sorted(folder.glob(pattern), key=str)
    return sorted(folder.glob(pattern), key=str)


def remove_leftovers(root: Path) -> None:
    """Remove the temporary files and folders that a killed run left below `root`.

    A folder gets another name first: should its owner live, and have lost the lock only now, or
    this process have lost it, then who works on the folder finds it gone, and not a part of it.
    """
    for leftover in matching(root, "**/.*.tmp"):
        require_lock(str(leftover))
        with contextlib.suppress(FileNotFoundError):
            if leftover.is_dir():
                gone = leftover.rename(temporary_path(leftover.with_name("gone")))
                shutil.rmtree(gone, ignore_errors=True)
            else:
                leftover.unlink()


def flush_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
