"""Folding: one spelling for words that differ only in case and accents."""

import unicodedata


def fold(text: str) -> str:
    """Return `text` in lower case and without accents, to compare words with.

    >>> fold("Août")
    'aout'
    """
    decomposed = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)
