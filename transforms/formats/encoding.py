"""Bytes to text, whatever the encoding: never fails.

What is UTF-8 but for some bytes stays UTF-8, and what is declared stays so, with U+FFFD for the
bytes that do not fit, as browsers do: one byte tells nothing about all others.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from charset_normalizer import CharsetMatch, from_bytes

from transforms.formats.charsets import SEVEN_BIT, codec_for, declared_charset
from transforms.formats.japanese import (
    ESCAPE,
    decode_euc_jp,
    decode_iso2022_jp,
    decode_shift_jis,
)

SAMPLE = 1 << 16
"""Bytes that are looked at to detect an encoding, from the first line that is not ASCII."""

MIN_HIGH = 16
"""Fewest bytes above 127 that say which encoding it is; with less in a text of mostly ASCII, the
most frequent one, Windows-1252, is likelier than what a detector guesses."""

EVIDENT = 2.0
"""How many characters of UTF-8 there must be for each byte that is none. In 35 texts of 15
languages in other encodings there were at most 0.36: two bytes of EUC-JP or GB 18030 look like one
now and then."""

DECLARED = 0.5
"""The same where the document or its header says that it is UTF-8."""

MOSTLY = 8
"""An encoding fits if at most one in so many bytes above 127 means nothing in it."""

_GUESSED = [
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("cp874", "cp866", "iso8859_2", "iso8859_5", "koi8_r", "koi8_u", "mac_cyrillic", "mac_roman"),
    *("big5hkscs", "cp932", "cp949", "euc_jp", "gb18030"),
]
"""What is guessed without a declaration: encodings that news was really written in."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x4c\x6f\xa7\x94", "cp037"),  # "<?xm" in EBCDIC
)
_NO_MARK = re.compile(
    rb"(?P<utf_32_be>(?:\0\0\0[^\0]){2})|(?P<utf_32_le>(?:[^\0]\0\0\0){2})"
    rb"|(?P<utf_16_be>(?:\0[^\0]){4})|(?P<utf_16_le>(?:[^\0]\0){4})"
)
_LATIN_2 = re.compile(rb"[^\x80-\x9f\xbe]*+\xbe[^\x80-\x9f]*+")
"""Czech, Slovak, Slovene or Croatian in ISO 8859-2: there this byte is `ž`. Windows-1250 has `ž`,
`š` and quotation marks where this has none, between 80 and 9F."""

_LATIN = frozenset(("cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "mac_roman", "latin-1"))
_SIGN_IN_WORD = re.compile(r"[¢£¤¥¦§¨©¬®¯°±²³´¶¸¹¼½¾×÷](?=[^\W\d_])")

_ASCII = bytes(range(128))
_MISREAD = re.compile(rb"\xc2[\x80-\x9f]|\xc3[\x82-\x85\x8e-\x91\x97-\x9a]\xc2[\xa0\xad]")

_DECODERS: dict[str, Callable[[bytes], str]] = {
    "cp932": decode_shift_jis,
    "euc_jp": decode_euc_jp,
    "iso2022_jp": decode_iso2022_jp,
}


def decode(content: bytes, *, stated: str = "", declared: bool = False) -> str:
    r"""Return `content` as text; bytes that fit no encoding become U+FFFD.

    Args:
        content: the whole document.
        stated: charset that came with it, as in a header; it outranks what the document declares.
        declared: whether to look for a declaration in it, as pages and XML have.

    >>> decode("Grüße".encode("utf-16")), decode(b"caf\xc3\xa9")
    ('Grüße', 'café')
    """
    return decode_as(content, encoding_of(content, stated=stated, declared=declared))


def decode_as(content: bytes, name: str) -> str:
    """Return `content` as text in the encoding `name`; what does not fit becomes U+FFFD."""
    decoder = _DECODERS.get(name)
    return decoder(content) if decoder else content.decode(name, errors="replace")


def may_be_misread(content: bytes) -> bool:
    r"""Return whether UTF-8 has controls, or blanks and soft hyphens that look like parts of UTF-8.

    Looks at the bytes beside ASCII only, which takes next to no time.

    >>> may_be_misread("caf\x92".encode()), may_be_misread("café".encode())
    (True, False)
    """
    return _MISREAD.search(content.translate(None, _ASCII)) is not None


def encoding_of(
    sample: bytes, *, stated: str = "", declared: bool = False, cut: bool = False
) -> str:
    """Return the codec name for `sample`: by its mark, as UTF-8, as declared, or as detected.

    Args:
        sample: bytes from the start.
        stated: charset that came with it.
        declared: whether to look for a declaration in it.
        cut: whether `sample` may end in the middle of a character.
    """
    if marked := marked_encoding(sample):
        return marked
    label = codec_for(stated) if stated else None
    if label is None and declared:
        label = declared_charset(sample)
    if ESCAPE.search(sample) and (sample.isascii() or label == "iso2022_jp"):
        return "iso2022_jp"
    if sample.isascii():
        return label if label in SEVEN_BIT else "utf-8"
    return _eight_bit(sample, label, cut=cut)


def _eight_bit(sample: bytes, label: str | None, *, cut: bool) -> str:
    """Return the encoding of `sample`, which has bytes above 127 and perhaps a `label`."""
    high = _high_part(sample)
    cut = cut or len(high) < len(sample)
    if _is_utf8(high, DECLARED if label == "utf-8" else EVIDENT, cut=cut):
        return "utf-8"
    if label and label != "utf-8" and _fits(high, label):
        return label
    return _detected(_telling(high))


def _high_part(content: bytes) -> bytes:
    """Return `SAMPLE` bytes from the first line with a byte above 127; all of a short text."""
    match = re.search(rb"[\x80-\xff]", content)
    if match is None or len(content) <= SAMPLE:
        return content
    start = max(content.rfind(b"\n", 0, match.start()) + 1, match.start() - SAMPLE // 4)
    return content[start : start + SAMPLE]


def _telling(sample: bytes) -> bytes:
    """Return the lines of `sample` that are not ASCII."""
    return b"".join(line for line in sample.splitlines(keepends=True) if not line.isascii())


def marked_encoding(sample: bytes) -> str | None:
    """Return the encoding that the first bytes show, by a mark or by zeros between characters."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    match = _NO_MARK.match(sample)
    return str(match.lastgroup).replace("_", "-") if match else None


def _is_utf8(sample: bytes, needed: float, *, cut: bool) -> bool:
    """Return whether `sample` is UTF-8 but for some bytes."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=not cut)
    except UnicodeError:
        pass
    else:
        return True
    # A character that is cut off at the end tells nothing.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample, final=False)
    own = sample.count("\ufffd".encode())
    wrong = text.count("\ufffd") - own
    right = len(re.findall(r"[^\x00-\x7f]", text)) - wrong
    return right >= needed * wrong and (right > 0 or needed < 1)


def _fits(sample: bytes, name: str) -> bool:
    """Return whether nearly all of `sample` means something in the encoding `name`."""
    high = len(re.findall(rb"[\x80-\xff]", sample))
    return decode_as(sample, name).count("\ufffd") <= max(1, high // MOSTLY)


def _detected(sample: bytes) -> str:
    """Return the encoding that the bytes above 127 look like, Windows-1252 if there are few."""
    western = _fits(sample, "cp1252")
    high = len(re.findall(rb"[\x80-\xff]", sample))
    if western and high < min(MIN_HIGH, 0.2 * len(sample)):
        return "cp1252"
    guesses = [_guess(sample)]
    if guesses[0] is None or guesses[0].chaos > guesses[0].coherence:
        guesses += map(_guess, _without_a_part(sample))
    found = sorted(filter(None, guesses), key=lambda guess: guess.chaos - guess.coherence)
    likely = (guess.encoding for guess in found if _fits(sample, guess.encoding))
    name = next(likely, "cp1252" if western else "latin-1")
    if name in _LATIN and _signs_in_words(sample, name) > 1:
        name = min((name, "cp1250", "iso8859_2"), key=lambda other: _signs_in_words(sample, other))
    return "iso8859_2" if name == "cp1250" and _LATIN_2.fullmatch(sample) else name


def _signs_in_words(sample: bytes, name: str) -> int:
    """Return how often a sign stands before a letter, as it hardly does: `og³osi³a`."""
    return len(_SIGN_IN_WORD.findall(sample.decode(name, errors="replace")))


def _guess(sample: bytes) -> CharsetMatch | None:
    return from_bytes(sample, cp_isolation=_GUESSED).best()


def _without_a_part(sample: bytes) -> Iterator[bytes]:
    """Yield `sample` four times, each time without another part of it.

    A single byte that does not fit makes the detector drop the right encoding: one of these is
    without it.
    """
    size = len(sample) // 4 + 1
    cuts = [0]
    for at in range(size, len(sample), size):
        space = re.search(rb"\s", sample[at : at + size // 2])
        cuts.append(at + (space.start() if space else 0))
    for start, end in pairwise([*cuts, len(sample)]):
        yield sample[:start] + sample[end:]
