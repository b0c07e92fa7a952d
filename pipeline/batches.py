"""One bounded batch after the other, through the graph in this process and to the publisher."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from apache_beam.options.pipeline_options import PipelineOptions

from pipeline.feeds import Document, FeedNews
from pipeline.graph import describe_articles
from pipeline.manifest import Manifest
from pipeline.outcome import Outcome
from pipeline.publisher import keep_letters, publish, sift
from pipeline.runners.chains import Chain, clean_chain
from pipeline.runners.options import LocalOptions
from pipeline.settings import Plan
from transforms.output.tables.sync import follow_output
from transforms.records import RawDocument

FIRST_BATCH = 128
"""Documents in the first batch, so that rows appear early."""


class BatchResult(NamedTuple):
    """What came of a batch: of all its documents, and of those that feeds brought."""

    outcome: Outcome
    news: FeedNews


def batches(
    documents: Iterable[Document | None], most: int, most_bytes: int
) -> Iterator[list[Document]]:
    """Yield `documents` in lists of at most `most`, or fewer where they exceed `most_bytes`.

    A `None` among them ends a list early: nothing more comes for a while.
    """
    batch: list[Document] = []
    size, limit = 0, min(FIRST_BATCH, most)
    for document in documents:
        if document is not None:
            batch.append(document)
            size += document_size(document)
        if batch and (document is None or len(batch) >= limit or size >= most_bytes):
            yield batch
            batch, size, limit = [], 0, most
    if batch:
        yield batch


def document_size(document: Document) -> int:
    """Return the bytes of its content."""
    return len(document.content if isinstance(document, RawDocument) else document.payload)


class Chains:
    """The chains that batches go through, each made when it is first needed.

    Args:
        plan: all settings.
        options: of the local runner.
    """

    def __init__(self, plan: Plan, options: PipelineOptions | None = None) -> None:
        options = options or LocalOptions([])
        self.plan = plan
        self.clean = Chain(clean_chain, plan, options)
        self.describe = Chain(describe_articles, plan, options)


def run_batch(
    chains: Chains, manifest: Manifest, batch: list[Document], rejected_root: str
) -> BatchResult:
    """Publish what comes of `batch`; add it to `manifest`.

    For the holder of the output's lock.

    Args:
        chains: of the run.
        manifest: of the run.
        batch: documents, and dead letters for what could not be read as one; it is emptied once
            they are cleaned, as models need the memory.
        rejected_root: where dead letters go, below `_rejected/`.
    """
    plan = chains.plan
    read = len(batch)
    cleaned = chains.clean.run(batch)
    batch.clear()
    sifted = sift(cleaned.elements, plan)
    cleaned.elements.clear()
    described = chains.describe.run(sifted.articles)
    letters = [*cleaned.letters, *sifted.letters, *described.letters]
    keep_letters(letters, rejected_root, manifest.started_at, manifest.run_id)
    outcome = publish(described.elements, sifted, plan, manifest.run_id)
    outcome.read = read
    outcome.reject(letters)
    waiting = described.counters.pop("waiting", Counter())
    for step, counts in (*cleaned.counters.items(), *described.counters.items()):
        outcome.count(step, counts)
    manifest.add(outcome)
    follow_output(plan.config.output.path, plan.table)
    return BatchResult(outcome, FeedNews(outcome.feeds, waiting))
