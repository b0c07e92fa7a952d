"""Documents that newsbeam does not read, told by their first bytes: what makes text of them."""

_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF; make a text of it first, such as by `pdftotext FILE.pdf FILE.txt`"),
    (b"{\\rtf", "a document in RTF; save it as text or HTML first"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a document of an old office program; save it as text first",
    ),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3\0", "a database; export its articles as CSV or JSON Lines first"),
)
_PACKED = b"PK\x03\x04"
_IN_PACKED: tuple[tuple[bytes, str], ...] = (
    (b"word/", "a document of Word; save it as text or HTML first"),
    (b"xl/", "a workbook of Excel; save its sheet as CSV first"),
    (b"application/epub+zip", "an e-book; unpack it and read the pages in it"),
    (b"application/vnd.oasis", "a document of an office program; save it as text or HTML first"),
)
_HEAD = 4096


def foreign_kind(head: bytes) -> str:
    """Return what a file is that begins with `head` and is not read, `""` where that is not known.

    >>> foreign_kind(b"%PDF-1.7")[:6], foreign_kind(b"<html>")
    ('a PDF;', '')
    """
    head = head[:_HEAD]
    if head.startswith(_PACKED):
        known = (kind for mark, kind in _IN_PACKED if mark in head)
        return next(known, "an archive (zip); unpack it first")
    return next((kind for mark, kind in _KINDS if head.startswith(mark)), "")
