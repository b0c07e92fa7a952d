"""Reading the documents in files.

They lie on a disk or in an object store; .gz, .bz2 and .zst are decompressed as they are read. What
cannot be read becomes a dead letter, at the place where reading stopped, and the rest goes on.
"""

import contextlib
import errno
import io
import logging
import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import apache_beam as beam

from transforms.bounds import USUAL, Bounds
from transforms.compression import (
    COMPRESSED_SUFFIXES,
    CompressionError,
    compression_of,
    decompressed_stream,
)
from transforms.errors import Rejected
from transforms.formats import FORMATS, FileInfo, by_suffix, endings
from transforms.formats.base import PAYLOAD_CAP, STEP, letter
from transforms.formats.by_content import MISNAMED, SNIFFED, told_ending
from transforms.formats.byte_streams import peek
from transforms.formats.foreign import foreign_kind
from transforms.formats.parquet_files import FORMAT as PARQUET
from transforms.formats.warc import FORMAT as WARC
from transforms.isolation import NO_ROOM, each_tried
from transforms.local_files import (
    is_regular,
)
from transforms.output.storage import (
    is_local,
    local_path,
    open_binary,
)
from transforms.output.store_client import StoreError
from transforms.records import DeadLetter, RawDocument

MAX_BYTES = 20 << 20
"""Default of `max_bytes`: 20 MiB. A long news page has 1 MiB; a decompression bomb has no end."""

_FIRST = 4096
"""Bytes of a file in which it shows that it is no text at all, or compressed."""

_log = logging.getLogger(__name__)

_WARC = b"WARC/"
_HEAD = 1 << 16
"""Bytes of a file in which it shows whether it is a web archive."""


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
    stem, compression = split_compression(file.uri)
    form = by_suffix(stem)
    try:
        if form is None and (found := _archive_compression(file)) is not None:
            form, compression = WARC, found
        with _open(file) as stream:
            head = _first_bytes(stream) if form is None or form in FORMATS else b""
            if foreign := foreign_kind(head):
                raise Rejected("unknown_format", f"it is {foreign}")
            if form not in {PARQUET, WARC} and not compression:
                compression = compression_of(head)  # its name may not say so
            if form is None:
                known = " ".join(endings())
                detail = f"the name ends with none of {known}, plain or with .gz, .bz2 or .zst"
                raise Rejected("unknown_format", detail)
            plain = decompressed_stream(stream, compression)
            if stem.lower().endswith(MISNAMED):
                head, plain = peek(plain, SNIFFED)
                form = by_suffix(told_ending(stem, head)) or form
            yield from form.split(file, plain, max_bytes)
    except CompressionError as error:
        raise Rejected("corrupt_compression", f"{compression} data: {error}") from error
    except FileNotFoundError:
        _log.info("%s is gone", file.uri)
    except OSError as error:
        if error.errno is None or error.errno in NO_ROOM or _is_of_store(error):
            raise
        raise Rejected("unreadable", f"cannot be read: {error}") from error


def _first_bytes(stream: IO[bytes]) -> bytes:
    """Return the first bytes of a file, of which none are taken; `b""` where that cannot be."""
    if not stream.seekable():
        return b""
    head = stream.read(_FIRST)
    stream.seek(0)
    return head


def _is_of_store(error: OSError) -> bool:
    """Return whether `error` says that a store fails, and not the one file."""
    return isinstance(error, StoreError) and error.errno != errno.EACCES


def split_compression(uri: str) -> tuple[str, str]:
    """Return a file's name without the ending of a compression, and that ending, "" for none."""
    stem, suffix = posixpath.splitext(uri)
    return (stem, suffix.lower()) if suffix.lower() in COMPRESSED_SUFFIXES else (uri, "")


def _archive_compression(file: FileInfo) -> str | None:
    """Return how a web archive is compressed, "" for not; `None` if the file is none.

    Crawlers and copies give archives all kinds of names.
    """
    with _open(file) as stream:
        head = stream.read(_HEAD)
    compression = compression_of(head)
    try:
        start = decompressed_stream(io.BytesIO(head), compression).read(len(_WARC))
    except CompressionError:
        return None
    return compression if start == _WARC else None


def _open(file: FileInfo) -> IO[bytes]:
    """Return the file, to be read.

    Raises:
        OSError: it cannot be opened, or is a pipe by now, which would be waited for.
    """
    if not is_local(file.place):
        return open_binary(file.place)
    stream: IO[bytes] = open(local_path(file.place), "rb", opener=_without_waiting)  # noqa: SIM115
    if not is_regular(stream.fileno()):
        stream.close()
        raise OSError(errno.EINVAL, "it is no regular file")
    return stream


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _file_letter(file: FileInfo, reason: str, detail: str, line: int | None) -> DeadLetter:
    payload = b""
    if reason != "unreadable":
        with contextlib.suppress(OSError), _open(file) as stream:
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
