"""The rows published in the days around a batch, as far as near-duplicates and stories need them.

What was read of a file stays in memory, up to a limit, until the file changes: a stream then reads
a day again only where it wrote. The small files of a day are merged in memory in groups, so that a
look-up does not go through each of them.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from threading import Lock

import numpy as np

from transforms.output.file_columns import open_file
from transforms.output.filecache import FileCache
from transforms.output.listing import Listing
from transforms.output.postings import Positions
from transforms.output.row_index import Columns, Origin, RecentRows, from_table, merge
from transforms.output.storage import FileState
from transforms.records import DayFile, Partition

CACHE_BYTES = 1_000_000_000
"""Kept in memory per process, at most, without what lies on the disk. If all is in memory: about 3
million rows' signatures, or 1.3 million stories."""

GROUP_FILES = 256
"""Files of a partition that are merged in memory."""

LOOSE_FILES = 4
"""Of those, the ones looked up by themselves, as they have changed, before all are merged anew."""


_Group = tuple[Partition, int]
"""Neighbouring files of a partition: which ones."""


def recent_rows(
    listing: Listing, times: Iterable[datetime], days: int, columns: Columns
) -> Iterator[RecentRows]:
    """Yield the rows of the files that lie within `days` of one of `times`.

    Files written before the columns existed are passed over.
    """
    dates = {time.date() for time in times}
    span = range(-days, days + 1)
    wanted = {(date + timedelta(days=day)).isoformat() for date in dates for day in span}
    _files.keep(listing.root, {listing.path(file) for file in listing.files})
    _groups.keep(listing.root, {_group(file) for file in listing.files})
    files = [file for file in listing.files if file.date in wanted]
    for key, group in groupby(files, _group):
        here = list(group)
        homes = {listing.path(file): file.partition for file in here}
        states = {listing.path(file): listing.state(file) for file in here}
        yield from _groups.get((listing.root, key), homes, states, columns)


def _group(file: DayFile) -> _Group:
    return file.partition, file.number // GROUP_FILES


@dataclass
class _Merged:
    """Files that were merged.

    Attributes:
        states: of each path.
        rows: of all of them; `None` if there are none.
        paths: of the files that the rows come from.
        origin: of each row the number of its path, and of the row in that file.
    """

    states: dict[str, FileState]
    rows: RecentRows | None
    paths: list[str]
    origin: Origin

    def current(self, states: dict[str, FileState]) -> list[RecentRows]:
        """Return the rows but for those of files that have changed since, or are gone."""
        if self.rows is None:
            return []
        stale = [n for n, path in enumerate(self.paths) if states.get(path) != self.states[path]]
        if not stale:
            return [self.rows]
        rows = self.rows.without(np.isin(self.origin.parts, stale))
        return [rows] if rows.gone < len(rows.ids) else []

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        arrays = sum(int(array.nbytes) for array in self.origin)
        return arrays + (self.rows.nbytes if self.rows else 0)


_NOTHING = _Merged({}, None, [], Origin(np.empty(0, np.int64), np.empty(0, np.int64)))


@dataclass
class _Groups:
    """Merged files, the least recently used dropped first."""

    limit: int
    held: OrderedDict[tuple[str, _Group, Columns], _Merged] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(
        self,
        key: tuple[str, _Group],
        homes: dict[str, Partition],
        states: dict[str, FileState],
        columns: Columns,
    ) -> list[RecentRows]:
        """Return the rows of some files: merged, and beside that those of the ones that changed.

        Args:
            key: of the output, and of a group of its files.
            homes: the files' paths, and their partitions.
            states: of the files.
            columns: those to read.
        """
        with self.lock:
            merged = self.held.pop((*key, columns), _NOTHING)
            loose = [path for path in homes if merged.states.get(path) != states[path]]
            parts = _load_all(loose, homes, states, columns)
            if len(loose) > LOOSE_FILES:
                merged, parts = _merge(merged, parts, states), {}
                for path in loose:
                    _files.forget(path, columns)
            self._hold((*key, columns), merged)
        return [*merged.current(states), *parts.values()]

    def keep(self, root: str, groups: Collection[_Group]) -> None:
        """Drop the other groups of the output `root`: their files are gone."""
        with self.lock:
            for key in [key for key in self.held if key[0] == root and key[1] not in groups]:
                del self.held[key]

    def _hold(self, key: tuple[str, _Group, Columns], merged: _Merged) -> None:
        self.held[key] = merged
        size = sum(one.nbytes for one in self.held.values())
        while size > self.limit:
            size -= self.held.popitem(last=False)[1].nbytes


_files: FileCache[RecentRows] = FileCache(CACHE_BYTES)
_groups = _Groups(CACHE_BYTES)


def _merge(merged: _Merged, parts: dict[str, RecentRows], states: dict[str, FileState]) -> _Merged:
    """Return what is current of `merged`, and `parts`, as one."""
    before = merged.current(states)
    if not before and not parts:
        return replace(_NOTHING, states=states)
    rows, origin = merge([*before, *parts.values()])
    rows = rows.spill()
    paths = [*(merged.paths if before else ()), *parts]
    shift = len(paths) - len(parts) - len(before)
    owners, within = origin.parts + shift, origin.rows
    if before:
        old = origin.parts == 0
        owners[old] = merged.origin.parts[within[old]]
        within[old] = merged.origin.rows[within[old]]
    kept, owners = np.unique(owners, return_inverse=True)
    paths = [paths[number] for number in kept]
    texts = partial(_read_texts, paths, owners, within)
    return _Merged(states, replace(rows, texts=texts), paths, Origin(owners, within))


def _read_texts(
    paths: Sequence[str], owners: Positions, within: Positions, rows: Sequence[int]
) -> list[str | None]:
    wanted = np.asarray(rows, np.int64)
    found: dict[int, str | None] = {}
    for number in np.unique(owners[wanted]).tolist():
        here = wanted[owners[wanted] == number]
        texts = read_texts(paths[number], within[here].tolist())
        found.update(zip(here.tolist(), texts, strict=True))
    return [found[row] for row in wanted.tolist()]


def _load_all(
    paths: Iterable[str],
    homes: dict[str, Partition],
    states: dict[str, FileState],
    columns: Columns,
) -> dict[str, RecentRows]:
    """Return the rows of files, without those that lack the columns."""
    loaded = {
        path: _files.get(
            path, columns, partial(_load, path, homes[path], states[path], columns), states[path]
        )
        for path in paths
    }
    return {path: rows for path, rows in loaded.items() if rows is not None}


def read_texts(path: str, rows: Sequence[int]) -> list[str | None]:
    """Return the texts of these rows of a file, reading only the row groups they lie in."""
    file = open_file(path)
    wanted = np.asarray(rows, np.int64)
    ends = np.cumsum([file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)])
    groups = np.searchsorted(ends, wanted, side="right")
    texts: dict[int, str | None] = {}
    for group in np.unique(groups):
        start = int(ends[group]) - file.metadata.row_group(int(group)).num_rows
        here = wanted[groups == group]
        column = file.read_row_group(int(group), columns=["text"])["text"]
        texts.update(zip(here.tolist(), column.take(here - start).to_pylist(), strict=True))
    return [texts[row] for row in wanted.tolist()]


def _load(path: str, home: Partition, state: FileState, columns: Columns) -> RecentRows | None:
    file = open_file(path, state)
    if not set(columns.names) <= set(file.schema_arrow.names):
        return None
    table = file.read(columns=columns.names).combine_chunks()
    return from_table(table, columns, partial(read_texts, path), home)
