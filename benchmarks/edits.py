"""Light edits of real articles, as sites make them of wire copy."""

import random
import re
from collections.abc import Callable

_SYNONYMS = {
    "said": "stated", "says": "states", "people": "persons", "about": "around", "but": "yet",
    "also": "too", "after": "following", "before": "prior to", "big": "large", "new": "fresh",
    "many": "numerous", "more": "further", "began": "started", "would": "will", "show": "reveal",
    "told": "informed", "because": "since", "while": "as", "against": "versus", "during": "in",
    "buy": "purchase", "help": "assist", "last": "past", "made": "produced", "most": "the bulk of",
    "however": "though", "company": "firm", "firm": "company", "government": "administration",
    "police": "officers", "year": "twelve months", "first": "initial", "over": "above",
    "under": "below", "including": "among them", "between": "amid", "according": "going",
    "killed": "slain", "top": "leading", "three": "3", "two": "2", "four": "4", "five": "5",
}  # fmt: skip

_BOILERPLATE = (
    "Sign up to our daily newsletter and never miss a story from our award-winning newsroom.",
    "This story was first published by a news agency and has been edited by our staff.",
    "Follow us on social media for the latest headlines, pictures and video from your area.",
    "Copyright of this material rests with its owners. It may not be published or rewritten.",
    "Have you been affected by this? Write to our reporters, who read every letter they get.",
    "Read more: the ten stories that everyone in the region is talking about this week.",
)

Paragraphs = list[str]
Edit = Callable[[Paragraphs, random.Random], Paragraphs]


def paragraphs_of(text: str) -> Paragraphs:
    """Return paragraphs of `text`, each of two sentences where the source has only one block."""
    parts = [part for part in text.split("\n\n") if part.strip()]
    if len(parts) >= 4:
        return parts
    sentences = re.split(r"(?<=[.!?])\s+", " ".join(parts))
    return [" ".join(sentences[i : i + 2]) for i in range(0, len(sentences), 2)]


def headline_swap(paragraphs: Paragraphs, chance: random.Random) -> Paragraphs:
    """The text as it is under another headline, with an agency's dateline before it."""
    place = chance.choice(("LONDON", "PARIS", "DELHI", "NEW YORK"))
    return [f"{place} (Agency) - {paragraphs[0]}", *paragraphs[1:]]


def cut_and_reorder(paragraphs: Paragraphs, chance: random.Random) -> Paragraphs:
    """Every fifth paragraph, and at least one, cut; two of the others exchanged."""
    kept = list(paragraphs)
    for _ in range(max(1, len(kept) // 5)):
        if len(kept) > 2:
            kept.pop(chance.randrange(1, len(kept)))
    if len(kept) > 2:
        one, other = chance.sample(range(1, len(kept)), 2)
        kept[one], kept[other] = kept[other], kept[one]
    return kept


def synonyms_and_numbers(paragraphs: Paragraphs, chance: random.Random) -> Paragraphs:
    """Up to one word in twelve replaced by another one, and every third number changed."""

    def change(match: re.Match[str]) -> str:
        word = match.group()
        if word.isdigit() and chance.random() < 1 / 3:
            return str(int(word) + chance.randint(1, 9))
        other = _SYNONYMS.get(word.lower())
        if other and chance.random() < 0.7:
            return other.capitalize() if word[0].isupper() else other
        return word

    return [re.sub(r"\w+", change, paragraph) for paragraph in paragraphs]


def add_boilerplate(paragraphs: Paragraphs, chance: random.Random) -> Paragraphs:
    """Three paragraphs of a site's own, before, between and after."""
    first, second, third = chance.sample(_BOILERPLATE, 3)
    middle = len(paragraphs) // 2
    return [first, *paragraphs[:middle], second, *paragraphs[middle:], third]


def truncate(paragraphs: Paragraphs, chance: random.Random) -> Paragraphs:
    """The first 60 % of the words."""
    del chance
    words = "\n\n".join(paragraphs).split(" ")
    return [" ".join(words[: round(len(words) * 0.6)])]


def all_light(paragraphs: Paragraphs, chance: random.Random) -> Paragraphs:
    """A dateline, synonyms and numbers, a cut and a swap, and boilerplate: all at once."""
    for edit in (synonyms_and_numbers, cut_and_reorder, headline_swap, add_boilerplate):
        paragraphs = edit(paragraphs, chance)
    return paragraphs


EDITS: dict[str, Edit] = {
    "headline swap": headline_swap,
    "paragraphs cut and reordered": cut_and_reorder,
    "synonyms and numbers": synonyms_and_numbers,
    "boilerplate added": add_boilerplate,
    "truncated to 60 %": truncate,
    "all but truncation at once": all_light,
}
