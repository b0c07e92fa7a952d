"""What ends a sentence, in any script: the one rule for it; and whether a text has sentences."""

from statistics import fmean

import regex

from transforms.text.words import count_words

CLOSING = r"\p{Pe}\p{Pf}\p{Pi}\"'"
"""Members of a character class: what may close after the mark. German closes with “, which Unicode
calls initial."""

END_MARK = (
    r"(?:[\p{Sentence_Terminal}…\u0f0d-\u0f11]"  # Tibetan's shad is no terminal for Unicode
    r"|፡፡"  # two word separators, typed for the Ethiopic full stop
    r"|(?<=[\p{Greek}\p{Pf}]);"  # the Greek question mark in normal form C
    r"|(?<=[\p{Armenian}\p{Pf}]):"  # typed for the Armenian full stop
    r"|(?<=[\p{Devanagari}\p{Bengali}]\s?)\|)"  # typed for the danda
)
"""Pattern of a mark that ends a sentence: Unicode's Sentence_Terminal, in the version that `regex`
ships, the ellipsis, and what keyboards give in the place of such marks."""

_END = regex.compile(rf"(?r)(?:{END_MARK}|[\p{{Thai}}\p{{Lao}}])[{CLOSING}\s]*")
"""Matched from the end backwards. Thai and Lao have no mark: there any text may be a sentence."""

_QUESTION = regex.compile(rf"(?r)[!?…;\uff01\uff1f\u061f\u055c\u055e\u1367][{CLOSING}\s]*")

_LIST_PARAGRAPHS = 8
_LIST_WORDS = 15
_LIST_SENTENCES = 0.25


def ends_sentence(text: str) -> bool:
    """Return whether `text` ends where a sentence may end; closing marks may follow.

    >>> [ends_sentence(text) for text in ("He left.", "“Who?”", "यह सच है।", "你好。」", "Rain, he")]
    [True, True, True, True, False]
    """
    return _END.match(text) is not None


def ends_statement(text: str) -> bool:
    """Return whether `text` ends with a full stop: a headline may be a question, seldom this.

    >>> ends_statement("It rained."), ends_statement("Will it rain?")
    (True, False)
    """
    return ends_sentence(text) and not text[-1].isalpha() and _QUESTION.match(text) is None


def is_link_list(text: str) -> bool:
    """Return whether `text` is mostly headlines: many short paragraphs, few of them sentences."""
    paragraphs = text.split("\n\n")
    if len(paragraphs) < _LIST_PARAGRAPHS:
        return False
    sentences = sum(ends_sentence(paragraph) for paragraph in paragraphs)
    return (
        sentences <= _LIST_SENTENCES * len(paragraphs)
        and fmean(map(count_words, paragraphs)) <= _LIST_WORDS
    )
