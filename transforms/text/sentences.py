"""Text to sentences, by sentencex, with what it gets wrong in news put right."""

import re
from collections.abc import Iterable, Iterator

import regex
from sentencex import segment

from transforms.text.sentence_ends import CLOSING, END_MARK

MAX_WORDS = 80
"""A longer sentence is divided again. Newspaper sentences seldom exceed 60 words; what does is
usually a long quotation, which sentencex keeps whole, or text without full stops."""

BULLET = "• "
"""Begins each line of a summary that is a list of sentences."""

_PARAGRAPH = re.compile(r"\n\s*\n")
_INNER_END = regex.compile(rf"{END_MARK}[{CLOSING}]*+\s+")

_ENDS_UNSPACED = regex.compile(rf"(?r)[。．！？｡][{CLOSING}]*")

_OPENING = re.compile(r"(?:^|[\s(])\?$")
"""A question mark glued to the next word: an opening quotation mark lost in a wrong encoding."""

_ARABIC_INITIAL = re.compile(r"(?:^|\s)[\u0621-\u064a]\.\s*$")
"""A single letter with a full stop: a title (Dr, Eng, Prof) or an initial."""


def _belong_together(before: str, after: str, cased: bool) -> bool:
    """Return whether what sentencex took for two sentences is one.

    Args:
        before: the first, with the whitespace that follows it.
        after: the second.
        cased: whether the text has capitals, so that "on Tues." + "that Mr Smith" is one sentence.
    """
    return bool(
        (cased and after[:1].islower())
        or not any(map(str.isalnum, after))
        or _OPENING.search(before)
        or _ARABIC_INITIAL.search(before)
    )


def _divide(sentence: str) -> list[str]:
    """Return the parts of a very long sentence, also divided inside quotations."""
    if len(sentence.split()) <= MAX_WORDS:
        return [sentence]
    ends = [match.end() for match in _INNER_END.finditer(sentence)]
    starts = [0, *ends]
    return [sentence[a:b] for a, b in zip(starts, [*ends, len(sentence)], strict=True)]


def _paragraph_sentences(paragraph: str, language: str, cased: bool) -> Iterator[str]:
    joined: list[str] = []
    for part in segment(language, paragraph):
        if joined and _belong_together(joined[-1], part.lstrip(), cased):
            joined[-1] += part
        else:
            joined.append(part)
    for sentence in joined:
        for part in _divide(sentence):
            if words := " ".join(part.split()):
                yield words


def split_sentences(text: str, language: str | None = None) -> tuple[str, ...]:
    r"""Return the sentences of `text` in order; a blank line always ends one.

    Nothing but whitespace is dropped. A sentence of more than `MAX_WORDS` words is divided at full
    stops inside quotations; one without any stays whole, and the encoder reads its first 256
    tokens.

    Args:
        text: paragraphs separated by a blank line.
        language: ISO 639-1 code; `None` or a code unknown to sentencex falls back to English.

    >>> split_sentences("Mr. Smith left. He paid $3.5 million.\n\nAn end")
    ('Mr. Smith left.', 'He paid $3.5 million.', 'An end')
    """
    cased = any(map(str.isupper, text))
    return tuple(
        sentence
        for paragraph in _PARAGRAPH.split(text)
        for sentence in _paragraph_sentences(paragraph, language or "en", cased)
    )


def join_sentences(sentences: Iterable[str]) -> str:
    """Return the sentences as one text: a space between them, except after a Chinese full stop.

    >>> join_sentences(["One.", "Two."]), join_sentences(["你好。", "世界。"])
    ('One. Two.', '你好。世界。')
    """
    joined = ""
    for sentence in sentences:
        between = "" if not joined or _ENDS_UNSPACED.match(joined) else " "
        joined += between + sentence
    return joined
