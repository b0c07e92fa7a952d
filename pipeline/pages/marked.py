"""An article's paragraphs, with what its summary took from them."""

import re
from collections.abc import Iterator

from transforms.text.sentences import split_sentences

_PARAGRAPH = re.compile(r"\n\s*\n")


def marked_paragraphs(text: str, summary: str, language: str | None) -> list[list[str]]:
    r"""Return the paragraphs of `text`, each cut where a sentence of `summary` begins and ends.

    The second of a paragraph's parts, the fourth and so on are of the summary; joined, the parts
    are the paragraph, its spaces normalised.

    >>> marked_paragraphs("It rained. Roads\nflooded. It ended.", "Roads flooded.", "en")
    [['It rained. ', 'Roads flooded.', ' It ended.']]
    """
    paragraphs = [" ".join(part.split()) for part in _PARAGRAPH.split(text) if part.strip()]
    spans: list[list[tuple[int, int]]] = [[] for _ in paragraphs]
    for sentence in split_sentences(summary, language):
        if found := _find(sentence, paragraphs, spans):
            number, start = found
            spans[number].append((start, start + len(sentence)))
    return [list(_cut(part, sorted(own))) for part, own in zip(paragraphs, spans, strict=True)]


def _find(
    sentence: str, paragraphs: list[str], taken: list[list[tuple[int, int]]]
) -> tuple[int, int] | None:
    """Return where `sentence` stands first outside of `taken`: its paragraph and its start."""
    for number, paragraph in enumerate(paragraphs):
        start = paragraph.find(sentence)
        while start >= 0:
            end = start + len(sentence)
            if all(end <= a or start >= b for a, b in taken[number]):
                return number, start
            start = paragraph.find(sentence, start + 1)
    return None


def _cut(paragraph: str, spans: list[tuple[int, int]]) -> Iterator[str]:
    position = 0
    for start, end in spans:
        yield paragraph[position:start]
        yield paragraph[start:end]
        position = end
    if position < len(paragraph):
        yield paragraph[position:]
