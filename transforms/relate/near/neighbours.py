"""The articles that share keys with some others, in the batch and among the published rows."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

import numpy as np

from transforms.output.postings import Positions
from transforms.output.row_index import Columns, RecentRows
from transforms.output.versions import Precedence, may_be_before, may_be_behind
from transforms.records import Article, Partition
from transforms.relate.near.nodes import NearOptions, Node, Rank, node_of
from transforms.relate.near.same_news import Relation, relation
from transforms.relate.near.sharing import (
    DAY,
    Day,
    Sharing,
    batch_by_date,
    days_of,
    sharing,
    within_days,
)
from transforms.relate.near.signature import overlap

COLUMNS = Columns(group="duplicate_of", keys="near_keys")

Look = Callable[[Iterable[datetime]], Iterable[RecentRows]]
"""Returns the rows published in the days around some times: `recent_rows` with `COLUMNS`."""

ROWS_PER_KEY = 64
"""Rows of a day looked at for one key, the earliest: they are what the others are linked to."""

TRIED = 8
"""Texts of a day that an article is compared with: those that share most keys with it."""


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
        self._look_up, self._options = look, options
        batch = list(articles)
        self._hidden = {article.id for article in batch}
        self._gone = {id_ for _, id_ in left} - self._hidden
        self._gone_rows = frozenset(left)
        self._left = [datetime.fromisoformat(home.date).replace(tzinfo=UTC) for home, _ in left]
        rows = self._published(batch) if options.drop else set()
        nodes = [node_of(article, options.drop and article.id not in rows) for article in batch]
        self.batch = sorted(nodes, key=lambda node: node.rank)
        ordered = sorted(nodes, key=lambda node: (node.time, node.id))
        self._batch_rows = batch_by_date(
            [node.id for node in ordered], _times(ordered), [node.keys for node in ordered]
        )
        self._nodes = {node.id: node for node in self.batch}
        self._near: defaultdict[str, list[list[Node]]] = defaultdict(list)
        self._met: defaultdict[str, dict[str, Node]] = defaultdict(dict)
        self._relations: dict[tuple[str, str], Relation | None] = {}

    def _published(self, batch: Iterable[Article]) -> set[str]:
        """Return the ids of all articles of the batch that have a row, and of all that left one."""
        found = {id_ for _, id_ in self._gone_rows}
        return found.union(
            *(rows.groups_of(self._hidden) for rows in self._look_up(self._times(batch)))
        )

    def _look(self, times: Iterable[datetime]) -> Iterator[RecentRows]:
        """Yield published rows, but for those that the batch replaces or removes."""
        for rows in self._look_up(times):
            gone = [id_ for home, id_ in self._gone_rows if home == rows.home]
            hidden = rows.rows_with([*self._hidden, *gone])
            yield rows.without(hidden) if len(hidden) else rows

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
        ordered = sorted(nodes, key=lambda node: node.time)
        times = _times(ordered)
        for day in days_of(self._look([node.published_at for node in nodes]), self._batch_rows):
            near = ordered[within_days(times, day.date, self._options.days)]
            chosen = [
                self._promising(near[found.query], day, found)
                for found in sharing(day.parts, [node.keys for node in near], ROWS_PER_KEY)
            ]
            read = self._read_day(day, chosen)
            for found in chosen:
                places = zip(found.parts.tolist(), found.rows.tolist(), strict=True)
                self._meet(near[found.query], [read[place] for place in places])

    def _meet(self, node: Node, others: Iterable[Node]) -> None:
        """Note that `node` and these articles of a day share keys, those first that share most."""
        near = [other for other in others if other.id != node.id]
        self._near[node.id].append(near)
        if node.home:
            for other in near:
                self._met[other.id][node.id] = node

    def _promising(self, node: Node, day: Day, found: Sharing) -> Sharing:
        """Return the articles that `node` may be linked to, or that may be linked to it instead.

        Of the batch all are kept, as their links are not known yet.
        """
        place, has_no_row = node.rank.precedence, node.rank.has_no_row
        near = np.abs(found.times - node.time) <= self._options.days * DAY
        in_batch = found.parts == len(day.published)
        if in_batch.all():
            return Sharing(found.query, *(column[near] for column in found[1:]))
        free, guessed = np.ones(len(near), np.bool_), np.zeros(len(near), np.bool_)
        for number in np.unique(found.parts[~in_batch]).tolist():
            here = found.parts == number
            rows = day.published[number]
            groups = rows.groups.take(found.rows[here])
            free[here] = groups.is_null().to_numpy(zero_copy_only=False)
            guessed[here] = ~rows.stated[found.rows[here]]
        earlier = has_no_row | may_be_before(place, guessed, found.times)
        later = (not has_no_row) & may_be_behind(place, guessed, found.times)
        kept = near & in_batch
        for wanted in (free & earlier, free & later, ~free & later):
            kept[np.flatnonzero(near & ~in_batch & wanted)[:TRIED]] = True
        return Sharing(found.query, *(column[kept] for column in found[1:]))

    def _read_day(self, day: Day, chosen: Sequence[Sharing]) -> dict[tuple[int, int], Node]:
        """Return the nodes of what was chosen of a day, by the numbers of part and row."""
        read: dict[tuple[int, int], Node] = {}
        parts = np.concatenate([_NONE, *(found.parts for found in chosen)])
        rows = np.concatenate([_NONE, *(found.rows for found in chosen)])
        for number in np.unique(parts[parts < len(day.published)]).tolist():
            here = self._read(day.published[number], np.unique(rows[parts == number]))
            read |= {(number, row): node for row, node in here.items()}
        if day.batch:
            number = len(day.published)
            read |= {
                (number, row): self._nodes[id_] for row, id_ in enumerate(day.batch.ids.to_pylist())
            }
        return read

    def _read(self, rows: RecentRows, positions: Positions) -> dict[int, Node]:
        """Return the nodes of these rows."""
        ids = dict(zip(positions.tolist(), rows.ids.take(positions).to_pylist(), strict=True))
        new = [position for position, id_ in ids.items() if id_ not in self._nodes]
        for position, text in zip(new, rows.texts(new) if new else [], strict=True):
            id_ = ids[position]
            place = Precedence(not rows.stated[position], int(rows.times[position]), id_)
            linked = rows.groups[position].as_py()
            self._nodes[id_] = Node(Rank(False, place), text or "", rows.home, linked)
        return {position: self._nodes[id_] for position, id_ in ids.items()}

    def node(self, id_: str) -> Node | None:
        """Return the article of this id, if it was met."""
        return self._nodes.get(id_)

    def is_gone(self, id_: str) -> bool:
        """Return whether the row of this id is taken out, and none was met elsewhere."""
        return id_ in self._gone and id_ not in self._nodes

    def near(self, node: Node, wanted: Callable[[Node], bool]) -> list[Node]:
        """Return those that `wanted` chooses and that `node`, which was added, really repeats."""
        tried = list(filter(wanted, self._met[node.id].values()))
        for others in self._near[node.id]:
            chosen = [other for other in others if wanted(other)]
            tried += islice((other for other in chosen if not other.linked), TRIED)
            tried += islice((other for other in chosen if other.linked), TRIED)
        return [other for other in tried if self._repeat(node, other)]

    def _repeat(self, one: Node, other: Node) -> bool:
        """Return whether the later text repeats the earlier one; one without text repeats none."""
        first, later = (one, other) if one.rank < other.rank else (other, one)
        key = (first.id, later.id)
        if key not in self._relations:
            self._relations[key] = self._relation(first, later)
        return self._relations[key] == Relation.REPEATS

    def _relation(self, first: Node, later: Node) -> Relation | None:
        there = first.shingles and later.shingles
        if not there or not self._options.accepts(overlap(first.shingles, later.shingles)):
            return None
        return relation(first.telling, later.telling, is_later=later.time > first.time)

    def apart(self) -> frozenset[tuple[str, str]]:
        """Return the pairs of ids, the smaller first, that overlap and are on different events."""
        pairs = self._relations.items()
        return frozenset((min(pair), max(pair)) for pair, is_ in pairs if is_ == Relation.APART)


_NONE = np.empty(0, np.int64)


def _times(nodes: Sequence[Node]) -> Positions:
    return np.array([node.time for node in nodes], np.int64)
