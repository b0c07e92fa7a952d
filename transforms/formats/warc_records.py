"""The records of a WARC file: where each begins and ends, and its header.

Framing and limits are written here because warcio's iterator stops at the first damage, prints to
stderr and reads lines and compressed bodies without a bound; warcio reads the headers.
"""

import io
from typing import IO

from warcio.recordloader import ArcWarcRecordLoader  # type: ignore[import-untyped]
from warcio.statusandheaders import (  # type: ignore[import-untyped]
    StatusAndHeaders,
    StatusAndHeadersParser,
    StatusAndHeadersParserException,
)

from transforms.formats.base import PAYLOAD_CAP

MAX_HEADER = 1 << 16
"""Most bytes of a record's or response's header: 64 KiB, eight times what web servers accept."""

_BLANK = b"\0\r\n\t "
_RECORD_PARSER = StatusAndHeadersParser(ArcWarcRecordLoader.WARC_TYPES)


class DamageError(Exception):
    """A record's header cannot be read; the message says why."""


def next_line(source: IO[bytes]) -> bytes:
    """Return the next line that is not blank, cut to `MAX_HEADER` bytes; nothing at the end."""
    while (line := source.readline(MAX_HEADER)) and not line.strip(_BLANK):
        pass
    return line


def record_header(source: IO[bytes], first: bytes) -> tuple[StatusAndHeaders, int]:
    """Return the header that starts with the line `first`, and the length of what follows it.

    Raises:
        DamageError: it is none, is too long, or states no length.
    """
    if not first.startswith(b"WARC/"):
        raise DamageError(f"it starts with {first[:40]!r}, expected WARC/1.0 or WARC/1.1")
    head = bytearray(first)
    line = first
    while line.strip() and len(head) < MAX_HEADER:
        line = source.readline(MAX_HEADER)
        head += line
    if line.strip():
        raise DamageError(f"its header has more than {MAX_HEADER} bytes")
    try:
        header = _RECORD_PARSER.parse(io.BytesIO(head))
    except StatusAndHeadersParserException as error:
        raise DamageError(f"it starts with {first[:40]!r}") from error
    length = header.get_header("Content-Length", "").strip()
    if not (length.isascii() and length.isdecimal() and len(length) < 20):
        raise DamageError(f"its Content-Length is {length[:40]!r}")
    return header, int(length)


def skip_to_record(source: IO[bytes], first: bytes) -> tuple[bytes, bytes]:
    """Return what lies before the next record, cut to `PAYLOAD_CAP`, and its first line."""
    junk = bytearray(first)
    while (line := source.readline(MAX_HEADER)) and not line.startswith(b"WARC/1."):
        if len(junk) < PAYLOAD_CAP:
            junk += line
    return bytes(junk), line


def read_rest(source: IO[bytes], start: bytes, length: int, *, keep: bool) -> tuple[bytes, int]:
    """Return the record's block, only its `start` unless `keep`, and how many bytes are missing."""
    pieces, missing = [start], length - len(start)
    while missing and (piece := source.read(min(missing, MAX_HEADER))):
        missing -= len(piece)
        if keep:
            pieces.append(piece)
    return b"".join(pieces), missing
