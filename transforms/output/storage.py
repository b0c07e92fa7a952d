"""Whole files on any filesystem Beam reads: read, publish atomically, remove, list.

A file is published in one step, or not at all. On a local disk it is written under a name that
readers ignore (a leading dot), flushed to the disk and renamed; on an object store the complete
bytes go up in one write. Nothing is ever written through an open stream, since a failure midway
would publish a truncated object.
"""

import contextlib
import errno
import importlib.util
import os
import shutil
from pathlib import Path

from apache_beam.io.aws.clients.s3.messages import S3ClientError
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.options.value_provider import RuntimeValueProvider

from transforms.errors import ConfigError, NewsbeamError

EXTRAS = {"s3": "'apache-beam[aws]'", "gs": "'apache-beam[gcp]'"}
"""Object stores that are known, with what Beam needs for them."""

_WRONG_PATH = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS),
        *(errno.ENOENT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
        *(errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.EILSEQ),
    }
)
"""Errors that do not pass by themselves: rights, and names."""


def is_local(path: str) -> bool:
    """Return whether `path` is on a local disk.

    >>> is_local("out/date=2026-10-01"), is_local("s3://bucket/out")
    (True, False)
    """
    return FileSystems.get_scheme(path) in (None, "file")


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
    return str(FileSystems.join(root, *"/".join(parts).split("/")))


def require_filesystem(key: str, path: str) -> None:
    """Raise `ConfigError` if Beam has no filesystem for `path`, which the setting `key` holds."""
    if is_local(path):
        return
    scheme = FileSystems.get_scheme(path)
    _give_options()
    if scheme in _usable:  # every name below an output asks
        return
    try:
        FileSystems.get_filesystem(path)
        # Beam has this class without the package, and fails where it is first used.
        is_known = scheme != "s3" or importlib.util.find_spec("boto3") is not None
    except ValueError:
        is_known = False
    if not is_known:
        extra = EXTRAS.get(scheme)
        fix = f"pip install {extra}" if extra else "use a folder, s3:// or gs://"
        raise ConfigError(f"{key}: Beam has no filesystem for {path}; {fix}")
    _usable.add(scheme)


_usable: set[str] = set()
"""Schemes that this process has found usable."""


def _give_options() -> None:
    """Give Beam's filesystems options where no pipeline has: that of S3 does not work without."""
    if not (FileSystems._pipeline_options or RuntimeValueProvider.runtime_options):
        FileSystems.set_options(PipelineOptions([]))


def write_failure(what: str, error: OSError, fix: str = "") -> NewsbeamError:
    """Return what to raise where an output cannot be written.

    A `ConfigError` with `fix` where the right or the path is wrong. A full disk or a store that
    does not answer is none: whoever started the process starts it again.
    """
    is_wrong = error.errno in _WRONG_PATH or isinstance(
        error, PermissionError | FileNotFoundError | FileExistsError
    )
    return ConfigError(f"{what}: {error}{fix}") if is_wrong else NewsbeamError(f"{what}: {error}")


def read_bytes(path: str) -> bytes | None:
    """Return the content of the file, or `None` where there is none."""
    if is_local(path):
        try:
            return local_path(path).read_bytes()
        except FileNotFoundError:
            return None
    if not FileSystems.exists(path):
        return None
    with FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        content: bytes = file.read()
    return content


def publish(path: str, content: bytes) -> None:
    """Make `content` the file at `path`, atomically; replaces an earlier file.

    Raises:
        OSError: it cannot be written; the earlier file is then as it was.
    """
    if not is_local(path):
        _put(path, content)
        return
    target = local_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(target.parent)


def _put(path: str, content: bytes) -> None:
    try:
        with FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED) as file:
            file.write(content)
    except S3ClientError as error:
        number = {403: errno.EACCES, 404: errno.ENOENT}.get(error.code, errno.EIO)
        raise OSError(number, f"{path}: {error.message}") from error


def remove(path: str) -> None:
    """Remove the file, and its folder where that is then empty on a local disk."""
    if not is_local(path):
        FileSystems.delete([path])
        return
    target = local_path(path)
    target.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another file is there
        target.parent.rmdir()


def list_files(pattern: str) -> list[str]:
    """Return the paths that match `pattern`, sorted; a missing folder has none."""
    if is_local(pattern):
        root, _, rest = pattern.partition("*")
        folder = local_path(root.rpartition("/")[0] or ".")
        glob = root.rpartition("/")[2] + "*" + rest
        return sorted(str(found) for found in folder.glob(glob) if found.is_file())
    matches = FileSystems.match([pattern])[0].metadata_list
    return sorted(metadata.path for metadata in matches)


def remove_leftovers(root: str) -> None:
    """Remove the temporary files and folders that a killed run left below a local `root`."""
    if is_local(root):
        for leftover in sorted(local_path(root).glob("**/.*.tmp")):
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
