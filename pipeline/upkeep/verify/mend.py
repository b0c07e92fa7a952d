"""Mend an output: nothing that is done here can lose a row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.lock.lock import OutputLock
from pipeline.manifest import write_manifest
from pipeline.upkeep.verify.alone import MOVED
from pipeline.upkeep.verify.beside_rows import drop_repeated
from pipeline.upkeep.verify.findings import Problem
from pipeline.upkeep.verify.places import Place, arrival, day_of, merged_row, places_of, read_rows
from pipeline.upkeep.verify.published_files import file_at, open_parquet, stray_problems
from pipeline.upkeep.verify.relations import LINK_CODES, mend_links
from transforms.output.days import changing_day, recover
from transforms.output.folders import remove_replaced
from transforms.output.listing import day_files
from transforms.output.merge import Amendment, Row, encode_table, merge_rows
from transforms.output.publish import Changes, Published, publish_files, publish_partition
from transforms.output.storage import join, local_path, remove
from transforms.output.versions import content_of, listed_of
from transforms.records import DayFile, Duplicate, Listed, Partition, bucket_of

COMMAND = "verify --fix"

_REWRITTEN = frozenset({"not_sorted", "no_rows", "wrong_layout", "wrong_revision"})
"""Mended by merging a file's rows again into nothing."""


@dataclass(frozen=True)
class Mender:
    """Mends one output.

    Attributes:
        root: the output.
        buckets: the number of buckets of each day.
        alone: files that are left alone: they cannot be read, or are not as their run left them.
        lock: held on the output; it is checked right before something is replaced.
    """

    root: str
    buckets: Mapping[str, int]
    alone: frozenset[DayFile]
    lock: OutputLock

    def mend(self, problems: Sequence[Problem], accepted: Iterable[str] = ()) -> None:
        """Mend `problems`; what changed is recorded in a manifest, as by a run.

        So are the files at the paths `accepted`, which are well as they are.

        Raises:
            OutputLockedError: another process has taken the lock over; nothing more is mended.
        """
        self.lock.check()
        started = datetime.now(UTC)
        run_id = f"{started:%Y%m%dT%H%M%S.%f}Z-verify"
        write_manifest(self.root, run_id, COMMAND, started, "running")
        by_code: dict[str, list[Problem]] = defaultdict(list)
        for problem in problems:
            by_code[problem.code].append(problem)
        recover(self.root)
        for problem in by_code["leftover"]:
            remove(join(self.root, problem.path))
        ids = {p.id for code in MOVED for p in by_code[code]}
        ids |= self._ids_of_other_buckets(by_code["wrong_bucket"])
        changed = set(accepted)
        for path in {p.path for code in _REWRITTEN for p in by_code[code]}:
            file = file_at(path)
            assert file is not None
            changed |= self._rewrite(file).paths
        changed |= self._move(ids) | self._settle({p.id for p in by_code["duplicate_has_row"]})
        linked = {p.id for code in LINK_CODES for p in by_code[code]}
        self.lock.check()
        changed |= mend_links(self.root, self._files(), linked)
        self.lock.check()
        drop_repeated(self.root, {p.id for p in by_code["dead_letter_twice"]})
        self._remove_empty_folders()
        remove_replaced()
        write_manifest(self.root, run_id, COMMAND, started, "done", changed)

    def _files(self) -> list[DayFile]:
        return [file for file in day_files(self.root) if file not in self.alone]

    def _rewrite(self, file: DayFile) -> Published:
        """Merge a file's rows again: sorted, each id once, with the revision of its versions."""
        rows = sorted(read_rows(self.root, file).to_pylist(), key=arrival)
        merged = merge_rows(None, rows, [Amendment(row["id"]) for row in rows]).table
        content = encode_table(merged) if merged is not None and len(merged) else None
        self.lock.check()
        with changing_day(self.root, file.date) as day:
            day.replace(file, content)
        return Published.of(frozenset(), day)

    def _ids_of_other_buckets(self, problems: Iterable[Problem]) -> set[str]:
        ids = set()
        for day_file in filter(None, (file_at(problem.path) for problem in problems)):
            with open_parquet(self.root, day_file.path) as file:
                for id_ in file.read(["id"])["id"].to_pylist():
                    if self._bucket(id_, day_file.date) != day_file.bucket:
                        ids.add(id_)
        return ids

    def _bucket(self, id_: str, day: str) -> int:
        return bucket_of(id_, self.buckets[day])

    def _move(self, ids: set[str]) -> set[str]:
        """Give each id its one row, in its home; return the paths of the files that changed.

        The row is the one that merging its rows in the order of their arrival leaves. It is
        published before others are removed, as by a run.
        """
        arriving: dict[Partition, list[Row]] = defaultdict(list)
        leaving: dict[DayFile, list[str]] = defaultdict(list)
        twice: set[DayFile] = set()
        taken = {file.partition for file in self.alone}
        for id_, places in places_of(self.root, self._files(), ids).items():
            row = merged_row(places)
            day = day_of(row)
            home = Partition(day, self._bucket(id_, day))
            if home in taken:
                continue
            arriving[home].append(row)
            stays = min((place for place, _ in places if place.partition == home), default=None)
            for other in {place for place, _ in places} - {stays}:
                leaving[other].append(id_)
            if stays and sum(place == stays for place, _ in places) > 1:
                twice.add(stays)
        done = Published()
        for file in twice:
            done = done.plus(self._rewrite(file))
        for home, rows in arriving.items():
            self.lock.check()
            done = done.plus(publish_partition(self.root, home, rows))
        return set(self._leave(leaving, done).paths)

    def _leave(self, leaving: Mapping[DayFile, Iterable[str]], done: Published) -> Published:
        """Remove rows, by the files they lay in before what was `done`."""
        self.lock.check()
        now = {done.now(file): Changes(removals=sorted(ids)) for file, ids in leaving.items()}
        return done.plus(publish_files(self.root, {f: gone for f, gone in now.items() if f}))

    def _settle(self, ids: set[str]) -> set[str]:
        """Leave each of `ids`, rows that others list as duplicates, in one place.

        One that says what its owner says gives way, and what it lists becomes the owner's first;
        one with a headline or text of its own leaves the list. Returns the paths of changed files.
        """
        own = places_of(self.root, self._files(), ids)
        leaving: dict[DayFile, set[str]] = defaultdict(set)
        amendments: dict[DayFile, list[Amendment]] = defaultdict(list)
        for file in self._files() if ids else ():
            for row in read_rows(self.root, file).select(_LINKS).to_pylist():
                for place, alias in _with_rows(row, own):
                    if content_of(alias) == content_of(row):
                        passed_on = tuple(Duplicate(**item) for item in alias["duplicates"])
                        change = Amendment(row["id"], (), (), passed_on, listed_of(alias))
                        leaving[place].add(alias["id"])
                    else:
                        nothing = Listed(alias["id"], None, "", ())
                        seen = {item.id: item for item in listed_of(row)}
                        change = Amendment(row["id"], parted=(seen.get(alias["id"], nothing),))
                    amendments[file].append(change)
        parts = {file: Changes(amendments=changes) for file, changes in amendments.items()}
        self.lock.check()
        return set(self._leave(leaving, publish_files(self.root, parts)).paths)

    def _remove_empty_folders(self) -> None:
        """Remove empty folders, and those that are empty then."""
        while empty := [p for p in stray_problems(self.root) if p.code == "empty_folder"]:
            for problem in empty:
                local_path(join(self.root, problem.path)).rmdir()


_LINKS = ["id", "title", "text_sha256", "duplicates", "listed"]


def _with_rows(owner: Row, own: Mapping[str, list[Place]]) -> list[Place]:
    """Return the rows of the duplicates of `owner`."""
    return [
        (place, alias)
        for item in owner["duplicates"]
        for place, alias in own.get(item["id"], ())
        if alias["id"] != owner["id"]
    ]
