"""Compressed data, undone within a limit: HTTP's content codings, and files as streams."""

import bz2
import gzip
import io
import zlib
from collections.abc import Callable
from enum import Enum
from typing import IO, Any, NamedTuple, Protocol

import brotli  # type: ignore[import-untyped] # it ships none
from backports import zstd

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

MAX_CODINGS = 5
"""Codings of one body, as in browsers and urllib3: each costs a pass over what the last gave."""

_MAX_FRAMES = 64
"""Frames of one body: each costs a copy of the rest, so a body of empty ones would never end."""

_PIECE = 1 << 16
"""Bytes given to a decompressor at once: what it gave before a fault is kept."""

_ZSTD_WINDOW_LOG = 23
"""8 MiB: the largest window that HTTP allows (RFC 9659)."""

_ERRORS = (zlib.error, zstd.ZstdError, brotli.error, EOFError)


class CompressionError(Exception):
    """Compressed data are damaged, end too early, or are coded in a way that is refused."""


class Fault(Enum):
    """Why data were not decompressed to their end."""

    CORRUPT = "corrupt"
    TRUNCATED = "truncated"
    TOO_LARGE = "too large"


class Decompressed(NamedTuple):
    """What was decompressed before the fault, if there was one.

    Attributes:
        content: longer than the limit by some bytes where it is too large.
        fault: `None` where all was decompressed.
        detail: of the fault.
    """

    content: bytes
    fault: Fault | None = None
    detail: str = ""


class _Decompressor(Protocol):
    """The part of zlib's and zstd's decompressors that is used; mypy sees that it fits."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Brotli:
    """Brotli with the methods of zlib's decompressor; it has no frames."""

    unused_data = b""

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.is_finished())

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        piece: bytes = self._decompressor.process(data, output_buffer_limit=max_length)
        return piece


class _Coding(NamedTuple):
    """A content coding: its decompressor for given content, and what a further frame begins with.

    Attributes:
        make: returns a fresh decompressor.
        magic: `None` where what follows the first frame is ignored.
    """

    make: Callable[[bytes], _Decompressor]
    magic: bytes | None = None


def _deflate(content: bytes) -> _Decompressor:
    """Return what undoes zlib's format, or the bare one that some servers send for it."""
    has_header = content[0] & 0x0F == 8 and int.from_bytes(content[:2], "big") % 31 == 0
    gzipped = content.startswith(GZIP_MAGIC)
    return zlib.decompressobj(47 if has_header or gzipped else -15)


def _zstd(_: bytes) -> _Decompressor:
    return zstd.ZstdDecompressor(
        options={int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW_LOG}
    )


_GZIP = _Coding(lambda _: zlib.decompressobj(47), GZIP_MAGIC)
_CODINGS = {
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": _Coding(_deflate),
    "br": _Coding(lambda _: _Brotli()),
    "zstd": _Coding(_zstd, ZSTD_MAGIC),
}
KNOWN_CODINGS = frozenset(_CODINGS)


def codings_of(header: str) -> list[str]:
    """Return the codings that a Content-Encoding `header` names, in the order to undo them.

    >>> codings_of("GZIP, identity, br")
    ['br', 'gzip']

    Raises:
        CompressionError: more than `MAX_CODINGS`.
    """
    names = [name.strip().lower() for name in header.split(",")]
    names = [name for name in reversed(names) if name not in ("", "identity")]
    if len(names) > MAX_CODINGS:
        raise CompressionError(f"{len(names)} codings of one body, at most {MAX_CODINGS} are read")
    return names


def decompress(content: bytes, coding: str, max_bytes: int) -> Decompressed:
    """Return `content` with one of the `KNOWN_CODINGS` undone, all frames of it.

    What follows the last frame and begins no other is ignored.

    >>> decompress(zlib.compress(b"news"), "deflate", 4).content
    b'news'
    """
    make, magic = _CODINGS[coding]
    out = bytearray()
    for _ in range(_MAX_FRAMES):
        if not content:
            return Decompressed(bytes(out), Fault.TRUNCATED, "no compressed data")
        frame = make(content)
        for start in range(0, len(content), _PIECE):
            try:
                out += frame.decompress(content[start : start + _PIECE], max_bytes - len(out) + 1)
            except _ERRORS as error:
                return Decompressed(bytes(out), Fault.CORRUPT, f"no valid {coding}: {error}")
            if len(out) > max_bytes:
                return Decompressed(bytes(out), Fault.TOO_LARGE, "more was compressed in it")
            if frame.eof:
                break
        if not frame.eof:
            detail = "the compressed data end before their end mark"
            return Decompressed(bytes(out), Fault.TRUNCATED, detail)
        content = frame.unused_data + content[start + _PIECE :]
        if magic is None or not content.startswith(magic):
            return Decompressed(bytes(out))
    return Decompressed(bytes(out), Fault.CORRUPT, f"more than {_MAX_FRAMES} compressed frames")


_STREAMS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".gz": lambda stream: gzip.GzipFile(fileobj=stream),
    ".bz2": bz2.BZ2File,
    ".zst": zstd.ZstdFile,
}
COMPRESSED_SUFFIXES = frozenset(_STREAMS)
"""Ends of the names of compressed files that are read."""


def compression_of(head: bytes) -> str:
    """Return the suffix of what data that begin with `head` are compressed as, "" for not at all.

    >>> compression_of(gzip.compress(b"news")), compression_of(b"news")
    ('.gz', '')
    """
    known = {".gz": GZIP_MAGIC, ".zst": ZSTD_MAGIC}
    return next((suffix for suffix, magic in known.items() if head.startswith(magic)), "")


def decompressed_stream(stream: IO[bytes], suffix: str) -> IO[bytes]:
    """Return `stream` decompressed as one of `COMPRESSED_SUFFIXES` says; "" for not at all.

    It reads no more than it is asked for, and raises `CompressionError` where the data are damaged.
    """
    return io.BufferedReader(_Checked(_STREAMS[suffix](stream))) if suffix else stream


class _Checked(io.RawIOBase):
    """A decompressing stream whose every failure is a `CompressionError`.

    It gives what each step of the decompressor gave, so that a failure loses nothing before it.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` with what one step gives."""
        try:
            data: bytes = self._stream.read1(len(buffer))
        except (*_ERRORS, gzip.BadGzipFile) as error:
            raise CompressionError(str(error)) from error
        except OSError as error:
            if error.errno is not None:  # a disk or network fault, not bz2's "Invalid data stream"
                raise
            raise CompressionError(str(error)) from error
        buffer[: len(data)] = data
        return len(data)
