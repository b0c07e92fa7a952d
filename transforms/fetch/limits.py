"""Bodies under a limit: read, and their content codings undone."""

from collections.abc import AsyncIterable

from transforms.compression import (
    KNOWN_CODINGS,
    CompressionError,
    Fault,
    codings_of,
    decompress,
)
from transforms.fetch.headers import whole_number
from transforms.fetch.outcomes import FetchError

ACCEPT_ENCODING = "gzip, deflate, br, zstd"


async def read_body(chunks: AsyncIterable[bytes], declared: str | None, max_bytes: int) -> bytes:
    """Return the joined `chunks`.

    Args:
        chunks: the body as it arrives.
        declared: the Content-Length header.
        max_bytes: stop beyond.

    Raises:
        FetchError: there is more.
    """
    if (whole_number(declared) or 0) > max_bytes:
        raise _too_large(f"{declared} bytes announced", max_bytes)
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise _too_large("still more was sent", max_bytes)
    return bytes(body)


def decode(content: bytes, codings: str, max_bytes: int) -> bytes:
    """Return `content` with its `codings` (a Content-Encoding header) undone.

    Raises:
        FetchError: `truncated`, `bad_encoding`, or `body_too_large` once decompressed.
    """
    try:
        names = codings_of(codings)
    except CompressionError as error:
        raise FetchError("bad_encoding", str(error)) from error
    for name in names:
        if name not in KNOWN_CODINGS:
            raise FetchError("bad_encoding", f"Content-Encoding {name} was not asked for")
        if not content:  # some servers label even an empty body
            continue
        content, fault, detail = decompress(content, name, max_bytes)
        if fault is Fault.TOO_LARGE:
            raise _too_large(detail, max_bytes)
        if fault:
            raise FetchError("truncated" if fault is Fault.TRUNCATED else "bad_encoding", detail)
    return content


def _too_large(found: str, most: int) -> FetchError:
    detail = f"more than {most} bytes: {found}; raise fetch.max_bytes to read it"
    return FetchError("body_too_large", detail)
