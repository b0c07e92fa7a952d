"""Streams of bytes: looked into without being used up, as text, and as lines of UTF-8."""

import codecs
import io
from collections.abc import Iterator
from typing import IO

from transforms.formats.encoding import SAMPLE, decode_as, encoding_of, marked_encoding
from transforms.formats.japanese import ESCAPE

LONG_LINE = 1 << 24
"""Most bytes that are decoded at once: 16 MiB without a line end."""

_WIDE = ("utf-16", "utf-32")
_PIECE = 1 << 18
"""Bytes that are asked for at once: a buffered reader sets as many aside."""

_MARK = 8
"""Bytes that show an encoding by a mark or by zeros."""


def text_stream(stream: IO[bytes]) -> IO[str]:
    """Return `stream` as text with its line ends kept, whatever its encoding.

    The encoding is decided at the first line that is not ASCII, wherever that comes.
    """
    sample, whole = peek(stream, _MARK)
    if (name := marked_encoding(sample) or "").startswith(_WIDE):
        return io.TextIOWrapper(whole, name, errors="replace", newline="")
    decoded = io.BufferedReader(_Utf8(whole), SAMPLE)
    return io.TextIOWrapper(decoded, "utf-8-sig", errors="replace", newline="")


def utf8_lines(stream: IO[bytes], limit: int) -> Iterator[bytes]:
    """Yield lines as bytes with their ends, in pieces of at most `limit` + 1 bytes.

    The lines are UTF-8, or UTF-16 or UTF-32 with a byte order mark, which is taken off.
    """
    sample, whole = peek(stream, _MARK)
    if (name := marked_encoding(sample) or "").startswith(_WIDE):
        text = io.TextIOWrapper(whole, name, errors="replace", newline="\n")
        while characters := text.readline(limit // 4 + 1):
            yield characters.encode("utf-8", "surrogatepass")
        return
    if sample.startswith(codecs.BOM_UTF8):
        whole.read(len(codecs.BOM_UTF8))
    while line := whole.readline(limit + 1):
        yield line


def utf8_stream(stream: IO[bytes]) -> io.BufferedReader:
    """Return `stream` in UTF-8 without a mark; odd bytes of what is UTF-8 stay as they are."""
    sample, whole = peek(stream, _MARK)
    if (name := marked_encoding(sample) or "").startswith(_WIDE):
        text = io.TextIOWrapper(whole, name, errors="replace", newline="")
        return io.BufferedReader(_Encoded(text), SAMPLE)
    if sample.startswith(codecs.BOM_UTF8):
        whole.read(len(codecs.BOM_UTF8))
    return io.BufferedReader(_Utf8(whole), SAMPLE)


def peek(stream: IO[bytes], size: int) -> tuple[bytes, io.BufferedReader]:
    """Return the first `size` bytes of `stream` (fewer at its end), and all of it to be read."""
    head = bytearray()
    while len(head) < size and (more := stream.read(min(size - len(head), _PIECE))):
        head += more
    found = bytes(head)
    return found, io.BufferedReader(_Joined(found, stream), SAMPLE)


class _Bytes(io.RawIOBase):
    """A stream whose bytes come piece by piece."""

    def __init__(self) -> None:
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from the piece at hand, or from the next one."""
        if not self._ready:
            self._ready = memoryview(self._next(len(buffer)))
        data = self._ready[: len(buffer)]
        # An empty part of a piece would keep the whole of it.
        rest = self._ready[len(data) :]
        self._ready = rest if rest else memoryview(b"")
        buffer[: len(data)] = data
        return len(data)

    def _next(self, size: int) -> bytes:
        """Return more bytes, none at the end; about `size` are asked for."""
        raise NotImplementedError


class _Joined(_Bytes):
    """A head that was read already, then the rest."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        super().__init__()
        self._ready = memoryview(head)
        self._rest = rest

    def _next(self, size: int) -> bytes:
        # One read of the underlying file: an error then loses nothing before it.
        read1 = getattr(self._rest, "read1", self._rest.read)
        data: bytes = read1(size)
        return data


class _Encoded(_Bytes):
    """A text as UTF-8."""

    def __init__(self, text: IO[str]) -> None:
        super().__init__()
        self._text = text

    def _next(self, size: int) -> bytes:
        return self._text.read(size // 4 + 1).encode("utf-8", "replace")


class _Utf8(_Bytes):
    """A stream in any encoding whose ASCII is ASCII, as UTF-8."""

    def __init__(self, source: io.BufferedReader) -> None:
        super().__init__()
        self._source = source
        self._encoding: str | None = None

    def _next(self, size: int) -> bytes:
        piece = self._source.read1(size)
        if not piece.endswith(b"\n"):
            piece += self._source.readline(LONG_LINE)
        if self._encoding is None and not (piece.isascii() and not ESCAPE.search(piece)):
            rest, self._source = peek(self._source, SAMPLE)
            cut = len(rest) == SAMPLE
            self._encoding = encoding_of(piece + rest, cut=cut)
        if self._encoding in {None, "utf-8", "utf-8-sig"}:
            return piece
        return decode_as(piece, self._encoding).encode("utf-8", "replace")
