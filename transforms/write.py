"""The last step: publish what the steps before it made, and take out what it replaces."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics

from transforms.output.folders import remove_replaced
from transforms.output.history import full_rows, keep_replaced
from transforms.output.ledger import Known, look_up
from transforms.output.merge import Amendment, Removal, Row, merge_versions
from transforms.output.publish import Changes, Published, publish_day
from transforms.output.schema import article_row
from transforms.output.storage import is_local
from transforms.records import Article, Partition, home_of

_Key = tuple[str, int]
"""A date, and a bucket where buckets can be written side by side, else `_DAY`."""
_DAY = -1

_Change = Row | Amendment | Removal


class _Move(NamedTuple):
    """The row of an older version, which brings a better date to a newer one at `origin`."""

    row: Row
    origin: Partition


def _key(home: Partition, root: str) -> _Key:
    """Return what groups the changes that one writer has to publish (see `days`)."""
    return home.date, _DAY if is_local(root) else home.bucket


class _PublishFn(beam.DoFn):
    """Publish the changes to days; yields those that changed."""

    def __init__(self, root: str, keep_replaced: bool = False) -> None:
        self._root = root
        self._keep_replaced = keep_replaced
        self._written = Metrics.counter("write", "written")
        self._unchanged = Metrics.counter("write", "unchanged")

    def process(self, group: tuple[_Key, Iterable[tuple[int, _Change | _Move]]]) -> Iterator[str]:
        date = group[0][0]
        changes = _by_bucket((bucket, self._standing(change)) for bucket, change in group[1])
        rows = [row for part in changes.values() for row in part.rows]
        if self._keep_replaced:
            keep_replaced(self._root, rows)
        done = publish_day(self._root, date, changes)
        written = sum(row["id"] in done.ids for row in rows)
        self._written.inc(written)
        for row in rows:
            if row["feed"] and row["id"] in done.ids:
                Metrics.counter("feeds", row["feed"]).inc()
        self._unchanged.inc(len(rows) - written)
        _note(done)
        if done.ids:
            yield date

    def _standing(self, change: _Change | _Move) -> _Change:
        if not isinstance(change, _Move):
            return change
        old = full_rows(self._root, change.origin, change.row["id"])
        if not old:
            return change.row
        return merge_versions(old[0], change.row) | {"duplicate_of": change.row["duplicate_of"]}

    def finish_bundle(self) -> None:
        remove_replaced()


class _CompleteFn(beam.DoFn):
    """Take out of a day what has come elsewhere: rows, and mentions of articles as duplicates."""

    def __init__(self, root: str) -> None:
        self._root = root

    def process(
        self, group: tuple[_Key, Iterable[tuple[int, Amendment | Removal]]]
    ) -> Iterator[str]:
        date, changes = group[0][0], list(group[1])
        awaited = {id_ for _, change in changes for id_ in look_for(change)}
        known: dict[str, list[Known]] = defaultdict(list)
        for item in look_up(self._root, awaited, set()):
            for id_ in awaited & {item.row["id"], *(d["id"] for d in item.row["duplicates"])}:
                known[id_].append(item)
        due = [
            (bucket, change)
            for bucket, change in changes
            if is_due(
                change,
                Partition(date, bucket),
                [item for id_ in look_for(change) for item in known[id_]],
            )
        ]
        _note(publish_day(self._root, date, _by_bucket(due)))
        yield date

    def finish_bundle(self) -> None:
        remove_replaced()


def look_for(change: Amendment | Removal) -> list[str]:
    """Return the ids of which there must be a row before `change`."""
    if isinstance(change, Amendment):
        return [item.id for item in change.parted]
    return [] if change.successor is None else [change.successor]


def is_due(change: Amendment | Removal, home: Partition, known: Sequence[Known]) -> bool:
    """Return whether what `change` waits for has come.

    Args:
        change: to a row.
        home: the partition of the row.
        known: the published rows that have an id that `look_for` names, or list it.
    """
    others = [item.row for item in known if (item.home, item.row["id"]) != (home, change.id)]
    ids = {row["id"] for row in others}
    listed = {(row["id"], item["id"]) for row in others for item in row["duplicates"]}
    if isinstance(change, Amendment):  # what parts may have become another one's duplicate
        return (ids | {id_ for _, id_ in listed}).issuperset(look_for(change))
    if change.successor in {None, change.id}:
        return change.successor is None or change.id in ids
    return (change.successor, change.id) in listed  # an older row of the successor does not count


def _by_bucket(changes: Iterable[tuple[int, _Change]]) -> dict[int, Changes]:
    """Return changes to rows by their bucket."""
    parts: dict[int, tuple[list[Row], list[Amendment], list[str]]] = {}
    for bucket, change in changes:
        rows, amendments, removals = parts.setdefault(bucket, ([], [], []))
        if isinstance(change, Amendment):
            amendments.append(change)
        elif isinstance(change, Removal):
            removals.append(change.id)
        else:
            rows.append(change)
    return {bucket: Changes(*part) for bucket, part in parts.items()}


def _waits(change: tuple[Partition, Amendment | Removal], _: int) -> int:
    return int(bool(look_for(change[1])))


def _note(done: Published) -> None:
    """Tell the manifest which files came, and which changed or went."""
    for path in done.created:
        Metrics.string_set("write", "created").add(path)
    for path in done.changed:
        Metrics.string_set("write", "changed").add(path)


def _keyed_row(
    article: Article, root: str, buckets: int, run_id: str
) -> tuple[_Key, tuple[int, Any]]:
    home = home_of(article, buckets)
    row = article_row(article, run_id)
    change = row if article.origin is None else _Move(row, article.origin)
    return _key(home, root), (home.bucket, change)


def _keyed(change: tuple[Partition, Any], root: str) -> tuple[_Key, tuple[int, Any]]:
    home, what = change
    return _key(home, root), (home.bucket, what)


@dataclass
class WriteArticles(beam.PTransform):
    """Publish the rows of articles, and the changes that `RelateArticles` passes on.

    New links to an article are published before it: where a crash comes in between, the next run
    reads the article again.

    A row that moves to another day, or gives way to another article, is removed after that was
    published, and only if it was: nothing is lost by a crash in between, which the next run mends,
    nor where what comes in its place is rejected on the way. Likewise, an article leaves the
    duplicates of another once it has its own row.

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

    def expand(self, changes: Any) -> beam.PCollection[str]:
        """Return the days that changed, given `RelateOutputs`."""
        keyed = tuple[_Key, tuple[int, Any]]
        linked = (
            changes.links
            | "links" >> beam.Map(_keyed, self.root).with_output_types(keyed)
            | "by linked day" >> beam.GroupByKey()
            | "link" >> beam.ParDo(_PublishFn(self.root))
        )
        rows = changes.articles | "rows" >> beam.Map(
            _keyed_row, self.root, self.buckets, self.run_id
        ).with_output_types(keyed)
        others = (changes.amendments, changes.removals) | "others" >> beam.Flatten()
        # In one step with what may come in their place: a newer version of what was taken back.
        at_once, afterwards = others | "when" >> beam.Partition(_waits, 2)
        at_once = at_once | "changes" >> beam.Map(_keyed, self.root).with_output_types(keyed)
        published = (
            (rows, at_once)
            | beam.Flatten()
            | beam.GroupByKey()
            | "after the links" >> beam.WaitOn(linked)
            | "publish" >> beam.ParDo(_PublishFn(self.root, self.keep_replaced))
        )
        completed = (
            afterwards
            | "last changes" >> beam.Map(_keyed, self.root).with_output_types(keyed)
            | "by old day" >> beam.GroupByKey()
            | "after the rows" >> beam.WaitOn(published)
            | "complete" >> beam.ParDo(_CompleteFn(self.root))
        )
        return (linked, published, completed) | "replaced" >> beam.Flatten()
