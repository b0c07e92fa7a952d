"""The graph as one pipeline, for engines; `stream` has the one for input that never ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.error_handling import CollectingErrorHandler

from pipeline.graph import clean_articles, describe_articles
from pipeline.publisher import sift
from pipeline.runners.last_step import PublishBatches, RunContext
from pipeline.settings import Plan
from transforms.records import Article, Withdrawal

_KNOWN = "known"


@dataclass
class ToOneWorker(beam.PTransform):
    """Bring elements to one worker, in lists of at most `size`. Bounded input only."""

    size: int

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[list[Any]]:
        """Return the lists."""
        return (
            elements
            | "key" >> beam.Map(lambda element: (0, element)).with_output_types(tuple[int, Any])
            | beam.GroupIntoBatches(self.size)
            | "list" >> beam.Map(lambda group: list(group[1]))
        )


class _SiftFn(beam.DoFn):
    """Passes on the articles that need a row; those that need none by now go the short way."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def process(self, batch: list[Article | Withdrawal]) -> Iterator[Any]:
        # What sources take back is remembered by who publishes, and holds the lock.
        articles = [element for element in batch if isinstance(element, Article)]
        sifted = sift(articles, self._plan)
        needed = {(article.uri, article.line): article for article in sifted.articles}
        for element in batch:
            place = (element.uri, element.line) if isinstance(element, Article) else None
            if place in needed:
                yield needed[place]
            else:
                yield TaggedOutput(_KNOWN, element)


def build_graph(
    pipeline: beam.Pipeline, source: beam.PTransform, plan: Plan, context: RunContext
) -> None:
    """Add the graph to `pipeline`: from the documents of `source` to the published output.

    Args:
        pipeline: receives the steps.
        source: makes a PCollection of `RawDocument`, and of `DeadLetter` for what could not be
            read as one.
        plan: all settings.
        context: the run.
    """
    size = plan.config.run.batch_documents
    with CollectingErrorHandler() as errors:
        cleaned = clean_articles(pipeline | "source" >> source, plan, errors)
        sifted = (
            cleaned
            | "clean ones" >> beam.Flatten().with_output_types(Any)
            | "to dedupe" >> ToOneWorker(size)
            | "dedupe" >> beam.ParDo(_SiftFn(plan)).with_outputs(_KNOWN, main="needed")
        )
        described = describe_articles(sifted.needed, plan, errors)
    _ = (
        (described, sifted[_KNOWN], errors.output())
        | "arrived" >> beam.Flatten().with_output_types(Any)
        | "to publish" >> ToOneWorker(size)
        | "write" >> PublishBatches(plan, context)
    )
