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

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions

from pipeline.batches import add_result, batches, document_size, run_batch
from pipeline.feeds import Document, FeedNews, FeedSource
from pipeline.graph import RunContext, build_graph
from pipeline.lock.lock import OutputLock, output_lock
from pipeline.manifest import Manifest, concluded, new_run_id
from pipeline.progress import Progress
from pipeline.runners.options import LOCAL_RUNNER, LocalOptions, runner_options
from pipeline.runners.stream import ReadArrivals, build_stream
from pipeline.settings import Plan
from transforms.formats.base import FileInfo
from transforms.output.state import check_states
from transforms.output.storage import remove_leftovers
from transforms.output.tables.sync import follow_output
from transforms.read import ReadDocuments, match_files, read_documents

_TOLD_EVERY = 32
"""Documents read between two signs of progress."""


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
    check_states(plan.config.output.path)
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
    add_result(manifest, pipeline.run())
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
