"""Bytes to text, whatever the encoding: never fails."""

import codecs
import io
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from charset_normalizer import from_bytes

SAMPLE = 1 << 16
"""Bytes that are looked at to detect the encoding of a stream."""

MIN_HIGH = 16
"""Fewest bytes above 127 that say which encoding it is; with less in a text of mostly ASCII, the
most frequent one, Windows-1252, is likelier than what a detector guesses."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# Browsers read these as their Windows supersets (WHATWG encoding standard).
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030"}


def decode(content: bytes, *, declared: bool = False) -> str:
    r"""Return `content` as text; bytes that fit no encoding become U+FFFD.

    Args:
        content: the whole document.
        declared: whether to look for a charset declaration, as HTML has.

    >>> decode("Grüße".encode("utf-16")), decode(b"caf\xc3\xa9")
    ('Grüße', 'café')
    """
    return content.decode(encoding_of(content, declared=declared), errors="replace")


def load_json(text: str) -> Any:
    r"""Return the value of JSON `text`, with "?" for each half of a surrogate pair.

    An escape such as \ud800 is valid JSON, but no text that could be written.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    value = json.loads(text, strict=False)
    return writable(value) if "\\ud" in text.lower() else value


def writable(value: Any) -> Any:
    """Return a JSON value with "?" for each half of a surrogate pair in its strings."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def encoding_of(sample: bytes, *, declared: bool = False, cut: bool = False) -> str:
    """Return the codec name for `sample`: by its mark, as UTF-8, as declared, or as detected.

    Args:
        sample: bytes from the start.
        declared: whether to look for a charset declaration.
        cut: whether `sample` may end in the middle of a character.
    """
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    # Escape sequences are valid UTF-8, but mean ISO-2022.
    if b"\x1b" not in sample and _fits(sample, "utf-8", cut=cut):
        return "utf-8"
    if declared and (stated := _declared_encoding(sample)) and _fits(sample, stated, cut=cut):
        return stated
    high = sum(byte > 127 for byte in sample[:SAMPLE])
    if high < min(MIN_HIGH, 0.2 * len(sample)) and _fits(sample, "cp1252", cut=cut):
        return "cp1252"
    best = from_bytes(sample[:SAMPLE]).best()
    return best.encoding if best else "latin-1"


def _fits(sample: bytes, name: str, *, cut: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(sample, final=not cut)
    except UnicodeError:
        return False
    return True


def _declared_encoding(sample: bytes) -> str | None:
    match = _DECLARED.search(sample[:4096])
    if match is None:
        return None
    try:
        codec = codecs.lookup(match[1].decode())
    except LookupError:
        return None
    # Python also has codecs that decompress or unescape: none is a page's charset.
    if not codec._is_text_encoding or codec.name in _NO_CHARSETS:
        return None
    return _SUPERSETS.get(codec.name, codec.name)


def text_stream(stream: IO[bytes]) -> IO[str]:
    """Return `stream` as text with its line ends kept, its encoding detected at its start."""
    sample, whole = peek(stream, SAMPLE)
    name = encoding_of(sample, cut=len(sample) == SAMPLE)
    return io.TextIOWrapper(whole, name, errors="replace", newline="")


def utf8_lines(stream: IO[bytes], limit: int) -> Iterator[bytes]:
    """Yield lines as bytes with their ends, in pieces of at most `limit` + 1 bytes.

    UTF-16 and UTF-32 marked as such are recoded to UTF-8; other bytes pass unchanged.
    """
    sample, whole = peek(stream, 4)
    name = next((name for mark, name in _BOMS if sample.startswith(mark)), "utf-8")
    if name in ("utf-16", "utf-32"):
        text = io.TextIOWrapper(whole, name, errors="replace", newline="\n")
        while characters := text.readline(limit // 4 + 1):
            yield characters.encode("utf-8", "surrogatepass")
        return
    if name == "utf-8-sig":
        whole.read(len(codecs.BOM_UTF8))
    while line := whole.readline(limit + 1):
        yield line


def peek(stream: IO[bytes], size: int) -> tuple[bytes, io.BufferedReader]:
    """Return the first `size` bytes of `stream` (fewer at its end), and all of it to be read."""
    head = bytearray()
    while len(head) < size and (more := stream.read(size - len(head))):
        head += more
    return bytes(head), io.BufferedReader(_Joined(bytes(head), stream), SAMPLE)


class _Joined(io.RawIOBase):
    """A head that was read already, then the rest."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from the head while it lasts, then from the rest."""
        size = len(buffer)
        data = self._head[:size]
        self._head = self._head[size:]
        if not data:
            data = memoryview(_read_some(self._rest, size))
        buffer[: len(data)] = data
        return len(data)


def _read_some(stream: IO[bytes], size: int) -> bytes:
    """Return what one read of the underlying file gives: an error then loses nothing before it."""
    read1 = getattr(stream, "read1", stream.read)
    data: bytes = read1(size)
    return data
