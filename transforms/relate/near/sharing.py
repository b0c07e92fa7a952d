"""The rows of a day that share keys with some texts, be they published or of the batch.

Limits keep the work small where very many share a key. They hold for a day, not for a file, and
what is earliest counts first: so an article that arrives after all that is dated earlier meets the
same ones, whether they were published before or are part of its batch. (But for those that
`NearOptions.drop` drops: they count in their batch, and are not there for later ones.)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from transforms.output.postings import AnyKeys, Positions
from transforms.output.row_index import GONE, RecentRows, batch_rows


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
    for day, rows in groupby(published, _date):
        yield Day(day, list(rows), left.pop(day, None))
    for day, own in left.items():
        yield Day(day, [], own)


def _date(rows: RecentRows) -> str:
    assert rows.home is not None
    return rows.home.date


def batch_by_date(
    ids: Sequence[str],
    times: Positions,
    keys: Sequence[AnyKeys],
    vectors: Sequence[NDArray[np.int8]] | None = None,
) -> dict[str, RecentRows]:
    """Return articles of a batch, in order of time and id, as rows by their dates."""
    days, starts = np.unique(times // DAY, return_index=True)
    found = {}
    for day, edges in zip(days.tolist(), pairwise([*starts, len(ids)]), strict=True):
        own = slice(*edges)
        more = None if vectors is None else vectors[own]
        found[(_EPOCH + timedelta(days=day)).isoformat()] = batch_rows(
            ids[own], times[own], keys[own], more
        )
    return found


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

DAY = 86_400_000_000
"""Microseconds."""
_EPOCH = date(1970, 1, 1)


def within_days(times: Positions, day: str, days: int) -> slice:
    """Return which of `times`, which are in order, lie at most `days` days from a date.

    >>> within_days(np.array([0, DAY, 2 * DAY - 1, 2 * DAY]), "1970-01-01", 1)
    slice(0, 3, None)
    """
    start = (date.fromisoformat(day) - _EPOCH).days
    low, high = np.searchsorted(times, [(start - days) * DAY, (start + days + 1) * DAY])
    return slice(int(low), int(high))


def sharing(parts: Sequence[RecentRows], texts: Sequence[AnyKeys], limit: int) -> Iterator[Sharing]:
    """Yield each of `texts`, given by its keys, that shares any with a row.

    Args:
        parts: rows, each by time and then by id.
        texts: the keys of each.
        limit: rows looked at per key, of all parts together: the earliest ones, and of the
            published ones the earliest too, where many of the batch are dated before them.
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
    hits = hits.take(np.lexsort((heads, hits.times, hits.positions)))
    is_first = _places(hits.positions) < limit
    published = np.flatnonzero([part.home is not None for part in parts])
    rows = np.flatnonzero(np.isin(hits.parts, published))
    is_first[rows] |= _places(hits.positions[rows]) < limit
    return hits.take(is_first)


def _hits_of_part(number: int, part: RecentRows, keys: AnyKeys, limit: int) -> _Hits:
    positions, rows = part.postings.find(keys, limit + part.gone)
    hits = _Hits(positions, np.full(len(rows), number), rows, part.times[rows])
    if not part.gone:
        return hits
    hits = hits.take(hits.times != GONE)
    return hits.take(_places(hits.positions) < limit)


def _places(positions: Positions) -> Positions:
    """Return for each of `positions`, which are in order, how many equal ones stand before it."""
    return _within(np.unique(positions, return_counts=True)[1])


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
