"""Bodies under a limit: read, and their content codings undone."""

import zlib
from collections.abc import AsyncIterable, Callable
from typing import Protocol

import brotli  # type: ignore[import-untyped] # it ships none
from backports import zstd

from transforms.fetch.outcomes import FetchError

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
GZIP_MAGIC = b"\x1f\x8b"

_MOST_FRAMES = 64
"""Frames of one body: each costs a copy of the rest, so a body of empty ones would never end."""

_ZSTD_WINDOW_LOG = 23
"""8 MiB: the largest window that HTTP allows (RFC 9659)."""


async def read_body(chunks: AsyncIterable[bytes], declared: str | None, max_bytes: int) -> bytes:
    """Return the joined `chunks`.

    Args:
        chunks: the body as it arrives.
        declared: the Content-Length header.
        max_bytes: stop beyond.

    Raises:
        FetchError: there is more.
    """
    if declared and declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(f"{declared} bytes announced", max_bytes)
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise _too_large("still more was sent", max_bytes)
    return bytes(body)


def decode(content: bytes, codings: str, max_bytes: int) -> bytes:
    """Return `content` with its `codings` (a Content-Encoding header) undone.

    >>> decode(zlib.compress(b"news"), "deflate", 4)
    b'news'

    Raises:
        FetchError: `truncated`, `bad_encoding`, or `body_too_large` once decompressed.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    for name in reversed([name for name in names if name not in ("", "identity")]):
        if name not in _DECODERS:
            raise FetchError("bad_encoding", f"Content-Encoding {name} was not asked for")
        try:
            # Some servers label even an empty body.
            content = _DECODERS[name](content, max_bytes) if content else b""
        except (zlib.error, zstd.ZstdError, brotli.error) as error:
            raise FetchError("bad_encoding", f"the body is no valid {name}: {error}") from error
    return content


class _Decompressor(Protocol):
    """The part of zlib's and zstd's decompressors that is used; mypy sees that it fits."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _frames(content: bytes, make: Callable[[], _Decompressor], magic: bytes, most: int) -> bytes:
    """Return the content of all frames; what follows them and is none is ignored."""
    decoded = bytearray()
    for _ in range(_MOST_FRAMES):
        frame = make()
        decoded += frame.decompress(content, most - len(decoded) + 1)
        if len(decoded) > most:
            raise _too_large("still more was compressed in it", most)
        if not frame.eof:
            raise FetchError("truncated", "the compressed body ends before its end mark")
        content = frame.unused_data
        if not content.startswith(magic):
            return bytes(decoded)
    raise FetchError("bad_encoding", f"more than {_MOST_FRAMES} compressed frames in one body")


def _gzip(content: bytes, most: int) -> bytes:
    return _frames(content, lambda: zlib.decompressobj(wbits=31), GZIP_MAGIC, most)


def _deflate(content: bytes, most: int) -> bytes:
    """Undo zlib's format, or the bare one that some servers send for it."""
    zlib_header = content[0] & 0x0F == 8 and int.from_bytes(content[:2], "big") % 31 == 0
    wbits = 15 if zlib_header else -15
    end = b"\0none follows\0"
    return _frames(content, lambda: zlib.decompressobj(wbits), end, most)


def _zstd(content: bytes, most: int) -> bytes:
    options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW_LOG}
    magic = b"\x28\xb5\x2f\xfd"
    return _frames(content, lambda: zstd.ZstdDecompressor(options=options), magic, most)


def _brotli(content: bytes, most: int) -> bytes:
    decompressor = brotli.Decompressor()
    decoded = bytearray(decompressor.process(content, output_buffer_limit=most + 1))
    while len(decoded) <= most and not decompressor.is_finished():
        more = decompressor.process(b"", output_buffer_limit=most + 1)
        if not more and not decompressor.is_finished():
            raise FetchError("truncated", "the compressed body ends before its end mark")
        decoded += more
    if len(decoded) > most:
        raise _too_large("still more was compressed in it", most)
    return bytes(decoded)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


def _too_large(found: str, most: int) -> FetchError:
    detail = f"more than {most} bytes: {found}; raise fetch.max_bytes to read it"
    return FetchError("body_too_large", detail)
