"""Text as a list of paragraphs, and what repeats among them."""

import re
from collections import Counter

from transforms.text.sentence_ends import ends_sentence
from transforms.text.words import letters

_WRAP_WIDTH = 100
"""No paragraph of several lines is taken for hard-wrapped if a line is longer."""

_LIST_ITEM = re.compile(r"\s*(?:[-*•–—>#|]|\d+[.)])\s")

_SITE = re.compile(r" [|–—-] [^|–—-]{2,40}$")

_MIN_REPEATED = 50
"""Letters and digits from which a paragraph met again anywhere is a copy; a short one may be
said twice ("No."), and is a copy only right after itself."""

_REFRAIN = 3
"""Times from which a repeated paragraph is the author's: recipes, lyrics and forms say it again and
again, while a page's accidents (a caption, a teaser, a second copy) say it twice."""

_WHOLE_SHARE = 0.8
"""Share of distinct long paragraphs that are repeated from which the whole text is there again."""

_TITLE_SHARE = 0.7
"""A first line that is part of the title, or the reverse, repeats it if it has this share of it."""


def split_paragraphs(text: str) -> list[str]:
    r"""Return the paragraphs of `text`; each line is one, unless its block was hard-wrapped.

    >>> split_paragraphs("One.\nTwo.\n\nThree.")
    ['One.', 'Two.', 'Three.']
    """
    paragraphs: list[str] = []
    for block in text.split("\n\n"):
        lines = [line for line in map(str.strip, block.split("\n")) if line]
        if _is_wrapped(lines):
            paragraphs.append(" ".join(lines))
        else:
            paragraphs += lines
    return paragraphs


def join_paragraphs(paragraphs: list[str]) -> str:
    """Return one text, paragraphs separated by one blank line."""
    return "\n\n".join(paragraphs)


def _is_wrapped(lines: list[str]) -> bool:
    """Return whether `lines` are one paragraph, broken to a common width."""
    if len(lines) < 2 or any(_LIST_ITEM.match(line) for line in lines):
        return False
    *full, _ = lines
    longest = max(map(len, lines))
    even = longest <= _WRAP_WIDTH and min(map(len, full)) >= 0.6 * longest and longest >= 40
    running = sum(not ends_sentence(line) for line in full)
    return even and 2 * running > len(full)


def drop_repeats(paragraphs: list[str]) -> list[str]:
    """Return `paragraphs` without copies: of the one before, and long ones of any before.

    A text with a refrain keeps its repetitions, unless the whole text is there again.
    """
    keys = [letters(paragraph) for paragraph in paragraphs]
    copies = _accidental(keys)
    kept: list[str] = []
    seen: set[str] = set()
    previous = ""
    for paragraph, key in zip(paragraphs, keys, strict=True):
        if key and (key == previous or (key in seen and key in copies)):
            continue
        kept.append(paragraph)
        seen.add(key)
        previous = key
    return kept


def _accidental(keys: list[str]) -> set[str]:
    """Return the keys of which only the first occurrence is meant."""
    times = Counter(key for key in keys if len(key) >= _MIN_REPEATED)
    repeated = {key for key, count in times.items() if count > 1}
    refrain = any(count >= _REFRAIN for count in times.values())
    return set() if refrain and len(repeated) < _WHOLE_SHARE * len(times) else repeated


def drop_headline(paragraphs: list[str], title: str) -> list[str]:
    """Return `paragraphs` without first lines that only repeat `title`.

    >>> drop_headline(["# Rain in Vienna", "It rained."], "Rain in Vienna - Daily News")
    ['It rained.']
    """
    wanted = letters(title)
    without_site = letters(_SITE.sub("", title))
    while len(paragraphs) > 1 and wanted:
        first = letters(paragraphs[0])
        if first != without_site and not _repeats(first, wanted):
            break
        paragraphs = paragraphs[1:]
    return paragraphs


def _repeats(first: str, title: str) -> bool:
    short, long = sorted((first, title), key=len)
    return long.startswith(short) and len(short) >= _TITLE_SHARE * len(long)
