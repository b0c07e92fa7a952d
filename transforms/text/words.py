r"""Words in any script: counted, compared, and which scripts set no spaces between them.

The patterns are `regex`'s: Python's own `\w` lacks the vowel signs of Hindi, Thai and their like.
"""

import unicodedata

import regex

EAST_ASIAN = r"\p{Han}\p{Hiragana}\p{Katakana}\u30fc"
SOUTHEAST_ASIAN = r"\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}"
UNSPACED = EAST_ASIAN + SOUTHEAST_ASIAN
"""Members of a character class: the scripts that set no space between words."""

_RUN = regex.compile(
    rf"(?P<east>[{EAST_ASIAN}]+)|(?P<southeast>[{SOUTHEAST_ASIAN}]+)|(?P<tibetan>[\u0f00-\u0fff]+)"
)
_CHARACTERS_PER_WORD = {"east": 2, "southeast": 4, "tibetan": 7}
"""Rounded means: Chinese and Japanese words have about two characters, Thai words about four;
Tibetan marks the end of syllables, not of words."""

_WORD = regex.compile(r"\w\S*")
_NO_LETTER = regex.compile(r"[\W_]+")


def count_words(text: str) -> int:
    """Return the number of words in `text`; where a script has no spaces, an estimate.

    A token without a letter or digit (a dash, a bullet) is no word.

    >>> count_words("Prices rose – by 2.5% – on Monday.")
    6
    >>> count_words("東京で会談した")
    4
    """
    if text.isascii():
        return len(_WORD.findall(text))
    unspaced = 0
    for run in _RUN.finditer(text):
        size = _CHARACTERS_PER_WORD[str(run.lastgroup)]
        unspaced += -(-len(run.group()) // size)
    if unspaced:
        text = _RUN.sub(" ", text)
    return unspaced + len(_WORD.findall(text))


def letters(text: str) -> str:
    """Return the letters and digits of `text`, case folded: what two copies of it share.

    >>> letters("“Stop!” – he said")
    'stophesaid'
    """
    return _NO_LETTER.sub("", text).casefold()


def fold(text: str) -> str:
    """Return `text` in lower case and without accents, to compare words with.

    >>> fold("Août")
    'aout'
    """
    decomposed = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)
