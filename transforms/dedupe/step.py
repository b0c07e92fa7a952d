"""Pass on the articles that need a row, and say what is to change in rows that are published."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.deadletter import REJECTED, SplitDeadLetters
from transforms.dedupe.resolve import resolve
from transforms.dedupe.withdraw import remember, take_back
from transforms.one_group import AsOneGroup
from transforms.output.ledger import look_up
from transforms.output.merge import Amendment, Removal
from transforms.output.withheld import EXPIRED, FORGOTTEN, load_forgotten, part_withheld
from transforms.records import Article, Partition, Withdrawal, dead_letter

STEP = "dedupe"
WITHDRAWN = "withdrawn"
"""Reason: its source has taken the article back."""
REASONS = frozenset({EXPIRED, FORGOTTEN, WITHDRAWN})
AMENDMENTS = "amendments"
REMOVALS = "removals"


class DedupeOutputs(NamedTuple):
    """The outputs of `DedupeArticles`."""

    articles: beam.PCollection[Article]
    amendments: beam.PCollection[tuple[Partition, Amendment]]
    removals: beam.PCollection[tuple[Partition, Removal]]


class _ResolveFn(beam.DoFn):
    def __init__(
        self, root: str, buckets: int, kept_from: str, fetches: bool, drops_near: bool
    ) -> None:
        self._fetches, self._drops_near = fetches, drops_near
        self._root = root
        self._buckets = buckets
        self._kept_from = kept_from
        self._unchanged = Metrics.counter(STEP, "unchanged")
        self._duplicate = Metrics.counter(STEP, "duplicate")

    def process(self, everything: list[Article | Withdrawal]) -> Iterator[Any]:
        articles, withheld = part_withheld(
            (element for element in everything if isinstance(element, Article)),
            load_forgotten(self._root),
            self._kept_from,
        )
        for reason, count in withheld.items():
            Metrics.counter("rejected", f"{STEP}.{reason}").inc(count)
            Metrics.counter(STEP, REJECTED).inc(count)
        withdrawals = [element for element in everything if isinstance(element, Withdrawal)]
        keys = {key for article in articles for key in (article.id, *article.keys)}
        keys |= {withdrawal.key for withdrawal in withdrawals}
        known = look_up(self._root, keys, {article.text_sha256 for article in articles})
        standing = take_back(articles, known, remember(self._root, withdrawals))
        resolution = resolve(
            standing.articles,
            standing.known,
            self._buckets,
            teasers_wait=self._fetches,
            drops_near=self._drops_near,
        )
        self._unchanged.inc(resolution.unchanged)
        self._duplicate.inc(resolution.duplicate)
        yield from resolution.articles
        for article in standing.refused:
            yield dead_letter(article, STEP, WITHDRAWN, "its source has taken it back")
        yield from (TaggedOutput(AMENDMENTS, change) for change in resolution.amendments)
        yield from (
            TaggedOutput(REMOVALS, change) for change in (*standing.removals, *resolution.removals)
        )


@dataclass
class DedupeArticles(beam.PTransform):
    """Pass on the articles that need a row: not the published and unchanged, nor the duplicates.

    A `Withdrawal` takes the row of its article out, if that is not newer. An article that was taken
    back goes to `errors`.

    Bounded input only, as it groups all of it: the articles of one batch meet each other and the
    ledger in one place. Timestamps become the end of the window.

    Attributes:
        root: the output.
        buckets: per day.
        errors: receives the articles that were taken back.
        fetches: whether teasers get the text of their page later.
        kept_from: the first UTC day of which rows are kept; earlier articles are only counted.
        drops_near: whether near-duplicates, too, are listed and get no row.
    """

    root: str
    buckets: int
    errors: ErrorHandler
    kept_from: str = ""
    fetches: bool = False
    drops_near: bool = False

    def expand(self, parts: Any) -> Any:
        """Return `DedupeOutputs`, given the articles and the `Withdrawal`s, a pair."""
        outputs = (
            parts
            | beam.Flatten().with_output_types(Any)
            | AsOneGroup()
            | "resolve"
            >> beam.ParDo(
                _ResolveFn(self.root, self.buckets, self.kept_from, self.fetches, self.drops_near)
            ).with_outputs(AMENDMENTS, REMOVALS, main="articles")
        )
        articles = outputs.articles | SplitDeadLetters(STEP, self.errors)
        return DedupeOutputs(articles, outputs[AMENDMENTS], outputs[REMOVALS])
