"""The rows of a day that share keys with some texts, be they published or of the batch.

Limits keep the work small where very many share a key. They hold for a day, not for a file, and
what is earliest counts first: so an article that arrives after the others of its day meets the same
ones, whether they were published before or are part of its batch.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from transforms.near.postings import AnyKeys, Positions
from transforms.near.rows import GONE, RecentRows


class Day(NamedTuple):
    """The rows of one date.

    Attributes:
        date: `YYYY-MM-DD`.
        published: of its partitions, one or several of each.
        batch: of the batch; `None` if it has no article of this date.
    """

    date: str
    published: list[RecentRows]
    batch: RecentRows | None

    @property
    def parts(self) -> list[RecentRows]:
        """All of them, the batch last."""
        return [*self.published, *([] if self.batch is None else [self.batch])]


def days_of(published: Iterable[RecentRows], batch: Mapping[str, RecentRows]) -> Iterator[Day]:
    """Yield the days of some rows, one at a time, as all together may not fit into memory.

    Args:
        published: rows, those of a date one after the other.
        batch: those of the batch, by their dates.
    """
    left = dict(batch)
    for date, rows in groupby(published, _date):
        yield Day(date, list(rows), left.pop(date, None))
    for date, own in left.items():
        yield Day(date, [], own)


def _date(rows: RecentRows) -> str:
    assert rows.home is not None
    return rows.home.date


class Sharing(NamedTuple):
    """A text of the query and the rows that share keys with it: most shared first, then earliest.

    Attributes:
        query: the number of the text.
        parts: the number of the part that each row is of.
        rows: the number of each row there.
        times: of each row, as in `RecentRows`.
        shared: how many keys each row shares with the text.
    """

    query: int
    parts: Positions
    rows: Positions
    times: Positions
    shared: Positions


_CHUNK = 512
"""Texts looked up together: bounds the memory of the hits."""


def sharing(parts: Sequence[RecentRows], texts: Sequence[AnyKeys], limit: int) -> Iterator[Sharing]:
    """Yield each of `texts`, given by its keys, that shares any with a row.

    Args:
        parts: rows, each by time and then by id.
        texts: the keys of each.
        limit: rows looked at per key, of all parts together; the earliest ones.
    """
    for chunk in range(0, len(texts), _CHUNK):
        own = texts[chunk : chunk + _CHUNK]
        owners = np.repeat(np.arange(chunk, chunk + len(own)), [len(keys) for keys in own])
        # A name that is in the news stands in many texts: it is looked up once.
        keys, which = np.unique(np.concatenate(own), return_inverse=True)
        hits = _hits(parts, cast(AnyKeys, keys), limit)
        counts = np.bincount(hits.positions, minlength=len(keys))
        starts, taken = np.cumsum(counts) - counts, counts[which]
        places = np.repeat(starts[which], taken) + _within(taken)
        yield from _by_text(np.repeat(owners, taken), hits.take(places), parts)


class _Hits(NamedTuple):
    """For each hit the position of its key in the query, and the row."""

    positions: Positions
    parts: Positions
    rows: Positions
    times: Positions

    def take(self, chosen: Positions | NDArray[np.bool_]) -> "_Hits":
        return _Hits(*(array[chosen] for array in self))


def _hits(parts: Sequence[RecentRows], keys: AnyKeys, limit: int) -> _Hits:
    """Return the first `limit` rows of each of `keys`, in order of the keys."""
    found = [_hits_of_part(number, part, keys, limit) for number, part in enumerate(parts)]
    if len(found) == 1:
        return found[0]
    hits = _Hits(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))
    heads = _heads(parts, hits.parts, hits.rows)
    return _first(hits.take(np.lexsort((heads, hits.times, hits.positions))), limit)


def _hits_of_part(number: int, part: RecentRows, keys: AnyKeys, limit: int) -> _Hits:
    gone = int(np.count_nonzero(part.times == GONE))
    positions, rows = part.postings.find(keys, limit + gone)
    hits = _Hits(positions, np.full(len(rows), number), rows, part.times[rows])
    return _first(hits.take(hits.times != GONE), limit) if gone else hits


def _first(hits: _Hits, limit: int) -> _Hits:
    """Return the first `limit` of `hits`, which are in order, for each key."""
    return hits.take(_within(np.unique(hits.positions, return_counts=True)[1]) < limit)


def _within(counts: Positions) -> Positions:
    """Return the numbers from 0 below each of `counts`, one after the other.

    >>> _within(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _heads(parts: Sequence[RecentRows], numbers: Positions, rows: Positions) -> NDArray[np.uint32]:
    """Return `RecentRows.heads` of rows of several parts."""
    heads = np.empty(len(rows), np.uint32)
    for number, part in enumerate(parts):
        here = numbers == number
        heads[here] = part.heads[rows[here]]
    return heads


def _by_text(owners: Positions, hits: _Hits, parts: Sequence[RecentRows]) -> Iterator[Sharing]:
    """Yield what `sharing` does, given for each hit the number of its text."""
    starts = np.cumsum([0, *(len(part.ids) for part in parts)])
    count = max(int(starts[-1]), 1)
    found, shared = np.unique(owners * count + starts[hits.parts] + hits.rows, return_counts=True)
    queries, places = np.divmod(found, count)
    numbers = np.searchsorted(starts, places, side="right") - 1
    rows = places - starts[numbers]
    times = np.empty(len(rows), np.int64)
    for number, part in enumerate(parts):
        times[numbers == number] = part.times[rows[numbers == number]]
    order = np.lexsort((_heads(parts, numbers, rows), times, -shared, queries))
    queries = queries[order]
    columns = [array[order] for array in (numbers, rows, times, shared)]
    edges = np.flatnonzero(np.diff(queries, prepend=-1, append=-1))
    for start, end in pairwise(edges.tolist()):
        yield Sharing(int(queries[start]), *(column[start:end] for column in columns))
