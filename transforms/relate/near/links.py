"""Link near-duplicates to the first article with their text."""

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from transforms.records import Article, Partition
from transforms.relate.near.neighbours import Look, Neighbourhood
from transforms.relate.near.nodes import NearOptions, Node


class Relinked(NamedTuple):
    """A published row whose link changes: its partition, its id and its new `duplicate_of`."""

    home: Partition
    id: str
    first: str | None


class Links(NamedTuple):
    """Which article each one nearly repeats.

    Attributes:
        duplicate_of: id of an article of the batch -> id of the first article with its text; that
            one is itself linked to none.
        relinked: published rows whose link changes.
        rows: id of an article with a row that one of the batch is linked to -> its partition.
        copies: id of an article of the batch -> that of a row that is linked to it.
        without_row: ids of linked articles of the batch that have no row yet; only with
            `NearOptions.drop`.
        apart: pairs of ids that overlap and are on different events, see `Neighbourhood.apart`.
    """

    duplicate_of: dict[str, str]
    relinked: list[Relinked]
    rows: dict[str, Partition]
    copies: dict[str, str]
    without_row: frozenset[str]
    apart: frozenset[tuple[str, str]]


def find_near(
    articles: Iterable[Article],
    look: Look,
    options: NearOptions,
    left: Collection[tuple[Partition, str]] = (),
) -> Links:
    """Return which of `articles` nearly repeat others, and which links of published rows change.

    In the order of publication every article is linked to the earliest one that it repeats and that
    is itself linked to none, so that copies of copies cannot lead away from the first text. The
    links depend on the articles alone, not on the order of their arrival: one that arrives late, is
    edited, moves or leaves changes the links of published rows. (Within limits that keep the work
    small: `ROWS_PER_KEY`, `TRIED`.)

    Args:
        articles: one per id, with `published_at`; their texts are clean.
        look: finds published rows.
        options: what counts as near.
        left: rows that are taken out, with their partitions: those that give way to another
            article, and the former ones of articles that move to another day.
    """
    hood = Neighbourhood(articles, look, options, left)
    active: dict[str, Node] = {}
    firsts: dict[str, str | None] = {}
    wave = {node.id: node for node in hood.seeds()}
    while wave:
        hood.add(list(wave.values()))
        active |= wave
        firsts = _choose(active, hood)
        wave = {node.id: node for node in _affected(active, firsts, hood) if node.id not in active}
    return _links(active, firsts, hood)


def _choose(active: Mapping[str, Node], hood: Neighbourhood) -> dict[str, str | None]:
    """Return what each of `active` is linked to; the others stay as they are."""
    firsts: dict[str, str | None] = {}

    def is_earlier_first(node: Node, other: Node) -> bool:
        return other.rank < node.rank and (
            (firsts[other.id] if other.id in active else other.linked) is None
        )

    for node in sorted(active.values(), key=lambda node: node.rank):
        if node.home and not node.text:
            firsts[node.id] = _follow(node.linked, firsts, hood)
            continue
        repeated = hood.near(node, partial(is_earlier_first, node))
        firsts[node.id] = min(repeated, key=lambda other: other.rank).id if repeated else None
    return firsts


def _follow(
    linked: str | None, firsts: Mapping[str, str | None], hood: Neighbourhood
) -> str | None:
    """Return the link of a row whose text is gone: where its former link leads."""
    if linked is None or hood.is_gone(linked):
        return None
    return firsts.get(linked) or linked


def _affected(
    active: Mapping[str, Node], firsts: Mapping[str, str | None], hood: Neighbourhood
) -> list[Node]:
    """Return the rows whose links may change, as one of `active` has become a first or ceased."""
    found: list[Node] = []
    ceased: list[Node] = []
    for node in active.values():
        if firsts[node.id] is None and (node.home is None or node.linked):
            found += hood.near(node, partial(_may_turn, node, active, hood))
        elif firsts[node.id] and node.home and node.linked is None:
            ceased.append(node)
    return found + hood.linked_to(ceased)


def _may_turn(new: Node, active: Mapping[str, Node], hood: Neighbourhood, other: Node) -> bool:
    """Return whether the row `other` would rather be linked to `new`."""
    if other.id in active or other.rank < new.rank:
        return False
    first = hood.node(other.linked) if other.linked else None
    return first is None or new.rank < first.rank


def _links(
    active: Mapping[str, Node], firsts: Mapping[str, str | None], hood: Neighbourhood
) -> Links:
    duplicate_of = {n.id: first for n in hood.batch if (first := firsts[n.id])}
    known = {first: hood.node(first) for first in duplicate_of.values()}
    rows = sorted((n for n in active.values() if n.home), key=lambda n: n.rank, reverse=True)
    copies = {firsts[n.id]: n.id for n in rows}  # of several the earliest
    return Links(
        duplicate_of,
        [
            Relinked(node.home, node.id, firsts[node.id])
            for node in active.values()
            if node.home and firsts[node.id] != node.linked
        ],
        {first: node.home for first, node in known.items() if node and node.home},
        {n.id: copies[n.id] for n in hood.batch if n.id in copies},
        frozenset(n.id for n in hood.batch if n.id in duplicate_of and n.rank.has_no_row),
        hood.apart(),
    )
