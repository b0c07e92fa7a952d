"""The articles that share keys with some others, in the batch and among the published rows."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np

from transforms.near.postings import Positions, Postings, sharing
from transforms.near.rows import Columns, RecentRows
from transforms.near.signature import Keys, Overlap, overlap, shingles, signature
from transforms.records import Article, Partition

COLUMNS = Columns(group="duplicate_of", keys="near_keys")

Look = Callable[[Iterable[datetime]], Iterable[RecentRows]]
"""Returns the rows published in the days around some times: `recent_rows` with `COLUMNS`."""

ROWS_PER_KEY = 64
"""Rows that are looked at for one key, the earliest: they are what the others are linked to."""

TRIED = 8
"""Texts that an article is compared with per file: those that share most keys with it."""

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class NearOptions:
    """What counts as a near-duplicate.

    Attributes:
        days: how far apart the two may be published.
        contained: least part of the shorter text that the other one holds too.
        jaccard: least part of both texts together that they share; keeps out round-ups, which
            hold short articles whole. Both from benchmarks/duplicates.py.
        drop: whether an article that nearly repeats another one gets no row. One that has a row
            keeps it, so every new article then counts as later than all that have one.
    """

    days: int = 3
    contained: float = 0.55
    jaccard: float = 0.25
    drop: bool = False

    def accepts(self, shared: Overlap) -> bool:
        """Return whether texts with this overlap nearly repeat each other."""
        return shared.contained >= self.contained and shared.jaccard >= self.jaccard


class Rank(NamedTuple):
    """Which of two texts is the first: the smaller one."""

    has_no_row: bool
    time: int
    id: str


@dataclass(frozen=True, eq=False)
class Node:
    """An article as it is compared.

    Attributes:
        rank: its place in the order.
        text: clean; empty where retention has removed it.
        home: the partition of its row; `None` for an article of the batch.
        linked: for a row, the id in its `duplicate_of`.
    """

    rank: Rank
    text: str
    home: Partition | None = None
    linked: str | None = None

    @property
    def id(self) -> str:
        """The article's id."""
        return self.rank.id

    @property
    def published_at(self) -> datetime:
        """When it was published."""
        return _EPOCH + self.rank.time * _MICROSECOND

    @cached_property
    def shingles(self) -> frozenset[str]:
        """What is compared."""
        return shingles(self.text)

    @cached_property
    def keys(self) -> Keys:
        """Its signature."""
        return signature(self.text)


def microseconds(time: datetime | None) -> int:
    """Return `time` as microseconds since 1970."""
    assert time is not None
    return (time - _EPOCH) // _MICROSECOND


class Neighbourhood:
    """What is known of the neighbours of some articles; rows are read as they are asked for.

    Args:
        articles: the batch, one per id, with `published_at`.
        look: finds published rows.
        options: what counts as near.
        left: rows that are taken out, with their partitions. An id among them may have another
            row: of the batch, if it moves; a published one, if a move was interrupted.
    """

    def __init__(
        self,
        articles: Iterable[Article],
        look: Look,
        options: NearOptions,
        left: Collection[tuple[Partition, str]],
    ) -> None:
        self._look, self._options = look, options
        batch = list(articles)
        self._hidden = {article.id for article in batch}
        self._gone = {id_ for _, id_ in left} - self._hidden
        self._gone_rows = frozenset(left)
        self._left = [datetime.fromisoformat(home.date).replace(tzinfo=UTC) for home, _ in left]
        rows = self._published(batch) if options.drop else set()
        nodes = [
            Node(
                Rank(options.drop and a.id not in rows, microseconds(a.published_at), a.id), a.text
            )
            for a in batch
        ]
        self.batch = sorted(nodes, key=lambda node: node.rank)
        self._index = _postings(self.batch)
        self._nodes = {node.id: node for node in self.batch}
        self._rows_near: defaultdict[str, dict[str, Node]] = defaultdict(dict)
        self._batch_near: dict[str, list[Node]] = {}
        self._repeats: dict[tuple[str, str], bool] = {}

    def _published(self, batch: Iterable[Article]) -> set[str]:
        """Return the ids of all articles of the batch that have a row, and of all that left one."""
        found = {id_ for _, id_ in self._gone_rows}
        return found.union(
            *(rows.groups_of(self._hidden) for rows in self._look(self._times(batch)))
        )

    def _times(self, batch: Iterable[Article]) -> list[datetime]:
        times = {article.published_at for article in batch if article.published_at}
        return [*times, *self._left]

    def seeds(self) -> list[Node]:
        """Return what may change: the batch, and the rows linked to it or to a row that left."""
        times = [*(node.published_at for node in self.batch), *self._left]
        return [*self.batch, *self._linked(self._hidden | self._gone, times)]

    def linked_to(self, firsts: Collection[Node]) -> list[Node]:
        """Return the rows that are linked to one of `firsts`."""
        if not firsts:
            return []
        times = [node.published_at for node in firsts]
        return list(self._linked({node.id for node in firsts}, times))

    def _linked(self, firsts: Collection[str], times: Iterable[datetime]) -> Iterator[Node]:
        for rows in self._look(times):
            yield from self._read(rows, rows.rows_of(firsts)).values()

    def add(self, nodes: Sequence[Node]) -> None:
        """Find the neighbours of `nodes`: each file is looked up once for all of them."""
        for query, others in self._sharing(nodes, self._index, _times(self.batch)):
            node = nodes[query]
            near = [self.batch[other] for other in others.tolist()]
            self._batch_near[node.id] = [other for other in near if other.id != node.id]
            if node.home:
                for other in near:
                    self._rows_near[other.id][node.id] = node
        for rows in self._look([node.published_at for node in nodes]):
            chosen = {
                query: self._promising(nodes[query], rows, others)
                for query, others in self._sharing(nodes, rows.postings, rows.times)
            }
            read = self._read(rows, np.unique(np.concatenate([*chosen.values(), _NONE])))
            for query, positions in chosen.items():
                self._meet(nodes[query], (read[p] for p in positions.tolist() if p in read))

    def _meet(self, node: Node, rows: Iterable[Node]) -> None:
        """Note that `node` and these rows share keys."""
        for row in rows:
            if row.id != node.id:
                self._rows_near[node.id][row.id] = row
                if node.home:
                    self._rows_near[row.id][node.id] = node

    def _sharing(
        self, nodes: Sequence[Node], postings: Postings, times: Positions
    ) -> Iterator[tuple[int, Positions]]:
        """Yield each node that shares keys with rows of its days, and these, most shared first."""
        limit = timedelta(days=self._options.days) // _MICROSECOND
        for query, others, _ in sharing(postings, [node.keys for node in nodes], ROWS_PER_KEY):
            yield query, others[np.abs(times[others] - nodes[query].rank.time) <= limit]

    def _promising(self, node: Node, rows: RecentRows, others: Positions) -> Positions:
        """Return the rows that `node` may be linked to, or that may be linked to it instead."""
        free = rows.groups.take(others).is_null().to_numpy(zero_copy_only=False)
        later = ~free & (rows.times[others] >= node.rank.time) & (not node.rank.has_no_row)
        return np.concatenate([others[free][:TRIED], others[later][:TRIED]])

    def _read(self, rows: RecentRows, positions: Positions) -> dict[int, Node]:
        """Return the nodes of these rows, but for those that the batch replaces or removes."""
        found = zip(positions.tolist(), rows.ids.take(positions).to_pylist(), strict=True)
        ids = {
            position: id_
            for position, id_ in found
            if id_ not in self._hidden and (rows.home, id_) not in self._gone_rows
        }
        new = [position for position, id_ in ids.items() if id_ not in self._nodes]
        for position, text in zip(new, rows.texts(new) if new else [], strict=True):
            rank = Rank(False, int(rows.times[position]), ids[position])
            linked = rows.groups[position].as_py()
            self._nodes[rank.id] = Node(rank, text or "", rows.home, linked)
        return {position: self._nodes[id_] for position, id_ in ids.items()}

    def node(self, id_: str) -> Node | None:
        """Return the article of this id, if it was met."""
        return self._nodes.get(id_)

    def is_gone(self, id_: str) -> bool:
        """Return whether the row of this id is taken out, and none was met elsewhere."""
        return id_ in self._gone and id_ not in self._nodes

    def near(self, node: Node, wanted: Callable[[Node], bool]) -> list[Node]:
        """Return those that `wanted` chooses and that `node`, which was added, really repeats."""
        rows = filter(wanted, self._rows_near[node.id].values())
        batch = filter(wanted, self._batch_near.get(node.id, []))
        tried = [*rows, *(other for other, _ in zip(batch, range(TRIED), strict=False))]
        return [other for other in tried if self._repeat(node, other)]

    def _repeat(self, one: Node, other: Node) -> bool:
        """Return whether two texts repeat each other; one that is not there repeats none."""
        key = (min(one.id, other.id), max(one.id, other.id))
        if key not in self._repeats:
            there = one.shingles and other.shingles
            self._repeats[key] = bool(
                there and self._options.accepts(overlap(one.shingles, other.shingles))
            )
        return self._repeats[key]


_NONE = np.empty(0, np.int64)


def _times(nodes: Sequence[Node]) -> Positions:
    return np.array([node.rank.time for node in nodes], np.int64)


def _postings(nodes: Sequence[Node]) -> Postings:
    keys = [node.keys for node in nodes]
    flat = np.concatenate([*keys, np.empty(0, np.uint64)])
    return Postings(flat, np.array([len(own) for own in keys], np.int64))
