"""Whole files on a disk or in an object store: read, publish atomically, remove, list.

A file is published in one step, or not at all. On a local disk it is written under a name that
readers ignore (a leading dot), flushed to the disk and renamed (`disk`); in an object store
(`stores`) the complete bytes go up in one put. Nothing is ever written through an open stream,
since a failure midway would publish a truncated object.
"""

import contextlib
import errno
import io
import os
import re
from pathlib import Path
from typing import IO, NamedTuple

from transforms.errors import ConfigError, NewsbeamError
from transforms.output import disk, stores
from transforms.output.disk import PUBLIC
from transforms.output.fence import require_lock
from transforms.output.store_client import SCHEMES, StoreError, scheme_of

_WRONG_PATH = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS),
        *(errno.ENOENT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
        *(errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.EILSEQ),
    }
)
"""Errors that do not pass by themselves: rights, and names."""


class FileState(NamedTuple):
    """What changes whenever a file does.

    Attributes:
        size: bytes.
        tag: inode and time of change on a disk, the ETag in a store.
    """

    size: int
    tag: str


def is_local(path: str) -> bool:
    """Return whether `path` is on a local disk.

    >>> is_local("out/date=2026-10-01"), is_local("s3://bucket/out")
    (True, False)
    """
    return scheme_of(path) is None


def local_path(path: str) -> Path:
    """Return the local path of `path`, which may be a `file://` address."""
    return Path(path.removeprefix("file://"))


def join(root: str, *parts: str) -> str:
    """Return the path of `parts` below `root`.

    >>> join("out", "date=2026-10-01/part-00.parquet")
    'out/date=2026-10-01/part-00.parquet'
    """
    if is_local(root):
        return os.path.join(root, *parts)  # noqa: PTH118 (root may be a file:// address)
    require_filesystem("output.path", root)
    return "/".join((root.rstrip("/"), *parts))


def require_filesystem(key: str, path: str) -> None:
    """Raise `ConfigError` if `path`, which the setting `key` holds, is neither local nor known."""
    scheme = scheme_of(path)
    if scheme is not None and scheme not in SCHEMES:
        known = ", ".join(f"{name}://" for name in ("s3", "gs", "az"))
        raise ConfigError(f"{key}: {path}: there is no {scheme}:// here; use a folder, {known}")


def path_failure(what: str, error: OSError, fix: str = "") -> NewsbeamError:
    """Return what to raise where an output cannot be written, or an input not be listed.

    A `ConfigError` with `fix` where the right or the path is wrong; a store names its own fix. A
    full disk or a store that does not answer is none: whoever started the process starts it again.
    """
    is_wrong = error.errno in _WRONG_PATH or isinstance(
        error, PermissionError | FileNotFoundError | FileExistsError
    )
    if not is_wrong:
        return NewsbeamError(f"{what}: {error}")
    return ConfigError(f"{what}: {error}{'' if isinstance(error, StoreError) else fix}")


def read_bytes(path: str) -> bytes | None:
    """Return the content of the file, or `None` where there is none."""
    if not is_local(path):
        found = stores.read(path)
        return None if found is None else found[0]
    try:
        return local_path(path).read_bytes()
    except FileNotFoundError:
        return None


class Read(NamedTuple):
    """What was read of a file: its content, and the version to be replaced (`stores.put`)."""

    content: bytes
    version: str


def read_version(path: str) -> Read | None:
    """Return the content of the file and its version, or `None` where there is none.

    On a disk the version is empty: who writes there holds the lock, which the system keeps.
    """
    if is_local(path):
        content = read_bytes(path)
        return None if content is None else Read(content, "")
    found = stores.read(path)
    return None if found is None else Read(*found)


def open_binary(path: str, state: FileState | None = None) -> IO[bytes]:
    """Return the file to be read from, from wherever one seeks.

    Args:
        path: on a disk or in a store.
        state: of the file, where it is known; that saves a store a request.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
    """
    if is_local(path):
        return local_path(path).open("rb")
    return io.BufferedReader(stores.StoredFile(path, *(state or file_state(path))))


def publish(path: str, content: bytes, rights: int = PUBLIC, expected: str | None = None) -> None:
    """Make `content` the file at `path`, atomically; replaces an earlier file.

    Args:
        path: on any filesystem.
        content: all of it.
        rights: of a local file, less the umask.
        expected: in a store, the version that it is to replace, "" for none, `None` for whatever
            is there.

    Raises:
        ChangedError: in a store, something else is there.
        OSError: it cannot be written; the earlier file is then as it was.
    """
    if not is_local(path):
        require_lock(path)
        stores.put(path, content, expected)
        return
    disk.publish(local_path(path), content, rights)


def remove(path: str) -> None:
    """Remove the file, and its folder where that is then empty on a local disk."""
    require_lock(path)
    if not is_local(path):
        stores.delete(path)
        return
    target = local_path(path)
    target.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another file is there
        target.parent.rmdir()


def list_files(pattern: str) -> list[str]:
    """Return the paths that match `pattern`, sorted; a missing folder has none."""
    return list(list_states(pattern))


def require_output(root: str) -> None:
    """Raise `ConfigError` unless `root` is the output of a run."""
    if not list_files(join(root, "_runs/*.json")):
        raise ConfigError(f"{root} is not the output of a run: it has no _runs/")


def list_states(pattern: str) -> dict[str, FileState]:
    """Return the files that match `pattern`, in order, each with its state.

    In a store that is one request for 1,000 objects.

    Raises:
        OSError: the folder cannot be listed.
    """
    if not is_local(pattern):
        return {found.path: FileState(found.size, found.tag) for found in match_stored(pattern)}
    root, _, rest = pattern.partition("*")
    folder = local_path(root.rpartition("/")[0] or ".")
    glob = root.rpartition("/")[2] + "*" + rest
    states: dict[str, FileState] = {}
    for path in map(str, disk.matching(folder, glob)):
        with contextlib.suppress(FileNotFoundError):
            if not os.path.isdir(path):  # noqa: PTH112 (called for every file)
                states[path] = file_state(path)
    return states


def match_stored(pattern: str) -> list[stores.Stored]:
    """Return the objects of a store that match `pattern`, where `**` crosses folders.

    Raises:
        OSError: the bucket cannot be listed.
    """
    fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    wanted = glob_pattern(pattern)
    return [found for found in stores.listing(fixed) if wanted.fullmatch(found.path)]


def glob_pattern(pattern: str) -> re.Pattern[str]:
    """Return what `pattern` matches: `*`, `?` and `[...]` within a folder, `**` anything.

    Raises:
        OSError: it is none, such as one with the range `[z-a]`.
    """
    parts = re.split(r"(\*\*|\*|\?|\[!?\]?[^]]*\])", pattern)
    known = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    translated = (
        known.get(part) or (_character_class(part) if number % 2 else re.escape(part))
        for number, part in enumerate(parts)
    )
    try:
        return re.compile("".join(translated), re.DOTALL)
    except re.error as error:
        raise OSError(errno.EINVAL, f"no pattern: {error}") from error


def _character_class(part: str) -> str:
    """Return `[...]` or `[!...]` as a regular expression; only `-` means something within."""
    negated = part.startswith("[!")
    body = re.sub(r"[^\w-]", r"\\\g<0>", part[2 if negated else 1 : -1])
    return f"[{'^' * negated}{body}]"


def file_state(path: str) -> FileState:
    """Return what changes whenever the file does.

    Raises:
        FileNotFoundError: it is gone.
    """
    if is_local(path):
        status = os.stat(path.removeprefix("file://"))  # noqa: PTH116 (called for every file)
        return FileState(status.st_size, f"{status.st_ino}-{status.st_mtime_ns}")
    found = stores.look(path)
    if found is None:
        raise FileNotFoundError(errno.ENOENT, f"{path}: there is no such file")
    return FileState(found.size, found.tag)
