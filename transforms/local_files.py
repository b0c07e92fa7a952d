"""The files below folders of this machine: those that can be read, and where they really lie.

Anybody may put things into an input: links, pipes, names in any encoding. A pipe would be waited
for without end, a link may lead to what is nobody's news. What is passed over is said once.
"""

import logging
import os
import re
import stat
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

_log = logging.getLogger(__name__)

_ESCAPED = re.compile("[\udc80-\udcff]")
"""How Python spells a byte of a name that is no UTF-8."""
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

_told: set[str] = set()
"""Paths that this process has said something of."""


class LocalFile(NamedTuple):
    """A file: its path, its size in bytes, and its own time where a `datetime` can hold it."""

    path: str
    size: int
    modified_at: datetime | None


class Links(NamedTuple):
    """Which symbolic links are followed.

    Attributes:
        roots: real paths of the folders that make up the input: a link to a file in one is.
        everywhere: whether all are, those of folders too.
    """

    roots: Collection[str] = ()
    everywhere: bool = False

    def lead_astray(self, path: str) -> bool:
        """Return whether the link at `path` is not followed."""
        target = os.path.realpath(path)
        inside = any(
            target == root or target.startswith(root.rstrip("/") + "/") for root in self.roots
        )
        return not (self.everywhere or inside)


def files_below(folder: str, links: Links, wanted: re.Pattern[str]) -> Iterator[LocalFile]:
    """Yield the regular files in `folder` and in all folders below it whose path is `wanted`.

    What is gone by the time it is looked at is left out, as what cannot be looked at is.
    """
    seen = {os.path.realpath(folder)}
    walk = os.walk(folder, followlinks=links.everywhere, onerror=_cannot_be_listed)
    for here, folders, names in walk:
        if links.everywhere:  # a link may lead back to a folder above it
            real = {name: os.path.realpath(f"{here}/{name}") for name in folders}
            folders[:] = [name for name in folders if real[name] not in seen]
            seen.update(real.values())
        for path in (f"{here.rstrip('/')}/{name}" for name in names):
            if wanted.fullmatch(path) and (file := regular_file(path, links)):
                yield file


def regular_file(path: str, links: Links) -> LocalFile | None:
    """Return the file at `path`; `None` if it is none that can be read, or is not there."""
    try:
        if Path(path).is_symlink() and links.lead_astray(path):
            _tell(path, "is a link that leads out of the input; input.follow_links: true reads it")
            return None
        status = Path(path).stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        _tell(path, f"is passed over: {error.strerror}")
        return None
    if not stat.S_ISREG(status.st_mode):
        if kind := _KINDS.get(stat.S_IFMT(status.st_mode)):
            _tell(path, f"is {kind}, and passed over")
        return None
    return LocalFile(path, status.st_size, time_of(status.st_mtime))


def _cannot_be_listed(error: OSError) -> None:
    if isinstance(error, NotADirectoryError):  # an input may be one file
        return
    _tell(str(error.filename), f"cannot be listed: {error.strerror}")


def _tell(path: str, what: str) -> None:
    if path not in _told:
        _told.add(path)
        _log.warning("%s %s", uri_of(path), what)


def time_of(seconds: float) -> datetime | None:
    """Return a file's own time, `None` if it tells none that a `datetime` can hold."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):  # of the year 20000
        return None


def uri_of(path: str) -> str:
    r"""Return `path` as text: of a name that is no UTF-8, the other bytes are percent-encoded.

    >>> uri_of(os.fsdecode(b"in/caf\xe9.txt")), uri_of("in/café.txt")
    ('in/caf%E9.txt', 'in/café.txt')
    """
    return _ESCAPED.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", path)


def path_of(uri: str) -> str:
    """Return the path that `uri_of` returned `uri` for: itself, unless only the other is there."""
    if "%" in uri and not os.path.lexists(uri):
        decoded = os.fsdecode(unquote_to_bytes(uri))
        return decoded if os.path.lexists(decoded) else uri
    return uri


def is_regular(descriptor: int) -> bool:
    """Return whether the open file is a regular one."""
    return stat.S_ISREG(os.fstat(descriptor).st_mode)
