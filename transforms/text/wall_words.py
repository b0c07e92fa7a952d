"""The words of walls and offers, by language: `wall_words.toml`, as patterns.

RE2 matches hundreds of alternatives at once, in linear time; `re` would try one after the other.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import re2

_SIGNS = " \n\t.,;:!?()\"'’‘“”„«»/-–—·•…"
_LETTER = r"[\pL\pN_]"
_START, _END = r"(?:^|[^\pL\pN_])", r"(?:[^\pL\pN_]|$)"


class WordPattern(Protocol):
    """A compiled pattern of words, as far as it is used; a match has the sign before the word."""

    def search(self, text: str) -> Any:
        """Return the first match, `None` if there is none."""

    def match(self, text: str) -> Any:
        """Return the match at the beginning, `None` if there is none."""

    def findall(self, text: str) -> list[str]:
        """Return each match."""


@cache
def word_lists() -> dict[str, dict[str, str]]:
    """Return ISO 639-1 code -> name of a list -> its words, as the alternatives of a pattern."""
    source = files("transforms.text").joinpath("wall_words.toml").read_text("utf-8")
    return {
        code: {name: " ".join(words.split()).replace(" | ", "|") for name, words in table.items()}
        for code, table in tomllib.loads(source).items()
    }


def word_pattern(alternatives: str, *, whole: bool = False) -> WordPattern:
    r"""Return the pattern of words that begin like one of `alternatives`, in any case.

    Args:
        alternatives: in the syntax of RE2, but `\w` and `\b` know the letters of every script.
        whole: whether the words end there too.

    >>> words_in(word_pattern(r"süß|ab\b"), "Süßes (ab und abends)") == {"süß", "ab"}
    True
    """
    words = alternatives.replace(r"\w", _LETTER).replace(r"\b", _END)
    pattern: WordPattern = re2.compile(rf"(?i){_START}(?:{words}){_END if whole else ''}")
    return pattern


def words_in(pattern: WordPattern, text: str) -> set[str]:
    """Return the different words of `pattern` in `text`, in lower case."""
    return {match.lower().strip(_SIGNS) for match in pattern.findall(text)}
