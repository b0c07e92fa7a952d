"""Japanese text by its character sets: ISO-2022-JP and EUC-JP as they are really written.

Both hold the pairs of JIS X 0208. Python reads them as that standard has them; mail programs and
browsers also read NEC's and IBM's extensions (①, ㈱, 髙), and kana of half width, as the encoding
standard of WHATWG says. Python's codec of Shift JIS knows them: its pairs are those of JIS, moved.
"""

import re

ESCAPE = re.compile(rb"\x1b(?:\([BJI]|\$[@B]|\$\(D)")
"""A change of the character set in ISO-2022-JP."""

_ROMAN = str.maketrans({"\\": "¥", "~": "‾"})
_NO_CHARACTERS = dict.fromkeys(range(0xF8F0, 0xF8F4), "\ufffd")
"""What Python makes of the bytes A0, FD, FE and FF, which mean nothing in Shift JIS."""

_EUC = re.compile(
    rb"[\x00-\x8d]+|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2}|(?:[\xa1-\xfe]{2})+|.", re.DOTALL
)


def decode_shift_jis(content: bytes) -> str:
    r"""Return Shift JIS, with its extensions, as text; bytes that mean nothing become U+FFFD.

    >>> decode_shift_jis(b"\x87\x40\xff.")
    '①�.'
    """
    return content.decode("cp932", "replace").translate(_NO_CHARACTERS)


def decode_iso2022_jp(content: bytes) -> str:
    r"""Return ISO-2022-JP as text; bytes that mean nothing become U+FFFD.

    Each line begins in ASCII (RFC 1468).

    >>> decode_iso2022_jp(b"\x1b$B-!\x1b(IAW2\x1b(B.")
    '①ﾁﾗｲ.'
    """
    return "".join(map(_line, content.splitlines(keepends=True)))


def _line(line: bytes) -> str:
    if b"\x1b" not in line:
        return decode_shift_jis(line)
    text, position, charset = [], 0, b"\x1b(B"
    for escape in ESCAPE.finditer(line):
        text.append(_run(line[position : escape.start()], charset))
        position, charset = escape.end(), escape.group()
    return "".join([*text, _run(line[position:], charset)])


def _run(run: bytes, charset: bytes) -> str:
    """Return the characters of one character set."""
    if charset in {b"\x1b$@", b"\x1b$B"}:
        body = run.rstrip(b"\r\n")
        return _pairs(body) + run[len(body) :].decode("ascii")
    if charset == b"\x1b$(D":
        return bytes(b | 0x80 if b > 0x20 else b for b in _prefixed(run)).decode(
            "euc_jp", "replace"
        )
    if charset == b"\x1b(I":
        return decode_shift_jis(bytes(b | 0x80 if 0x21 <= b <= 0x5F else b for b in run))
    # Some programs write kana of half width with the eighth bit, without an escape.
    text = decode_shift_jis(run)
    return text.translate(_ROMAN) if charset == b"\x1b(J" else text


def _prefixed(run: bytes) -> bytes:
    """Return pairs of JIS X 0212 with EUC's prefix before each."""
    return b"".join(b"\x8f" + run[at : at + 2] for at in range(0, len(run), 2))


def _pairs(run: bytes) -> str:
    """Return the characters of pairs of JIS X 0208, each byte 0x21 to 0x7E."""
    moved = bytearray()
    for row, cell in zip(run[::2], run[1::2], strict=False):
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            moved += b"\xff"
            continue
        moved.append((row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1))
        if row % 2:
            moved.append(cell + (0x1F if cell < 0x60 else 0x20))
        else:
            moved.append(cell + 0x7E)
    return decode_shift_jis(bytes(moved) + b"\xff" * (len(run) % 2))


def decode_euc_jp(content: bytes) -> str:
    r"""Return EUC-JP as text; bytes that mean nothing become U+FFFD.

    >>> decode_euc_jp(b"\xad\xa1\x8e\xc1\xa4\xa2\xff.")
    '①ﾁあ�.'
    """
    return "".join(map(_euc_run, _EUC.findall(content)))


def _euc_run(run: bytes) -> str:
    if run[0] < 0x8E:
        return run.decode("ascii", "replace")
    if run[0] == 0x8E and len(run) == 2:
        return decode_shift_jis(run[1:])
    if run[0] >= 0xA1 and len(run) > 1:
        return _pairs(bytes(byte & 0x7F for byte in run))
    return run.decode("euc_jp", "replace")
