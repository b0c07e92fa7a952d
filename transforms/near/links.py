"""Link near-duplicates to the first article with their text."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from transforms.near.postings import Positions, Postings, sharing
from transforms.near.recent import Columns, RecentRows, index_ids
from transforms.near.signature import Keys, Overlap, overlap, shingles, signature
from transforms.records import Article

COLUMNS = Columns(group="duplicate_of", keys="near_keys")

_MICROSECOND = timedelta(microseconds=1)

_ROWS_PER_KEY = 64
"""Rows that are looked at for one key, the earliest: they are what the others are linked to."""

_TRIED = 8
"""Texts that an article is compared with per file: those that share most keys with it."""


@dataclass(frozen=True)
class NearOptions:
    """What counts as a near-duplicate.

    Attributes:
        days: how far apart the two may be published.
        contained: least part of the shorter text that the other one holds too.
        jaccard: least part of both texts together that they share; keeps out round-ups, which
            hold short articles whole. Both from benchmarks/duplicates.py.
        rewrite: whether an article takes the place of a published one that nearly repeats it and
            is dated later; otherwise the one that was published first stays the first.
    """

    days: int = 3
    contained: float = 0.55
    jaccard: float = 0.25
    rewrite: bool = False

    def accepts(self, shared: Overlap) -> bool:
        """Return whether texts with this overlap nearly repeat each other."""
        return shared.contained >= self.contained and shared.jaccard >= self.jaccard


class Links(NamedTuple):
    """Which article each one nearly repeats.

    Attributes:
        duplicate_of: id of an article of the batch -> id of the first article with its text; that
            one is itself linked to none.
        superseded: id of a published article -> id of the article of the batch that takes its
            place as the first: for its own row, and for the rows linked to it. Only with
            `NearOptions.rewrite`.
    """

    duplicate_of: dict[str, str]
    superseded: dict[str, str]


class _First(NamedTuple):
    """An article that others may be linked to."""

    time: int
    id: str


@dataclass
class _Batch:
    """The articles of a batch in order of time, as an index of its own; and what is found out."""

    articles: list[Article]
    keys: list[Keys]
    rows: RecentRows
    published: list[set[_First]]
    settled: set[str] = field(default_factory=set)


def find_near(
    articles: Iterable[Article],
    known: Iterable[RecentRows],
    options: NearOptions = NearOptions(),
) -> Links:
    """Return which of `articles` nearly repeat each other, or what is `known` to be published.

    An article is compared with those that are linked to none, so that copies of copies cannot lead
    away from the first text, and linked to the earliest of those it repeats. The result does not
    depend on the order of `articles`. A published article that is linked to none stays so.

    Args:
        articles: one per id, with `published_at`; their texts are clean.
        known: from `recent_rows` with `COLUMNS`.
        options: see there.
    """
    batch = _index(sorted(articles, key=lambda a: (microseconds(a.published_at), a.id)))
    own = cache(lambda position: shingles(batch.articles[position].text))
    for rows in known:
        groups = rows.groups_of(article.id for article in batch.articles)
        batch.settled.update(id_ for id_, first in groups.items() if first is None)
        for query, first in _verified(batch, rows, own, options):
            batch.published[query].add(first)
    return _resolve(batch, own, options)


def microseconds(time: datetime | None) -> int:
    """Return `time` as microseconds since 1970."""
    assert time is not None
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


_Shingles = Callable[[int], frozenset[str]]


def _index(ordered: list[Article]) -> _Batch:
    keys = [signature(article.text) for article in ordered]
    flat = np.concatenate([*keys, np.empty(0, np.uint64)])
    ids = pa.array([article.id for article in ordered], pa.string())
    rows = RecentRows(
        ids,
        np.array([microseconds(article.published_at) for article in ordered], np.int64),
        pa.nulls(len(ordered), pa.string()),
        Postings(flat, np.array([len(own) for own in keys], np.int64)),
        lambda positions: [ordered[position].text for position in positions],
        index_ids(ids),
    )
    return _Batch(ordered, keys, rows, [set() for _ in ordered])


def _candidates(batch: _Batch, rows: RecentRows, days: int) -> Iterator[tuple[int, Positions]]:
    """Yield each article that shares keys with `rows`, and these, most shared keys first."""
    limit = timedelta(days=days) // _MICROSECOND
    for query, others, _ in sharing(rows.postings, batch.keys, _ROWS_PER_KEY):
        near = np.abs(batch.rows.times[query] - rows.times[others]) <= limit
        yield query, others[near]


def _verified(
    batch: _Batch, rows: RecentRows, own: _Shingles, options: NearOptions
) -> Iterator[tuple[int, _First]]:
    """Yield each article that really overlaps with an unlinked row, and that row."""
    chosen: list[tuple[int, int]] = []
    for query, others in _candidates(batch, rows, options.days):
        free = others[rows.groups.take(others).is_null().to_numpy(zero_copy_only=False)][:_TRIED]
        chosen += [(query, row) for row in free.tolist()]
    needed = sorted({row for _, row in chosen})
    texts = rows.texts(needed) if needed else []
    theirs = {row: shingles(text or "") for row, text in zip(needed, texts, strict=True)}
    for query, row in chosen:
        id_ = rows.ids[row].as_py()
        if id_ != batch.articles[query].id and _repeats(own(query), theirs[row], options):
            yield query, _First(int(rows.times[row]), id_)


def _repeats(left: frozenset[str], right: frozenset[str], options: NearOptions) -> bool:
    """Return whether two texts repeat each other; one that retention has removed repeats none."""
    return bool(right) and options.accepts(overlap(left, right))


def _resolve(batch: _Batch, own: _Shingles, options: NearOptions) -> Links:
    within = dict(_candidates(batch, batch.rows, options.days))
    links = Links({}, {})
    for position, article in enumerate(batch.articles):
        if article.id in batch.settled:
            continue
        me = _First(int(batch.rows.times[position]), article.id)
        firsts = batch.published[position] | {
            _First(int(batch.rows.times[other]), batch.articles[other].id)
            for other in _unlinked_before(position, within.get(position), batch, links)
            if _repeats(own(position), own(other), options)
        }
        later = {first for first in firsts if options.rewrite and first > me}
        if earlier := firsts - later:
            first = min(earlier).id
            links.duplicate_of[article.id] = links.superseded.get(first, first)
        else:
            for first_id in sorted(first.id for first in later):
                links.superseded.setdefault(first_id, article.id)
    return links


def _unlinked_before(
    position: int, others: Positions | None, batch: _Batch, links: Links
) -> list[int]:
    """Return the earlier articles of the batch to compare with."""
    before: Sequence[int] = [] if others is None else others[others < position].tolist()
    return [o for o in before if batch.articles[o].id not in links.duplicate_of][:_TRIED]
