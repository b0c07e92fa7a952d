"""The last step: publish what the steps before it made, and take out what it replaces."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from transforms.history import keep_replaced
from transforms.ledger import look_up
from transforms.merge import Amendment, Removal, Row
from transforms.publish import publish_partition
from transforms.records import Article, Partition
from transforms.resolve import home_of
from transforms.schema import article_row
from transforms.words import count_words

_Key = tuple[str, int]
"""A `Partition` as Beam codes it deterministically."""


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
