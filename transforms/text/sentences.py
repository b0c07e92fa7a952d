"""Text to sentences, by the marks of Unicode and the words of each language."""

import re
from collections.abc import Iterable, Iterator

import regex

from transforms.text.quotations import QUOTES, Span, spans
from transforms.text.sentence_ends import CLOSING, END_MARK
from transforms.text.sentence_rules import Rules

MAX_WORDS = 80
"""A longer sentence is divided again. Newspaper sentences seldom exceed 60 words; what does is
usually a long quotation, which is kept whole, or text without full stops."""

BULLET = "• "
"""Begins each line of a summary that is a list of sentences."""

_ALNUM = regex.compile(r"[\p{L}\p{N}]+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_INNER_END = regex.compile(rf"{END_MARK}[{CLOSING}]*+\s+")

_ENDS_UNSPACED = regex.compile(rf"(?r)[。．！？｡][{CLOSING}]*")

_MARK = r"[\p{Sentence_Terminal}…]"
_CANDIDATE = regex.compile(
    rf"(?<!{_MARK})(?:{END_MARK})++(?:\s?»(?!\w)|[{CLOSING}*_])*+(?=\s)"
    rf"|(?:[。！？｡।॥።]|(?<!\d)．|፡፡|…{{2,}})++[{CLOSING}]*+"
    rf"|(?<!{_MARK})[.!?]{{2,}}+(?=\p{{Lu}})"
    r"|(?<=\p{Ll}{2})[.!?](?=\p{Lu}\p{Ll}{3}|[-–—]\s)"
)
"""Where a sentence may end: Chinese, Hindi and their like need no space after it. The last two are
glued to the next word: a quotation mark lost in a wrong encoding, and a line break lost."""


def _divide(sentence: str) -> list[str]:
    """Return the parts of a very long sentence, also divided inside quotations."""
    if len(sentence.split()) <= MAX_WORDS:
        return [sentence]
    ends = [match.end() for match in _INNER_END.finditer(sentence)]
    starts = [0, *ends]
    return [sentence[a:b] for a, b in zip(starts, [*ends, len(sentence)], strict=True)]


def _ends(paragraph: str, language: str, *, cased: bool) -> Iterator[int]:
    """Yield where the sentences of a paragraph end but the last."""
    rules = Rules(paragraph, language, cased=cased)
    quoted = spans(paragraph)
    outer = _outermost(quoted)
    opening, closing = {span.start for span in quoted}, {span.end: span for span in quoted}
    last = max((match.end() for match in _ALNUM.finditer(paragraph)), default=0)
    sentence = 0
    for match in _CANDIDATE.finditer(paragraph):
        mark, end = match.span()
        # What opens here belongs to the next sentence.
        end = next((at for at in range(mark + 1, end) if at in opening), end)
        if end >= last:
            return
        while outer and outer[-1].end <= mark:
            outer.pop()
        if outer and outer[-1].start < mark and end < outer[-1].end:
            continue
        closed = next((closing[at] for at in range(mark + 1, end + 1) if at in closing), None)
        if closed and not _may_close(paragraph, sentence, closed):
            continue
        if rules.ends(sentence, mark, end, closed):
            yield end
            sentence = end


def _may_close(paragraph: str, sentence: int, closed: Span) -> bool:
    """Return whether a sentence may end with what closes: not with a bracket within it."""
    return closed.mark in QUOTES or not paragraph[sentence : closed.start].strip()


def _outermost(quoted: list[Span]) -> list[Span]:
    """Return the spans that are in no other, the last first."""
    found: list[Span] = []
    for span in sorted(quoted, key=lambda span: (span.start, -span.end)):
        if not found or span.start >= found[-1].end:
            found.append(span)
    return found[::-1]


def _paragraph_sentences(paragraph: str, language: str, cased: bool) -> Iterator[str]:
    start = 0
    for end in (*_ends(paragraph, language, cased=cased), len(paragraph)):
        for part in _divide(paragraph[start:end]):
            if words := " ".join(part.split()):
                yield words
        start = end


def split_sentences(text: str, language: str | None = None) -> tuple[str, ...]:
    r"""Return the sentences of `text` in order; a blank line always ends one.

    Nothing but whitespace is dropped. A sentence of more than `MAX_WORDS` words is divided at full
    stops inside quotations; one without any stays whole, and the encoder reads its first 256
    tokens.

    Args:
        text: paragraphs separated by a blank line.
        language: ISO 639-1 code; of one that sentence_words.toml does not have, and of
            `None`, only the abbreviations of all languages are known.

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
