"""Publish rows: find the files of their day, merge by id, replace those files in one step."""

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import pyarrow as pa

from transforms.errors import NewsbeamError
from transforms.output.days import DayChange, changing_day
from transforms.output.file_columns import read_columns
from transforms.output.folders import remove_replaced
from transforms.output.key_index import index_of, key_hashes
from transforms.output.listing import Listing, by_day
from transforms.output.merge import (
    Amendment,
    Merged,
    Row,
    decode_table,
    encode_table,
    merge_rows,
    readable,
)
from transforms.output.storage import join
from transforms.output.store_client import ChangedError
from transforms.records import DayFile, Partition

FILE_ROWS = 1500
"""A file with as many rows takes no new ones: it bounds what a publication rewrites."""
FILE_BYTES = 32 * 2**20
"""Likewise, of its data before compression."""

_ATTEMPTS = 20
"""To change a day, each lost to another writer: more than those can be."""

_Part = tuple[int, DayFile | None, "Changes"]
"""Bucket, file (`None` for a new one), and what is to change in it."""


class Changes(NamedTuple):
    """What is to change in a partition or file: rows merged in, amended, and taken out by id."""

    rows: Sequence[Row] = ()
    amendments: Sequence[Amendment] = ()
    removals: Sequence[str] = ()

    def ids(self) -> set[str]:
        """Return the ids of all rows concerned."""
        ids = {row["id"] for row in self.rows} | {change.id for change in self.amendments}
        return ids | set(self.removals)

    def select(self, ids: Set[str]) -> "Changes":
        """Return the changes to rows with these ids."""
        return Changes(
            [row for row in self.rows if row["id"] in ids],
            [change for change in self.amendments if change.id in ids],
            [id_ for id_ in self.removals if id_ in ids],
        )


class Published(NamedTuple):
    """What a publication changed.

    Attributes:
        ids: of rows.
        created: paths of files under names that were free, below the output.
        changed: paths of files that were replaced under their names, or are gone.
        moved: files that were replaced, and what took their place.
        runs: which runs had written those of the rows that were there.
    """

    ids: frozenset[str] = frozenset()
    created: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    moved: Mapping[DayFile, DayFile | None] = MappingProxyType({})
    runs: Mapping[str, str] = MappingProxyType({})

    @property
    def paths(self) -> frozenset[str]:
        """The paths of all files that came, changed or went."""
        return self.created | self.changed

    def now(self, file: DayFile) -> DayFile | None:
        """Return what took the place of `file`: itself if nothing did, `None` if it is gone."""
        found: DayFile | None = file
        while found is not None and found in self.moved:
            found = self.moved[found]
        return found

    @classmethod
    def of(cls, merged: Iterable[Merged], day: DayChange) -> "Published":
        """Return what came of a day that was changed, given what was merged into its files."""
        parts = list(merged)
        ids = frozenset[str]().union(*(part.changed for part in parts))
        runs = {id_: run for part in parts for id_, run in part.runs.items()}
        return cls(ids, frozenset(day.created), frozenset(day.changed), day.moved, runs)

    def plus(self, other: "Published") -> "Published":
        """Return what both changed."""
        return Published(
            self.ids | other.ids,
            self.created | other.created,
            self.changed | other.changed,
            {**self.moved, **other.moved},
            {**other.runs, **self.runs},
        )


def publish_day(root: str, date: str, changes: Mapping[int, Changes]) -> Published:
    """Merge changes into the day `date` below `root`; they are given by bucket.

    A row stays in its file, so an update rewrites that one; new rows go into the last file that has
    room, or into another. So what is rewritten is bounded, however large the day. A file is only
    rewritten if a row of it changed, and a reader sees all changes to the day at once (`days`).

    A day is replaced only if it is still what was read. In a store that holds for each file, and
    new rows of a day all go into its last one. So of two writers that add the same article, one is
    refused, reads the day again and finds the row.

    Raises:
        NewsbeamError: a file that is there cannot be read.
        OSError: one cannot be written; the day is then as it was, or, in a store, partly changed.
    """
    return _publish(root, date, partial(_by_bucket, changes=changes))


def _publish(root: str, date: str, work: Callable[[Listing], Iterable[_Part]]) -> Published:
    """Change a day, given its files; if another writer comes first, given what they are then."""
    done = Published()
    why: OSError | None = None
    for _ in range(_ATTEMPTS):
        merged: list[Merged] = []
        day: DayChange | None = None
        try:
            with changing_day(root, date) as day:
                for bucket, file, part in work(day.listing):
                    merged.append(_merge_into(root, day, bucket, file, part))
        except (ChangedError, FileNotFoundError) as error:
            # A file may also be gone before it is read: in a store; or on a disk where one that has
            # lost the lock, and does not know it yet, still changes something.
            if day and not day.in_one_step:
                done = done.plus(Published.of(merged, day))
            why = error
        else:
            return done.plus(Published.of(merged, day))
    raise NewsbeamError(
        f"{root}: the day {date} is changed all the time ({why}); what else writes to it?"
    ) from why


def publish_files(root: str, changes: Mapping[DayFile, Changes]) -> Published:
    """Merge changes into these files, day by day, and clean up; see `publish_day`.

    Another writer may have replaced a file meanwhile. Its rows are then amended where they are now;
    none is taken out, as that may be the one that is to stay.
    """
    done = Published()
    for date, files in by_day(sorted(changes)):
        done = done.plus(
            _publish(root, date, partial(_by_place, changes={f: changes[f] for f in files}))
        )
    remove_replaced()
    return done


def _by_bucket(listing: Listing, changes: Mapping[int, Changes]) -> Iterator[_Part]:
    for bucket, part in sorted(changes.items()):
        yield from ((bucket, file, change) for file, change in _by_file(listing, bucket, part))


def _by_place(listing: Listing, changes: Mapping[DayFile, Changes]) -> Iterator[_Part]:
    """Yield changes to files, and of those to files that are gone, the amendments."""
    there = {file: part for file, part in changes.items() if file in listing.files}
    for file in changes.keys() - there.keys():
        left = Changes(amendments=changes[file].amendments)
        for now, part in _by_file(listing, file.bucket, left):
            if now:
                both = [*there.get(now, Changes()).amendments, *part.amendments]
                there[now] = there.get(now, Changes())._replace(amendments=both)
    yield from ((file.bucket, file, part) for file, part in sorted(there.items()))


def publish_partition(
    root: str,
    home: Partition,
    rows: Sequence[Row] = (),
    amendments: Sequence[Amendment] = (),
    removals: Sequence[str] = (),
) -> Published:
    """Merge changes into one partition, and clean up; see `publish_day`."""
    done = publish_day(root, home.date, {home.bucket: Changes(rows, amendments, removals)})
    remove_replaced()
    return done


def _by_file(
    listing: Listing, bucket: int, changes: Changes
) -> Iterator[tuple[DayFile | None, Changes]]:
    """Yield the changes by the file of their rows; `None` stands for a new one."""
    files = [file for file in listing.files if file.bucket == bucket]
    places: dict[str, DayFile | None] = dict(_places(listing, files, changes.ids()))
    if any(row["id"] not in places for row in changes.rows):
        latest = _open_file(listing, files)
        places |= dict.fromkeys(changes.ids() - places.keys(), latest)
    for target in [None, *sorted({file for file in places.values() if file})]:
        ids = {id_ for id_ in changes.ids() if places.get(id_) == target}
        yield target, changes.select(ids)


def _merge_into(
    root: str, day: DayChange, bucket: int, file: DayFile | None, changes: Changes
) -> Merged:
    """Merge changes into one file; return what changed. A file left without rows goes.

    Raises:
        FileNotFoundError: it has gone since it was listed.
    """
    if not any(changes):
        return Merged(None, frozenset())
    table = None
    if file is not None:
        if (content := day.read(file)) is None:
            raise FileNotFoundError(errno.ENOENT, "replaced by another writer", file.path)
        table = decode_table(content, join(root, file.path))
    merged = merge_rows(table, *changes)
    if merged.table is not None:
        content = encode_table(merged.table) if len(merged.table) else None
        if file is not None:
            day.replace(file, content)
        elif content is not None:
            day.add(bucket, content)
    return merged._replace(table=None)


def _places(listing: Listing, files: Iterable[DayFile], ids: set[str]) -> dict[str, DayFile]:
    """Return the file of each of `ids` that has a row: the first, should a fault have made two."""
    wanted = key_hashes(pa.array(sorted(ids), pa.string()))
    places: dict[str, DayFile] = {}
    for file in index_of(listing.root).holders(listing, files, wanted):
        with readable(listing.path(file)):
            here = read_columns(listing.path(file), ["id"], listing.state(file))["id"]
        for id_ in ids.intersection(here.to_pylist()):
            places.setdefault(id_, file)
    return places


def _open_file(listing: Listing, files: Sequence[DayFile]) -> DayFile | None:
    """Return the file that takes new rows: the last that has room, if any has.

    One without rows is about to be removed (`days`), and takes none.
    """
    for file in reversed(files):
        held = index_of(listing.root).facts(listing, file)
        if 0 < held.rows < FILE_ROWS and held.size < FILE_BYTES:
            return file
    return None
