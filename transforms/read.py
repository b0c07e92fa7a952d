"""Finding files and reading the documents in them.

They lie on a disk or in an object store; .gz, .bz2 and .zst are decompressed as they are read. What
cannot be read becomes a dead letter, at the place where reading stopped, and the rest goes on.
"""

import contextlib
import io
import logging
import posixpath
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import apache_beam as beam
from apache_beam.io.filesystem import BeamIOError, FileMetadata
from apache_beam.io.filesystems import FileSystems

from transforms.bounds import USUAL, Bounds
from transforms.compression import (
    COMPRESSED_SUFFIXES,
    CompressionError,
    compression_of,
    decompressed_stream,
)
from transforms.errors import ConfigError, Rejected
from transforms.formats import SUFFIXES, FileInfo, by_suffix
from transforms.formats.base import PAYLOAD_CAP, STEP, letter
from transforms.formats.warc import FORMAT as WARC
from transforms.isolation import NO_ROOM, each_tried
from transforms.output.storage import is_local, match_stored, open_binary, require_filesystem
from transforms.records import DeadLetter, RawDocument

MAX_BYTES = 20 << 20
"""Default of `max_bytes`: 20 MiB. A long news page has 1 MiB; a decompression bomb has no end."""

_log = logging.getLogger(__name__)

_WARC = b"WARC/"
_HEAD = 1 << 16
"""Bytes of a file in which it shows whether it is a web archive."""


def match_files(
    patterns: Sequence[str], clock: Callable[[], datetime], *, may_be_none: bool = False
) -> list[FileInfo]:
    """Return the files that `patterns` name, sorted by uri, each once.

    Args:
        patterns: files, folders (with all below them) or globs, where `**` crosses folders. Names
            starting with `.` or `_` are passed over unless a pattern spells them out.
        clock: tells the time that becomes `fetched_at`.
        may_be_none: a pattern that matches nothing is no error.

    Raises:
        ConfigError: a pattern matches nothing or cannot be listed.
    """
    now = clock()
    found = {meta.path: meta for pattern in patterns for meta in _match(pattern, may_be_none)}
    return [_file_info(found[path], now) for path in sorted(found)]


def _match(pattern: str, may_be_none: bool) -> list[FileMetadata]:
    """Return the files that one pattern names, not the hidden ones."""
    require_filesystem("input.paths", pattern)
    absolute, fixed, folder = _parts(pattern)
    try:
        if fixed != absolute:
            visible = _visible(_list(absolute), posixpath.dirname(fixed))
        else:
            visible = _visible(_list(folder + "**"), folder) or _list(absolute)
    except (BeamIOError, OSError) as error:
        raise ConfigError(f"input {pattern!r} cannot be listed: {error}") from error
    if visible or may_be_none:
        return visible
    raise ConfigError(
        f"input {pattern!r} matches no file (looked for {absolute}, and in it if it is a folder);"
        " check the path, or give a file, a folder or a glob such as 'news/**/*.html'"
    )


def _parts(pattern: str) -> tuple[str, str, str]:
    """Return `pattern` as an absolute path, its part before any wildcard, and it as a folder."""
    absolute = pattern if "://" in pattern else str(Path(pattern).absolute())
    return absolute, re.split(r"[*?\[]", absolute, maxsplit=1)[0], absolute.rstrip("/") + "/"


class Appearing(NamedTuple):
    """Files that may be there one day.

    Attributes:
        glob: matches them, and hidden ones.
        folder: where names begin that must not be hidden.
    """

    glob: str
    folder: str

    def is_visible(self, file: FileMetadata) -> bool:
        """Return whether `file`, one that `glob` matches, is not hidden."""
        return bool(_visible([file], self.folder))


def appearing(pattern: str) -> Appearing:
    """Return what to look for again and again, so that it finds what `match_files` would.

    A name without wildcards is a folder, which need not be there yet, unless it is a file now.

    Raises:
        ConfigError: there is no filesystem for it.
    """
    require_filesystem("input.paths", pattern)
    absolute, fixed, folder = _parts(pattern)
    if fixed != absolute:
        return Appearing(absolute, posixpath.dirname(fixed))
    if not absolute.endswith("/") and _list(absolute):
        return Appearing(absolute, absolute)
    return Appearing(folder + "**", folder)


def _list(pattern: str) -> list[FileMetadata]:
    if not is_local(pattern):
        return [
            FileMetadata(found.path, found.size, found.modified_at.timestamp())
            for found in match_stored(pattern)
        ]
    with warnings.catch_warnings():
        # Beam makes a regular expression of "[[]", the pattern for a bracket, as it stands.
        warnings.filterwarnings("ignore", "Possible nested set", FutureWarning)
        (result,) = FileSystems.match([pattern])
    is_folder = "://" not in pattern and Path(pattern).is_dir()
    return [] if is_folder else list(result.metadata_list)


def _visible(files: list[FileMetadata], folder: str) -> list[FileMetadata]:
    start = len(folder)
    return [f for f in files if not re.search(r"(?:^|/)[._]", f.path[start:].lstrip("/"))]


def _file_info(meta: FileMetadata, now: datetime) -> FileInfo:
    changed = meta.last_updated_in_seconds
    modified_at = datetime.fromtimestamp(changed, UTC) if changed else None
    return FileInfo(meta.path, meta.size_in_bytes, modified_at, now)


def read_documents(
    file: FileInfo, max_bytes: int = MAX_BYTES, bounds: Bounds = USUAL
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the documents of `file` in order, and a dead letter where reading stopped.

    The payload of a dead letter for a whole file is its first `PAYLOAD_CAP` bytes as stored. A file
    that is gone has no documents.

    Args:
        file: what to read.
        max_bytes: the largest document, decompressed.
        bounds: on what each document may cost.
    """
    source = (file.uri, file.size, file.modified_at)
    line = 0
    for item in each_tried(_split(file, max_bytes), STEP, source, bounds):
        if isinstance(item, Rejected):
            is_part = line and item.reason not in _OF_THE_FILE
            yield _file_letter(file, item.reason, item.detail, line + 1 if is_part else None)
        else:
            line = item.line or line
            yield item


_OF_THE_FILE = frozenset({"corrupt_compression", "unknown_format", "unreadable"})


def _split(file: FileInfo, max_bytes: int) -> Iterator[RawDocument | DeadLetter]:
    """Yield the documents of `file`, and what its format makes of its parts.

    Raises:
        Rejected: it cannot be read, or not to its end.
    """
    stem, compression = _split_compression(file.uri)
    form = by_suffix(stem)
    if form is None and (found := _archive_compression(file.uri)) is not None:
        form, compression = WARC, found
    if form is None:
        known = " ".join(SUFFIXES)
        detail = f"the name ends with none of {known}, plain or with .gz, .bz2 or .zst"
        raise Rejected("unknown_format", detail)
    try:
        with _open(file.uri) as stream:
            yield from form.split(file, decompressed_stream(stream, compression), max_bytes)
    except CompressionError as error:
        raise Rejected("corrupt_compression", f"{compression} data: {error}") from error
    except FileNotFoundError:
        _log.info("%s is gone", file.uri)
    except OSError as error:
        if error.errno is None or error.errno in NO_ROOM:
            raise
        raise Rejected("unreadable", f"cannot be read: {error}") from error


def _split_compression(uri: str) -> tuple[str, str]:
    stem, suffix = posixpath.splitext(uri)
    return (stem, suffix.lower()) if suffix.lower() in COMPRESSED_SUFFIXES else (uri, "")


def _archive_compression(uri: str) -> str | None:
    """Return how the web archive at `uri` is compressed, "" for not; `None` if it is no archive.

    Crawlers and copies give archives all kinds of names.
    """
    try:
        with _open(uri) as stream:
            head = stream.read(_HEAD)
    except OSError:
        return None
    compression = compression_of(head)
    try:
        start = decompressed_stream(io.BytesIO(head), compression).read(len(_WARC))
    except CompressionError:
        return None
    return compression if start == _WARC else None


def _open(uri: str) -> IO[bytes]:
    return open_binary(uri)


def _file_letter(file: FileInfo, reason: str, detail: str, line: int | None) -> DeadLetter:
    payload = b""
    if reason != "unreadable":
        with contextlib.suppress(OSError), _open(file.uri) as stream:
            payload = stream.read(PAYLOAD_CAP)
    return letter(file, reason, detail, payload, line=line)


@dataclass
class ReadDocuments(beam.PTransform):
    """Read the documents of each file on the workers; the dead letters are among them.

    Element-wise: bounded and unbounded input alike; a document has the timestamp of its file.
    """

    max_bytes: int = MAX_BYTES
    bounds: Bounds = USUAL

    def expand(self, files: beam.PCollection[FileInfo]) -> beam.PCollection[Any]:
        """Return the documents and the dead letters."""
        read = partial(read_documents, max_bytes=self.max_bytes, bounds=self.bounds)
        # Else one worker would read all files.
        return files | beam.Reshuffle() | "split" >> beam.FlatMap(read)
