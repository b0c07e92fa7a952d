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

_ALIKE = str.maketrans("يىكە’ʼ−–—‐", "ییکه''----")
"""Letters that Persian, Urdu and Arabic keyboards write with different characters, apostrophes and
dashes."""

_INVISIBLE = regex.compile(r"[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Joiners, marks of direction, soft hyphens, and the line that stretches an Arabic word."""


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


def fold_script(text: str) -> str:
    """Return `text` folded as above, full width, ligatures and digits of every script made plain.

    >>> fold_script("２０２４年 ۱۴۰۳ ๑๓")
    '2024年 1403 13'
    """
    plain = fold(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))).translate(_ALIKE)
    if plain.isascii():
        return plain
    return "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in plain)
