"""Publish rows and dead letters: read the partition, merge by id, replace its file atomically."""

import base64
import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

from transforms.errors import NewsbeamError
from transforms.filecache import FileCache
from transforms.history import keep_replaced
from transforms.ledger import day_files, key_index, look_up
from transforms.merge import Amendment, Removal, Row, decode_table, encode_table, merge_rows
from transforms.records import Article, DayFile, DeadLetter, Partition
from transforms.resolve import home_of
from transforms.schema import article_row
from transforms.storage import join, list_files, publish, read_bytes, remove
from transforms.words import count_words

FILE_ROWS = 1500
"""A file with as many rows takes no new ones: it bounds what a publication rewrites."""
FILE_BYTES = 32 * 2**20
"""Likewise, of its data before compression."""

LETTERS_CACHE_BYTES = 100_000_000
"""Of ids of dead letters kept in memory per process, at most: about 700,000."""

_Key = tuple[str, int]
"""A `Partition` as Beam codes it deterministically."""


class Published(NamedTuple):
    """What a publication changed: the ids of rows, and the paths of files below the output."""

    ids: frozenset[str]
    paths: tuple[str, ...]


def publish_partition(
    root: str,
    home: Partition,
    rows: Sequence[Row] = (),
    amendments: Sequence[Amendment] = (),
    removals: Sequence[str] = (),
) -> Published:
    """Merge changes into the partition `home` below `root`.

    A row stays in the file that it was first published in, so an update rewrites that file; new
    rows go into the last one, or into another once that is full. So what is rewritten is bounded,
    however large the day. Each file is replaced in one step, and only if a row of it changed.

    Raises:
        NewsbeamError: a file that is there cannot be read.
        OSError: one cannot be written; it is then as it was.
    """
    files = day_files(root, home)
    ids = {row["id"] for row in rows} | {a.id for a in amendments} | set(removals)
    place = _places(root, files, ids)
    latest = _open_file(root, files, home)
    changed: frozenset[str] = frozenset()
    paths = []
    for file in sorted({*place.values(), latest}):
        ids_changed = publish_file(
            root,
            file,
            [row for row in rows if place.get(row["id"], latest) == file],
            [change for change in amendments if place.get(change.id, latest) == file],
            [id_ for id_ in removals if place.get(id_) == file],
        )
        if ids_changed:
            changed |= ids_changed
            paths.append(file.path)
    return Published(changed, tuple(paths))


def publish_file(
    root: str,
    file: DayFile,
    rows: Sequence[Row] = (),
    amendments: Sequence[Amendment] = (),
    removals: Sequence[str] = (),
) -> frozenset[str]:
    """Merge changes into one file; return the ids of changed rows. See `publish_partition`.

    A file that is left without rows is removed.
    """
    if not (rows or amendments or removals):
        return frozenset()
    path = join(root, file.path)
    with _readable(path):
        content = read_bytes(path)
        table = None if content is None else decode_table(content)
        merged = merge_rows(table, rows, amendments, removals)
    if merged.table is not None:
        if len(merged.table):
            publish(path, encode_table(merged.table))
        else:
            remove(path)
    return merged.changed


def _places(root: str, files: Iterable[DayFile], ids: set[str]) -> dict[str, DayFile]:
    """Return the file of each of `ids` that has a row: the first, should a fault have made two."""
    wanted = pa.array(sorted(ids), pa.string())
    places: dict[str, DayFile] = {}
    for file in files:
        with _readable(join(root, file.path)):
            here = key_index(root, file).ids
        for id_ in here.filter(pc.is_in(here, wanted)).to_pylist():
            places.setdefault(id_, file)
    return places


def _open_file(root: str, files: Sequence[DayFile], home: Partition) -> DayFile:
    """Return the file that takes new rows."""
    if not files:
        return DayFile(*home, 0)
    last = key_index(root, files[-1])
    is_full = len(last.ids) >= FILE_ROWS or last.file_bytes >= FILE_BYTES
    return files[-1]._replace(number=files[-1].number + 1) if is_full else files[-1]


@contextlib.contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except pa.ArrowInvalid as error:
        raise NewsbeamError(
            f"{path} cannot be merged into: {error}. Move it out of the output and run again."
        ) from error


class _PublishFn(beam.DoFn):
    """Publish the changes to one partition; yields it. What has to be there first is `before`."""

    def __init__(self, root: str, keep_replaced: bool = False) -> None:
        self._root = root
        self._keep_replaced = keep_replaced
        self._written = Metrics.counter("write", "written")
        self._unchanged = Metrics.counter("write", "unchanged")

    def process(
        self,
        group: tuple[_Key, Iterable[Row | Amendment | Removal]],
        before: Iterable[Partition] = (),
    ) -> Iterator[Partition]:
        del before
        home, changes = Partition(*group[0]), list(group[1])
        amendments = [change for change in changes if isinstance(change, Amendment)]
        removals = [change.id for change in changes if isinstance(change, Removal)]
        rows = [change for change in changes if not isinstance(change, Amendment | Removal)]
        if self._keep_replaced:
            keep_replaced(self._root, rows)
        changed, paths = publish_partition(self._root, home, rows, amendments, removals)
        written = sum(row["id"] in changed for row in rows)
        self._written.inc(written)
        for row in rows:
            if row["feed"] and row["id"] in changed:
                Metrics.counter("feeds", row["feed"]).inc()
        self._unchanged.inc(len(rows) - written)
        _note(paths)
        if changed:
            yield home


def _remove_rows(
    group: tuple[_Key, Iterable[Removal]], published: Iterable[Partition], root: str
) -> Partition:
    """Take rows out of a partition whose successors are there; `published` says that all are."""
    del published
    home, removals = Partition(*group[0]), list(group[1])
    successors = {removal.successor for removal in removals if removal.successor}
    rows = {(known.home, known.row["id"]) for known in look_up(root, successors, set())}
    gone = [
        removal.id
        for removal in removals
        if any(id_ == removal.successor and (at, id_) != (home, removal.id) for at, id_ in rows)
    ]
    _note(publish_partition(root, home, removals=gone).paths)
    return home


def _has_successor(change: tuple[Partition, Removal]) -> bool:
    return change[1].successor is not None


def _is_final(change: tuple[Partition, Removal]) -> bool:
    return change[1].successor is None


def _note(paths: Iterable[str]) -> None:
    """Tell the manifest which files were replaced."""
    for path in paths:
        Metrics.string_set("write", "published").add(path)


def _keyed_row(article: Article, buckets: int, run_id: str) -> tuple[_Key, Any]:
    home = home_of(article, buckets)
    return (home.date, home.bucket), article_row(article, run_id, count_words(article.text))


def _keyed(change: tuple[Partition, Any]) -> tuple[_Key, Any]:
    home, what = change
    return (home.date, home.bucket), what


@dataclass
class WriteArticles(beam.PTransform):
    """Publish the rows of articles, and the changes that `RelateArticles` passes on.

    New links to an article are published before it: where a crash comes in between, the next run
    reads the article again.

    A row that moves to another day, or gives way to another article, is removed after that was
    published, and only if it was: nothing is lost by a crash in between, which the next run mends,
    nor where what comes in its place is rejected on the way.

    Bounded input only. Timestamps are lost.

    Attributes:
        root: the output.
        buckets: per day.
        run_id: the run that writes.
        keep_replaced: whether replaced versions are kept (see `history`).
    """

    root: str
    buckets: int
    run_id: str
    keep_replaced: bool = False

    def expand(self, changes: Any) -> beam.PCollection[Partition]:
        """Return the partitions whose file was replaced, given `RelateOutputs`."""
        linked = (
            changes.links
            | "links" >> beam.Map(_keyed).with_output_types(tuple[_Key, Any])
            | "by linked partition" >> beam.GroupByKey()
            | "link" >> beam.ParDo(_PublishFn(self.root))
        )
        rows = changes.articles | "rows" >> beam.Map(
            _keyed_row, self.buckets, self.run_id
        ).with_output_types(tuple[_Key, Any])
        amendments = changes.amendments | "amendments" >> beam.Map(_keyed).with_output_types(
            tuple[_Key, Any]
        )
        # In one step with what may come in their place: a newer version of what was taken back.
        final = (
            changes.removals
            | beam.Filter(_is_final)
            | "taken back" >> beam.Map(_keyed).with_output_types(tuple[_Key, Any])
        )
        published = (
            (rows, amendments, final)
            | beam.Flatten()
            | beam.GroupByKey()
            | "publish"
            >> beam.ParDo(_PublishFn(self.root, self.keep_replaced), beam.pvalue.AsIter(linked))
        )
        left = (
            changes.removals
            | "replaced elsewhere" >> beam.Filter(_has_successor)
            | "removals" >> beam.Map(_keyed).with_output_types(tuple[_Key, Any])
            | "by old partition" >> beam.GroupByKey()
            | "remove" >> beam.Map(_remove_rows, beam.pvalue.AsIter(published), self.root)
        )
        return (linked, published, left) | "replaced" >> beam.Flatten()


def dead_letter_record(letter: DeadLetter, run_id: str) -> dict[str, Any]:
    """Return `letter` as the object that one line of `_rejected/` holds.

    The payload stands in `payload` if it is UTF-8, else in `payload_base64`.
    """
    try:
        payload = {"payload": letter.payload.decode()}
    except UnicodeDecodeError:
        payload = {"payload_base64": base64.b64encode(letter.payload).decode()}
    return {
        "id": letter.id,  # first, so that `_known_letters` need not parse the line
        "step": letter.step,
        "reason": letter.reason,
        "detail": letter.detail,
        "uri": letter.uri,
        "line": letter.line,
        "media_type": letter.media_type,
        "fetched_at": letter.fetched_at.isoformat(),
        "run_id": run_id,
        **payload,
    }


def publish_dead_letters(
    root: str, day: str, run_id: str, letters: Iterable[DeadLetter]
) -> str | None:
    """Publish the letters that are not in `_rejected/` yet as one file; return its path.

    Its name is made from their ids, so a bundle that is tried again replaces its own file.
    """
    unique = {letter.id: letter for letter in letters}
    for id_ in _known_letters(root):
        unique.pop(id_, None)
    if not unique:
        return None
    ids = sorted(unique)
    name = hashlib.sha256("".join(ids).encode()).hexdigest()[:16]
    lines = (json.dumps(dead_letter_record(unique[i], run_id), ensure_ascii=False) for i in ids)
    path = join(root, f"_rejected/date={day}/part-{name}.jsonl")
    publish(path, "".join(f"{line}\n" for line in lines).encode())
    return path


class _LetterIds(frozenset[str]):
    """The ids of the dead letters of one file."""

    @property
    def nbytes(self) -> int:
        return 150 * len(self)  # a string of 32 characters and its place in a set


_letter_ids: FileCache[_LetterIds] = FileCache(LETTERS_CACHE_BYTES)


def _known_letters(root: str) -> Iterator[str]:
    for path in list_files(join(root, "_rejected/date=*/part-*.jsonl")):
        yield from _letter_ids.get(path, None, partial(_read_letter_ids, path)) or ()


def _read_letter_ids(path: str) -> _LetterIds:
    lines = (read_bytes(path) or b"").split(b"\n")
    return _LetterIds(line[:64].decode(errors="replace").split('"')[3] for line in lines if line)


class _PublishLettersFn(beam.DoFn):
    def __init__(self, root: str, day: str, run_id: str) -> None:
        self._settings = root, day, run_id

    def process(self, group: tuple[int, Iterable[DeadLetter]]) -> Iterator[str]:
        letters = list(group[1])
        for letter in letters:
            Metrics.counter("rejected", f"{letter.step}.{letter.reason}").inc()
        if path := publish_dead_letters(*self._settings, letters):
            yield path


@dataclass
class WriteDeadLetters(beam.PTransform):
    """Publish dead letters under `_rejected/` by the day of the run; counts step and reason.

    Bounded input only. Timestamps are lost.
    """

    root: str
    day: str
    run_id: str

    def expand(self, letters: beam.PCollection[DeadLetter]) -> beam.PCollection[str]:
        """Return the paths of the files that were published."""
        return (
            letters
            | "as one group" >> beam.Map(lambda letter: (0, letter))
            | beam.GroupByKey()
            | "publish" >> beam.ParDo(_PublishLettersFn(self.root, self.day, self.run_id))
        )
