"""Which of the articles that a page describes is its own, and not one that it only links to."""

import re
from collections.abc import Collection, Iterator

from transforms.formats.html.json_ld import LinkedData, Node, literal, types_of
from transforms.identity import link_key
from transforms.text.words import letters

_ARTICLE = re.compile(r"\w*Article|BlogPosting|LiveBlogPosting|Report|\w*Review|Reportage\w*")
_ON_ANOTHER = re.compile(r"(?:Claim|User|Employer\w*)Review")
"""Types of what a page says of another's words: they describe it if nothing else does."""

_MAY_BE_ONE = re.compile(
    r"\w+Posting|CreativeWork|PodcastEpisode|RadioEpisode|VideoObject|AudioObject|MediaObject|\w*WebPage"
)
"""Types that some sites give an article: of such an object, the headline must be the page's."""

_SAID = ("headline", "datePublished", "author", "articleBody")

ALIKE = 0.5
"""Likeness from which two headlines are of one article: both are edited, one for search engines."""


def own_article(data: LinkedData, addresses: Collection[str], headlines: Collection[str]) -> Node:
    """Return the object that describes the page's own article, `{}` if there is none.

    Its address tells it, then its headline, then that it is not the item of a list, then how much
    it says; of equals the first is taken. An article with another address and another headline is
    another one, and so is one in a list that nothing speaks for.

    Args:
        data: what the page states.
        addresses: absolute addresses of the page.
        headlines: what the page calls itself.
    """
    keys = set(filter(None, map(link_key, addresses)))
    names = [grams for grams in map(letter_pairs, headlines) if grams]
    best: tuple[tuple[float, ...], Node] = ((), {})
    for nodes, is_listed in ((data.nodes, False), (data.listed, True)):
        for node in filter(_may_be_article, nodes):
            place = _place(node, keys)
            alike = _likeness(node, names)
            if alike < ALIKE and not is_article(node):
                continue
            if alike < ALIKE and (place < 0 or (is_listed and place <= 0)):
                continue
            said = sum(bool(node.get(name)) for name in _SAID)
            kind = is_article(node) + _is_of_page(node)
            rank = (kind, place, alike >= ALIKE, not is_listed, said)
            if not best[0] or rank > best[0]:
                best = rank, node
    return best[1]


def is_article(node: Node) -> bool:
    """Return whether a node is an article of any kind."""
    return any(_ARTICLE.fullmatch(name) for name in types_of(node))


def _is_of_page(node: Node) -> bool:
    """Return whether an article is more than what its page says of another's words."""
    names = [name for name in types_of(node) if _ARTICLE.fullmatch(name)]
    return any(not _ON_ANOTHER.fullmatch(name) for name in names)


def _may_be_article(node: Node) -> bool:
    return is_article(node) or any(_MAY_BE_ONE.fullmatch(name) for name in types_of(node))


def node_addresses(node: Node) -> Iterator[str]:
    """Yield the addresses that a node gives its article: absolute ones, best first."""
    page = node.get("mainEntityOfPage")
    places = (
        (page, *(page.get(name) for name in ("@id", "url"))) if isinstance(page, dict) else (page,)
    )
    for value in (node.get("url"), *places, node.get("@id")):
        text = literal(value)
        if text.startswith(("http://", "https://")):
            yield text


def _place(node: Node, keys: set[str]) -> int:
    """Return 1 for an article with the page's address, -1 for one with another, 0 for none."""
    own = set(filter(None, map(link_key, node_addresses(node))))
    if not own or not keys:
        return 0
    return -1 if own.isdisjoint(keys) else 1


def _likeness(node: Node, names: list[set[str]]) -> float:
    """Return how much of the headline stands in one of the page's, 0 to 1."""
    grams = letter_pairs(literal(node.get("headline")) or literal(node.get("name")))
    return max((likeness(grams, name) for name in names), default=0.0)


def likeness(one: set[str], other: set[str]) -> float:
    """Return the share of the shorter headline's `letter_pairs` that the other has, 0 to 1."""
    return len(one & other) / max(1, min(len(one), len(other)))


def letter_pairs(text: str) -> set[str]:
    """Return the pairs of neighbouring letters, which compare headlines in any script."""
    bare = letters(text)
    return {bare[at : at + 2] for at in range(len(bare) - 1)} or ({bare} if bare else set())
