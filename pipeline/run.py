"""Run the graph: locally as a series of bounded batches, elsewhere as one pipeline.

The local runner keeps what lies between two stages in memory, so a long input is cut into batches
in one warm process; every batch publishes its rows before the next one is read.
"""

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

import apache_beam as beam
from apache_beam.options.pipeline_options import (
    DirectOptions,
    PipelineOptions,
    StandardOptions,
)
from apache_beam.runners.runner import PipelineResult

from pipeline.batches import Chains, batches, document_size, run_batch
from pipeline.feeds import Document, FeedNews, FeedSource
from pipeline.journal import read_entries, remove_entries
from pipeline.lock.lock import OutputLock, output_lock
from pipeline.manifest import Manifest, concluded
from pipeline.progress import Progress
from pipeline.run_ids import new_run_id
from pipeline.runners.chains import counters_of
from pipeline.runners.elsewhere import build_graph
from pipeline.runners.last_step import TURN_SECONDS, RunContext
from pipeline.runners.options import LOCAL_RUNNER, LocalOptions, runner_options
from pipeline.runners.stream import ReadArrivals, build_stream
from pipeline.settings import Plan
from pipeline.supervision import supervised
from transforms.errors import ConfigError
from transforms.formats.base import STEP as READ
from transforms.formats.base import FileInfo
from transforms.heaps import limit_heaps, trim
from transforms.input_files import match_files
from transforms.output.days import recover
from transforms.output.state import check_states
from transforms.output.tables.sync import follow_output
from transforms.pulse import restart_clock
from transforms.read import ReadDocuments, read_documents

_log = logging.getLogger(__name__)


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
    if options.view_as(StandardOptions).runner not in (None, LOCAL_RUNNER):
        manifest = _run_elsewhere(plan, options)
        return manifest, manifest.path
    _require_one_process(options)
    root, wait = config.output.path, config.run.lock_wait_seconds
    with (
        output_lock(root, "run", wait=wait) as lock,
        _recorded(plan, "run") as manifest,
        supervised(root) as keep_suspects,
    ):
        files = match_files(
            config.input.paths,
            lambda: manifest.started_at,
            follow_links=config.input.follow_links,
        )
        feeds = FeedSource(plan, force=force)
        _run_locally(Chains(plan, options), manifest, files, feeds, progress, lock)
        keep_suspects()
    return manifest, manifest.path


def _require_one_process(options: PipelineOptions) -> None:
    """Raise `ConfigError` if Beam's options ask the local runner for worker processes."""
    if options.view_as(DirectOptions).direct_running_mode == "multi_processing":
        raise ConfigError(
            "--direct_running_mode=multi_processing: a local run works in this process; leave it "
            "out, or have an engine run worker processes (--runner portable, docs/watch.md)"
        )


def run_documents(
    plan: Plan, documents: Iterable[Document], rejected_root: str, lock: OutputLock
) -> Manifest:
    """Run the graph on `documents`, its dead letters going below `rejected_root`.

    `lock` is held on the output. Raises as `run` does.
    """
    check_states(plan.config.output.path)
    with _recorded(plan, "replay") as manifest, supervised(plan.config.output.path):
        for _ in _batch_results(Chains(plan), manifest, documents, rejected_root, lock, Progress()):
            pass
    return manifest


@contextlib.contextmanager
def _recorded(plan: Plan, command: str) -> Iterator[Manifest]:
    """Yield the manifest of a run; check its balance and write it, however the run ends.

    It is also written at the start, as `running`: a run that is killed leaves it so.
    """
    started, root = datetime.now(UTC), plan.config.output.path
    manifest = Manifest(new_run_id(started, root), "running", started, plan.config, command)
    restart_clock()
    recover(root)
    manifest.write()
    with concluded(plan, manifest, time.monotonic()):
        yield manifest


def _run_elsewhere(plan: Plan, options: PipelineOptions) -> Manifest:
    """Run all input as one pipeline, on the runner that `options` name; return the manifest.

    The lock on the output is the workers': they take it for each batch that they publish.
    """
    config, never_ends = plan.config, plan.config.stream.enabled
    root, wait = config.output.path, config.run.lock_wait_seconds
    started = datetime.now(UTC)
    files = match_files(config.input.paths, lambda: started, may_be_none=never_ends)
    with output_lock(root, "run", wait=wait):
        manifest = Manifest(new_run_id(started, root), "running", started, config, "run")
        recover(root)
        follow_output(root, plan.table)
        manifest.write()
    context = RunContext(manifest.run_id, started)
    with concluded(plan, manifest, time.monotonic(), balances=not never_ends):
        try:
            pipeline = beam.Pipeline(options=options)
            if never_ends:
                build_stream(pipeline, ReadArrivals(plan), plan, context)
            else:
                source = beam.Create(files) | ReadDocuments(config.input.max_bytes, plan.bounds)
                build_graph(pipeline, source, plan, context)
            seen = _finish(pipeline.run(), manifest)
        finally:
            for outcome in read_entries(root, manifest.run_id):
                manifest.add(outcome)
        if never_ends:  # what an engine drops as too late is told, and counted nowhere else
            manifest.counts.read = max(manifest.counts.read, seen)
        with output_lock(root, "run", manifest.run_id, wait=TURN_SECONDS):
            follow_output(root, plan.table)
    remove_entries(root, manifest.run_id)
    return manifest


def _finish(result: PipelineResult, manifest: Manifest) -> int:
    """Wait for a job and note what its steps counted; return how many inputs they have read.

    However the wait ends, the job does not go on by itself: it would publish what still comes.
    """
    try:
        result.wait_until_finish()
    except BaseException:
        cancel(result)
        raise
    counters = counters_of(result)
    for step, counts in counters.items():
        manifest.steps.setdefault(step, Counter()).update(counts)
    read = counters.get(READ, Counter())
    return read["accepted"] + read["rejected"]


def cancel(result: PipelineResult) -> None:
    """Have the engine end a job; where it cannot be asked, say which one goes on."""
    try:
        result.cancel()
    except Exception as error:
        job = getattr(result, "_job_id", "") or getattr(result, "job_id", str)()
        _log.warning(
            "the job %s could not be ended (%s) and goes on publishing; end it where it runs: "
            "with the engine's own command or page for its jobs",
            job,
            error,
        )


def _run_locally(  # noqa: PLR0913, PLR0917 (the parts of a run)
    chains: Chains,
    manifest: Manifest,
    files: list[FileInfo],
    feeds: FeedSource,
    progress: Progress,
    lock: OutputLock,
) -> None:
    config = chains.plan.config
    limit_heaps()
    progress.total_bytes = sum(file.size for file in files)
    documents: Iterable[Document | None] = chain(
        _documents(files, chains.plan, progress), _polled(feeds, progress)
    )
    news = FeedNews(Counter(), Counter())
    for more in _batch_results(chains, manifest, documents, config.output.path, lock, progress):
        news = news.plus(more)
        feeds.commit(news)
        progress.end_batch(manifest.counts)
    feeds.commit(news)
    manifest.feeds, manifest.feeds_not_asked = dict(feeds.outcomes), sorted(feeds.not_asked)
    manifest.feed_fault = feeds.fault()


def _batch_results(  # noqa: PLR0913, PLR0917 (the parts of a run)
    chains: Chains,
    manifest: Manifest,
    documents: Iterable[Document | None],
    rejected_root: str,
    lock: OutputLock,
    progress: Progress,
) -> Iterator[FeedNews]:
    """Publish one batch after the other; yield what came of the feeds' items in each.

    The manifest says after each what was done so far, for a run that is killed in the next.

    Raises:
        OutputLockedError: another process has taken the lock over; nothing more is published.
    """
    plan = chains.plan
    limits, output = plan.config.run, plan.config.output
    follow_output(output.path, plan.table)  # a run that died may have left the table behind
    for batch in batches(documents, limits.batch_documents, limits.batch_bytes):
        lock.check()
        progress.begin_batch(len(batch))
        news = run_batch(chains, manifest, batch, rejected_root).news
        manifest.record_files()
        manifest.write()
        trim()
        yield news


def _polled(feeds: FeedSource, progress: Progress) -> Iterator[Document | None]:
    for document in feeds.documents():
        progress.documents += document is not None
        progress.feeds, progress.feeds_done = feeds.asked, feeds.outcomes.total()
        yield document
    progress.feeds_done = feeds.outcomes.total()


def _documents(files: Iterable[FileInfo], plan: Plan, progress: Progress) -> Iterator[Document]:
    done = 0
    for file in files:
        read = read_documents(file, plan.config.input.max_bytes, plan.bounds)
        for document in read:
            progress.documents += 1
            progress.read_bytes = min(
                progress.read_bytes + document_size(document), done + file.size
            )
            yield document
        done += file.size
        progress.read_bytes = done
