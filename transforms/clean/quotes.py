"""Quotation marks that a lossy encoding turned into question marks, or a tokeniser into accents."""

import re

_CONTRACTION = re.compile(r"(?<=[^\W\d_])[?\ufffd](?=(?:s|t|re|ve|ll|d|m)\b(?![=&]))")
_EVIDENCE = re.compile(r"[^\W\d_][?\ufffd](?:s|t|re|ve|ll)\b(?![=&])|(?<!\S)\?[^\W\d_]")
_MARK = re.compile(r"\?")
_REPLACEMENT = re.compile(r"(?<!\w)\ufffd+|\ufffd+(?!\w)")
_ADDRESS = re.compile(r"(?<!\S)\S*?(?://|www\.)\S*+")
_MAX_QUOTE = 1200
"""Characters after which an opening quote is given up; quoted paragraphs are shorter."""


def restore_quotes(text: str) -> str:
    """Return `text` with curly quotes where it has `?` or U+FFFD in their place.

    Changes nothing unless the text shows the damage: a letter, `?` and `s` or `t`, or a `?` that
    begins a word; neither occurs in correct text. A real question keeps its mark.

    >>> restore_quotes("Delhi?s new ?free parking? signs. ?Who pays?? he asked.")
    'Delhi’s new “free parking” signs. “Who pays?” he asked.'
    >>> restore_quotes("Who pays? Nobody knows.")
    'Who pays? Nobody knows.'
    """
    text = _REPLACEMENT.sub(" ", _CONTRACTION.sub("’", text)) if "\ufffd" in text else text
    if "?" not in text or not _EVIDENCE.search(text):
        return text
    text = _CONTRACTION.sub("’", text)
    addresses = [match.span() for match in _ADDRESS.finditer(text)]
    pieces: list[str] = []
    end, opened = 0, -1
    for match in _MARK.finditer(text):
        at = match.start()
        if any(start <= at < stop for start, stop in addresses):
            continue
        if opened >= 0 and (at - opened > _MAX_QUOTE or "\n" in text[opened:at]):
            opened = -1
        mark = _quote_at(text, at, opened >= 0)
        opened = at if "“" in mark else -1 if "”" in mark else opened
        pieces += text[end:at], mark
        end = at + 1
    return "".join(pieces) + text[end:]


def _quote_at(text: str, at: int, is_open: bool) -> str:
    """Return what the `?` at position `at` stood for."""
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    mark = "?"
    if before.isspace() and after.isspace():
        mark = "–"
    elif before in ".,":
        ends = is_open and text[at - 2 : at] != ".."
        if after.isalpha():
            mark = "” " if ends else " “"
        elif ends or before == ",":
            mark = "”"
    elif before == "?" and (is_open or after.isalpha()):
        mark = "”" if is_open else " “"
    elif not before.isalnum() and before not in "?!)”’" and after.isalpha():
        mark = "“"
    elif before.isalpha() and after.isalpha():
        mark = " "
    elif is_open and after != "?" and _continues(text, at + 1):
        mark = "”"
    return mark


def _continues(text: str, at: int) -> bool:
    """Return whether the sentence goes on at `at`: lower case, a digit or punctuation follows."""
    rest = text[at : at + 3].lstrip()
    return bool(rest) and (rest[0].islower() or rest[0].isdigit() or rest[0] in ",.;:)–-")
