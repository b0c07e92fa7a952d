"""Bodies as HTTP and mail transfer them: encodings undone within a limit, and their charset."""

import codecs
import io
import zlib
from collections.abc import Callable
from typing import Any

import brotli  # type: ignore[import-untyped]
from backports import zstd
from warcio.bufferedreaders import ChunkedDataReader  # type: ignore[import-untyped]

from transforms.formats.encoding import decode

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PIECE = 1 << 14
_ERRORS = (zlib.error, brotli.error, zstd.ZstdError, EOFError)


def http_body(body: bytes, transfer: str, content: str, limit: int) -> tuple[bytes, bool]:
    """Return a response's body without its transfer and content encodings, and whether it is whole.

    A body that is not encoded as its header says, as archives often store it, is left as it is.

    Args:
        body: as transferred.
        transfer: value of `Transfer-Encoding`.
        content: value of `Content-Encoding`.
        limit: decoding stops as soon as the result is larger.
    """
    if "chunked" in transfer.lower():
        body = ChunkedDataReader(io.BytesIO(body)).read()
    complete = True
    for name in reversed(content.lower().split(",")):
        decompress = _decompressor(name.strip())
        if decompress:
            body, whole = _decompressed(body, decompress, limit)
            complete = complete and whole
    return body, complete


def _decompressor(name: str) -> Any:
    """Return a decompressor with `zlib`'s methods, `None` for an unknown encoding."""
    makers: dict[str, Callable[[], Any]] = {
        "gzip": lambda: zlib.decompressobj(32 + zlib.MAX_WBITS),
        "x-gzip": lambda: zlib.decompressobj(32 + zlib.MAX_WBITS),
        "deflate": lambda: zlib.decompressobj(32 + zlib.MAX_WBITS),
        "br": _Brotli,
        "zstd": zstd.ZstdDecompressor,
    }
    return makers[name]() if name in makers else None


class _Brotli:
    """Brotli with `zlib`'s interface."""

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        """Whether all was decompressed."""
        return bool(self._decompressor.is_finished())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return what `data` decompresses to, about `max_length` bytes at most."""
        piece: bytes = self._decompressor.process(data, output_buffer_limit=max_length)
        return piece


def _decompressed(body: bytes, decompressor: Any, limit: int) -> tuple[bytes, bool]:
    out = bytearray()
    for start in range(0, len(body), _PIECE):
        try:
            out += decompressor.decompress(body[start : start + _PIECE], limit + 1 - len(out))
        except _ERRORS:
            break
        if len(out) > limit or decompressor.eof:
            break
    return (bytes(out), decompressor.eof) if out else (body, True)


def charset_text(body: bytes, charset: str) -> str:
    r"""Return `body` as text, read with the charset that its header states where that fits.

    A header outranks the document's own declaration, and a byte order mark both (WHATWG); what is
    valid UTF-8 is UTF-8.

    >>> charset_text(b"\xcf\xf0\xe8", '"Windows-1251"; format=flowed')
    'При'
    """
    name = charset.partition(";")[0].strip("\"' ")
    if not name or body.startswith(_BOMS):
        return decode(body, declared=True)
    declaration = f"charset={name}\n".encode("ascii", "replace")
    return decode(declaration + body, declared=True)[len(declaration) :]
