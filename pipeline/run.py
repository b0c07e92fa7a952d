"""Run the graph: locally as a series of bounded batches, elsewhere as one pipeline.

The local runner keeps what lies between two stages in memory, so a long input is cut into batches
in one warm process; every batch publishes its rows before the next one is read.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics.execution import MetricResult
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.runners.runner import PipelineResult

from pipeline.feeds import Document, FeedNews, FeedSource
from pipeline.graph import RunContext, build_graph
from pipeline.lock.lock import OutputLock, output_lock
from pipeline.manifest import Counts, Manifest
from pipeline.progress import Progress
from pipeline.runners.options import LOCAL_RUNNER, LocalOptions, local_runner, runner_options
from pipeline.runners.stream import ReadArrivals, build_stream
from pipeline.settings import Plan
from transforms.formats.base import STEP as READ
from transforms.formats.base import FileInfo
from transforms.models.encoder import choose_format
from transforms.models.loaders import EncoderLoader
from transforms.output.storage import remove_leftovers
from transforms.output.tables.sync import follow_output
from transforms.read import ReadDocuments, match_files, read_documents
from transforms.records import RawDocument

FIRST_BATCH = 128
"""Documents in the first batch, so that rows appear early."""

_TOLD_EVERY = 32
"""Documents read between two signs of progress."""


class BatchResult(NamedTuple):
    """What came of a batch: of all its documents, and of those that feeds brought."""

    counts: Counts
    news: FeedNews


def new_run_id(now: datetime) -> str:
    """Return the id of the run that starts at `now`: its UTC time, to the microsecond.

    >>> new_run_id(datetime(2026, 10, 1, 6, 30, tzinfo=UTC))
    '20261001T063000.000000Z'
    """
    return f"{now:%Y%m%dT%H%M%S.%f}Z"


def batches(documents: Iterable[Document], most: int, most_bytes: int) -> Iterator[list[Document]]:
    """Yield `documents` in lists of at most `most`, or fewer where they exceed `most_bytes`."""
    batch: list[Document] = []
    size, limit = 0, min(FIRST_BATCH, most)
    for document in documents:
        batch.append(document)
        size += document_size(document)
        if len(batch) >= limit or size >= most_bytes:
            yield batch
            batch, size, limit = [], 0, most
    if batch:
        yield batch


def run(
    plan: Plan, beam_options: Sequence[str], progress: Progress, *, force: bool = False
) -> tuple[Manifest, str]:
    """Run `plan` to its end; return the manifest and the path it was written to.

    With `force`, feeds that are not due are asked too. The manifest is also written, with its
    status, when the run fails or is interrupted.

    Raises:
        ConfigError: an input matches nothing.
        OutputLockedError: another process writes to the output.
        BalanceError: not every input is accounted for.
    """
    config = plan.config
    options = LocalOptions(runner_options(config, beam_options))
    root, wait = config.output.path, config.run.lock_wait_seconds
    never_ends = config.stream.enabled
    with (
        output_lock(root, "run", wait=wait) as lock,
        _recorded(plan, "run", balances=not never_ends) as manifest,
    ):
        files = match_files(config.input.paths, lambda: manifest.started_at, may_be_none=never_ends)
        if options.view_as(StandardOptions).runner in (None, LOCAL_RUNNER):
            feeds = FeedSource(plan, force=force)
            _run_locally(plan, manifest, files, feeds, options, progress, lock)
        else:
            _run_elsewhere(plan, manifest, files, options)
    return manifest, manifest.path


def run_documents(
    plan: Plan, documents: Iterable[Document], rejected_root: str, lock: OutputLock
) -> Manifest:
    """Run the graph on `documents`, its dead letters going below `rejected_root`.

    `lock` is held on the output. Raises as `run` does.
    """
    with _recorded(plan, "replay") as manifest:
        for _ in _batch_results(plan, manifest, documents, LocalOptions([]), rejected_root, lock):
            pass
    return manifest


@contextlib.contextmanager
def _recorded(plan: Plan, command: str, *, balances: bool = True) -> Iterator[Manifest]:
    """Yield the manifest of a run; check its balance and write it, however the run ends.

    It is also written at the start, as `running`: a run that is killed leaves it so.
    """
    started = datetime.now(UTC)
    manifest = Manifest(new_run_id(started), "running", started, plan.config, command)
    remove_leftovers(plan.config.output.path)
    manifest.write()
    with concluded(plan, manifest, time.monotonic(), balances=balances):
        yield manifest


@contextlib.contextmanager
def concluded(
    plan: Plan, manifest: Manifest, clock: float, *, balances: bool = True
) -> Iterator[None]:
    """Check the balance of `manifest` and write it, however the body ends.

    Args:
        plan: of the run.
        manifest: of what the body does.
        clock: `time.monotonic()` at the start.
        balances: whether every input is counted again at its end; what an engine drops from a
            stream, because it came too late, is not.
    """
    try:
        yield
        if balances:
            manifest.counts.check()
        manifest.status = "done"
    except BaseException as error:
        manifest.status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        manifest.error = f"{type(error).__name__}: {error}"
        raise
    finally:
        manifest.encoder = encoder_record(plan.encoder, used=manifest.counts.written > 0)
        manifest.seconds = time.monotonic() - clock
        manifest.finished_at = datetime.now(UTC)
        # What made it fail matters more than a manifest that cannot be written either.
        with contextlib.suppress(OSError) if manifest.error else contextlib.nullcontext():
            manifest.record_files()
            manifest.write()


def encoder_record(encoder: EncoderLoader, used: bool) -> dict[str, str | None]:
    """Return what the manifest says of the encoder; the format is chosen when it is first used."""
    chosen = choose_format(encoder.number_format) if used else None
    model = encoder.model
    return {"name": model.name, "sha256": model.digest, "number_format": chosen}


def _run_elsewhere(
    plan: Plan, manifest: Manifest, files: list[FileInfo], options: PipelineOptions
) -> None:
    """Run all files as one pipeline, on the runner that `options` name."""
    config = plan.config
    context = RunContext(manifest.run_id, manifest.started_at, config.output.path)
    pipeline = beam.Pipeline(options=options)
    if config.stream.enabled:
        build_stream(pipeline, ReadArrivals(config), plan, context)
    else:
        source = beam.Create(files) | ReadDocuments(config.input.max_bytes)
        build_graph(pipeline, source, plan, context)
    _collect(manifest, pipeline.run())
    follow_output(config.output.path, plan.table)


def _run_locally(  # noqa: PLR0913, PLR0917 (the parts of a run)
    plan: Plan,
    manifest: Manifest,
    files: list[FileInfo],
    feeds: FeedSource,
    options: PipelineOptions,
    progress: Progress,
    lock: OutputLock,
) -> None:
    config = plan.config
    progress.total_bytes = sum(file.size for file in files)
    documents = chain(
        _documents(files, config.input.max_bytes, progress), _counted(feeds.documents(), progress)
    )
    news = FeedNews(Counter(), Counter())
    for more in _batch_results(plan, manifest, documents, options, config.output.path, lock):
        news = news.plus(more)
        feeds.commit(news)
        progress.counts = manifest.counts
        progress.done_bytes = progress.read_bytes
        progress.changed()
    feeds.commit(news)
    manifest.feeds = dict(feeds.outcomes)


def _batch_results(  # noqa: PLR0913, PLR0917 (the parts of a run)
    plan: Plan,
    manifest: Manifest,
    documents: Iterable[Document],
    options: PipelineOptions,
    rejected_root: str,
    lock: OutputLock,
) -> Iterator[FeedNews]:
    """Run the graph on one batch after the other; yield what came of the feeds' items in each.

    Raises:
        OutputLockedError: another process has taken the lock over; nothing more is published.
    """
    limits, output = plan.config.run, plan.config.output
    follow_output(output.path, plan.table)  # a run that died may have left the table behind
    for batch in batches(documents, limits.batch_documents, limits.batch_bytes):
        lock.check()
        yield run_batch(plan, manifest, batch, options, rejected_root).news


def run_batch(
    plan: Plan,
    manifest: Manifest,
    batch: list[Document],
    options: PipelineOptions,
    rejected_root: str,
) -> BatchResult:
    """Run the graph on `batch` with the local runner; what came of it is added to `manifest`."""
    context = RunContext(manifest.run_id, manifest.started_at, rejected_root)
    pipeline = beam.Pipeline(runner=local_runner(options), options=options)
    build_graph(pipeline, beam.Create(batch), plan, context)
    result = _collect(manifest, pipeline.run())
    follow_output(plan.config.output.path, plan.table)
    return result


def _counted(documents: Iterable[Document], progress: Progress) -> Iterator[Document]:
    for document in documents:
        progress.documents += 1
        if progress.documents % _TOLD_EVERY == 0:
            progress.changed()
        yield document


def _documents(files: Iterable[FileInfo], most: int, progress: Progress) -> Iterator[Document]:
    done = 0
    for file in files:
        for document in _counted(read_documents(file, most), progress):
            progress.read_bytes = min(
                progress.read_bytes + document_size(document), done + file.size
            )
            yield document
        done += file.size
        progress.read_bytes = done


def document_size(document: Document) -> int:
    """Return the bytes of its content."""
    return len(document.content if isinstance(document, RawDocument) else document.payload)


def _collect(manifest: Manifest, result: PipelineResult) -> BatchResult:
    """Add a finished pipeline's metrics to the manifest; return what came of it.

    Those that are committed, or of all attempts where an engine knows no others.
    """
    result.wait_until_finish()
    manifest.batches += 1
    counters: dict[str, Counter[str]] = {}
    for metric in result.metrics().query()["counters"]:
        name = metric.key.metric
        counters.setdefault(name.namespace, Counter())[name.name] += _value(metric) or 0
    rejected = counters.pop("rejected", Counter())
    counts = _counts(counters, rejected)
    manifest.counts.add(counts)
    news = FeedNews(counters.pop("feeds", Counter()), counters.pop("waiting", Counter()))
    manifest.add_steps(counters)
    manifest.touch(_paths(result, "created"), _paths(result, "changed"))
    return BatchResult(counts, news)


def _value(metric: MetricResult) -> Any:
    return metric.attempted if metric.committed is None else metric.committed


def _paths(result: PipelineResult, name: str) -> set[str]:
    sets = result.metrics().query(MetricsFilter().with_name(name))["string_sets"]
    return {path for metric in sets for path in _value(metric) or ()}


def _counts(counters: dict[str, Counter[str]], rejected: Counter[str]) -> Counts:
    """Return the balance: a document that ends in a step is counted there under its outcome."""
    read = counters.get(READ, Counter())
    outcomes = {
        name: sum(counted[name] for counted in counters.values())
        for name in ("written", "unchanged", "duplicate")
    }
    return Counts(read=read["accepted"] + read["rejected"], rejected=rejected, **outcomes)
