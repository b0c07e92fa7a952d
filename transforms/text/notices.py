"""Notices: short pages that say that there is no article, or none for this visitor.

"The page you are looking for does not exist", "not available in your country", "Forgot your
password?": each phrase of the lists speaks to the reader, or as a server does, so that an article
about the same hardly has one outside quotation marks.
"""

from functools import cache
from typing import NamedTuple

from transforms.text.wall_words import WordPattern, word_lists, word_pattern
from transforms.text.walls import sentences_of
from transforms.text.words import count_words

MISSING, BARRED = "missing", "barred"

_MOST_WORDS = 120
"""Most words of a notice: a longer page says more."""

_SHARE = 0.5
"""Share of a page's text in sentences with such a phrase from which it is a notice."""


class Notice(NamedTuple):
    """What a page says: `missing`, there is no article, or `barred`, none for this visitor."""

    kind: str
    language: str


def find_notice(title: str, text: str) -> Notice | None:
    """Return what notice a page with this title and text is, `None` if it is none.

    >>> find_notice("Oops", "We can’t find the page you are looking for.")
    Notice(kind='missing', language='en')
    >>> text = "Walkers could not find the page of the map. They slept in the hut of a farmer, "
    >>> find_notice("Lost", text + "who called the police of Hollen when they knocked at his door.")
    """
    if count_words(text) > _MOST_WORDS:
        return None
    page = f"{title}\n{text}"
    codes = [code for code in word_lists() if _pattern(code, MISSING, BARRED).search(page)]
    if not codes:
        return None
    patterns = [_pattern(code, MISSING, BARRED) for code in codes]

    def said(sentences: list[str]) -> list[str]:
        return [sentence for sentence in sentences if any(p.search(sentence) for p in patterns)]

    titles = sentences_of(title)
    sentences = [sentence for sentence in sentences_of(text) if sentence not in titles]
    heads = said(titles)
    phrases = said(sentences)
    share = _size(heads + phrases) / max(_size(heads + sentences), 1)
    return _told("\n".join(heads + phrases), codes) if phrases and share >= _SHARE else None


def _size(sentences: list[str]) -> int:
    return sum(map(len, sentences))


def _told(said: str, codes: list[str]) -> Notice:
    """Return the kind and the language of most phrases in `said`."""
    counts = {
        Notice(kind, code): len(_pattern(code, kind).findall(said))
        for code in codes
        for kind in (MISSING, BARRED)
    }
    return max(counts, key=counts.__getitem__)


@cache
def _pattern(language: str, *kinds: str) -> WordPattern:
    """Return the pattern of these lists; one of all languages is too large for RE2."""
    table = word_lists()[language]
    return word_pattern("|".join(table[kind] for kind in kinds))
