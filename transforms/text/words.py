"""Counting words in any script."""

import re

_UNSPACED = re.compile(
    r"(?P<han>[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
    r"|(?P<southeast>[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+)"
)
"""Runs of scripts written without spaces: Han and kana; Thai, Lao, Burmese and Khmer."""

_CHARACTERS_PER_WORD = {"han": 2, "southeast": 4}
"""Rounded means: Chinese and Japanese words have about two characters, Thai words about four."""

_WORD = re.compile(r"\w\S*")


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
    for run in _UNSPACED.finditer(text):
        size = _CHARACTERS_PER_WORD[str(run.lastgroup)]
        unspaced += -(-len(run.group()) // size)
    if unspaced:
        text = _UNSPACED.sub(" ", text)
    return unspaced + len(_WORD.findall(text))
