"""Pass on the articles that need a row, and say what is to change in rows that are published."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from transforms.ledger import look_up
from transforms.merge import Amendment
from transforms.records import Article, Partition
from transforms.resolve import resolve

AMENDMENTS = "amendments"
REMOVALS = "removals"


class DedupeOutputs(NamedTuple):
    """The outputs of `DedupeArticles`."""

    articles: beam.PCollection[Article]
    amendments: beam.PCollection[tuple[Partition, Amendment]]
    removals: beam.PCollection[tuple[Partition, str]]


class _ResolveFn(beam.DoFn):
    def __init__(self, root: str, buckets: int) -> None:
        self._root = root
        self._buckets = buckets
        self._accepted = Metrics.counter("dedupe", "accepted")
        self._unchanged = Metrics.counter("dedupe", "unchanged")
        self._duplicate = Metrics.counter("dedupe", "duplicate")

    def process(self, group: tuple[int, Iterable[Article]]) -> Iterator[Any]:
        articles = list(group[1])
        keys = {key for article in articles for key in (article.id, *article.keys)}
        known = look_up(self._root, keys, {article.text_sha256 for article in articles})
        resolution = resolve(articles, known, self._buckets)
        self._accepted.inc(len(resolution.articles))
        self._unchanged.inc(resolution.unchanged)
        self._duplicate.inc(resolution.duplicate)
        yield from resolution.articles
        yield from (TaggedOutput(AMENDMENTS, change) for change in resolution.amendments)
        yield from (TaggedOutput(REMOVALS, change) for change in resolution.removals)


@dataclass
class DedupeArticles(beam.PTransform):
    """Pass on the articles that need a row: not the published and unchanged, nor the duplicates.

    Bounded input only, as it groups all of it: the articles of one batch meet each other and the
    ledger in one place. Timestamps become the end of the window.
    """

    root: str
    buckets: int

    def expand(self, articles: beam.PCollection[Article]) -> Any:
        """Return `DedupeOutputs`: what to publish, and changes to rows that are published."""
        outputs = (
            articles
            | "as one group" >> beam.Map(lambda article: (0, article))
            | beam.GroupByKey()
            | "resolve"
            >> beam.ParDo(_ResolveFn(self.root, self.buckets)).with_outputs(
                AMENDMENTS, REMOVALS, main="articles"
            )
        )
        return DedupeOutputs(outputs.articles, outputs[AMENDMENTS], outputs[REMOVALS])
