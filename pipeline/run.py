"""Run the graph: locally as a series of bounded batches, elsewhere as one pipeline.

The local runner keeps what lies between two stages in memory, so a long input is cut into batches
in one warm process; every batch publishes its rows before the next one is read.
"""

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

import apache_beam as beam
import torch
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.portability.api import beam_provision_api_pb2
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.runners.portability.portable_runner import JobServiceHandle
from apache_beam.runners.runner import PipelineResult

from pipeline.config import Config
from pipeline.feeds import Document, FeedSource
from pipeline.graph import RunContext, build_graph
from pipeline.manifest import Counts, Manifest
from transforms.encoder import choose_format
from transforms.formats.base import FileInfo
from transforms.models import EMBEDDED
from transforms.read import match_files, read_documents
from transforms.records import RawDocument
from transforms.storage import remove_leftovers

LOCAL_RUNNER = "FnApiRunner"
FIRST_BATCH = 128
"""Documents in the first batch, so that rows appear early."""

STEPS = ("read", "parse", "clean", "dedupe", "fulltext", "encode", "summarize", "classify", "write")


@dataclass
class Progress:
    """How far a run is; a listener is called after every change.

    Attributes:
        total_bytes: size of all files.
        read_bytes: size of the files and parts of files that have been read.
        done_bytes: of these, those of finished batches.
        documents: documents read, those of the current batch included.
        counts: what became of the documents of the finished batches.
    """

    total_bytes: int = 0
    read_bytes: int = 0
    done_bytes: int = 0
    documents: int = 0
    counts: Counts = field(default_factory=Counts)
    listener: Callable[["Progress"], None] = lambda progress: None

    def changed(self) -> None:
        """Tell the listener."""
        self.listener(self)


@dataclass
class ReadFiles(beam.PTransform):
    """Read the documents of `files` on the workers; the dead letters are among them. Bounded."""

    files: Sequence[FileInfo]
    max_bytes: int

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection[Document]:
        """Return the documents."""
        return (
            begin
            | "files" >> beam.Create(self.files)
            | beam.Reshuffle()
            | "documents" >> beam.FlatMap(read_documents, self.max_bytes)
        )


def new_run_id(now: datetime) -> str:
    """Return the id of the run that starts at `now`: its UTC time, to the microsecond.

    >>> new_run_id(datetime(2026, 10, 1, 6, 30, tzinfo=UTC))
    '20261001T063000.000000Z'
    """
    return f"{now:%Y%m%dT%H%M%S.%f}Z"


def local_runner(options: PipelineOptions) -> beam.runners.PipelineRunner:
    """Return the local runner, told the options.

    `DirectRunner` would choose one of three runners by network and graph; naming `FnApiRunner`
    alone keeps the options from worker processes.
    """
    encoded = JobServiceHandle.encode_pipeline_options(options.get_all_options())
    provision = beam_provision_api_pb2.ProvisionInfo(pipeline_options=encoded)
    return fn_runner.FnApiRunner(provision_info=fn_runner.ExtendedProvisionInfo(provision))


def batches(documents: Iterable[Document], most: int, most_bytes: int) -> Iterator[list[Document]]:
    """Yield `documents` in lists of at most `most`, or fewer where they exceed `most_bytes`."""
    batch: list[Document] = []
    size, limit = 0, min(FIRST_BATCH, most)
    for document in documents:
        batch.append(document)
        size += _size(document)
        if len(batch) >= limit or size >= most_bytes:
            yield batch
            batch, size, limit = [], 0, most
    if batch:
        yield batch


def run(
    config: Config, beam_options: Sequence[str], progress: Progress, *, force: bool = False
) -> tuple[Manifest, str]:
    """Run `config` to its end; return the manifest and the path it was written to.

    With `force`, feeds that are not due are asked too. The manifest is also written, with its
    status, when the run fails or is interrupted.

    Raises:
        ConfigError: an input matches nothing.
        BalanceError: not every input is accounted for.
    """
    torch.set_num_threads(config.encoder.threads or len(os.sched_getaffinity(0)))
    started = datetime.now(UTC)
    manifest = Manifest(new_run_id(started), "running", started, config)
    files = match_files(config.input.paths, lambda: started)
    remove_leftovers(config.output.path)
    clock = time.monotonic()
    try:
        feeds = FeedSource(config, force=force)
        _work(manifest, files, feeds, PipelineOptions(list(beam_options)), progress)
        manifest.counts.check()
        manifest.status = "done"
    except BaseException as error:
        manifest.status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        manifest.error = f"{type(error).__name__}: {error}"
        raise
    finally:
        manifest.encoder = _encoder(config, used=manifest.counts.written > 0)
        manifest.seconds = time.monotonic() - clock
        manifest.finished_at = datetime.now(UTC)
        with contextlib.suppress(OSError) if manifest.error else contextlib.nullcontext():
            where = manifest.write()
    return manifest, where


def _encoder(config: Config, used: bool) -> dict[str, str | None]:
    """Return what the manifest says of the encoder; the format is chosen when it is first used."""
    chosen = choose_format(EMBEDDED, config.encoder.number_format) if used else None
    return {"name": EMBEDDED.name, "sha256": EMBEDDED.sha256, "number_format": chosen}


def _work(
    manifest: Manifest,
    files: list[FileInfo],
    feeds: FeedSource,
    options: PipelineOptions,
    progress: Progress,
) -> None:
    config = manifest.config
    context = RunContext(manifest.run_id, manifest.started_at)
    if options.view_as(StandardOptions).runner not in (None, LOCAL_RUNNER):
        pipeline = beam.Pipeline(options=options)
        build_graph(pipeline, ReadFiles(files, config.input.max_bytes), config, context)
        _collect(manifest, pipeline.run())
        return
    progress.total_bytes = sum(file.size for file in files)
    documents = chain(
        _documents(files, config.input.max_bytes, progress), _counted(feeds.documents(), progress)
    )
    new_items: Counter[str] = Counter()
    for batch in batches(documents, config.run.batch_documents, config.run.batch_bytes):
        progress.changed()
        pipeline = beam.Pipeline(runner=local_runner(options), options=options)
        build_graph(pipeline, beam.Create(batch), config, context)
        new_items += _collect(manifest, pipeline.run())
        feeds.commit(new_items)
        progress.counts = manifest.counts
        progress.done_bytes = progress.read_bytes
        progress.changed()
    feeds.commit(new_items)
    manifest.feeds = dict(feeds.outcomes)


def _counted(documents: Iterable[Document], progress: Progress) -> Iterator[Document]:
    for document in documents:
        progress.documents += 1
        yield document


def _documents(files: Iterable[FileInfo], most: int, progress: Progress) -> Iterator[Document]:
    done = 0
    for file in files:
        for document in _counted(read_documents(file, most), progress):
            progress.read_bytes = min(progress.read_bytes + _size(document), done + file.size)
            yield document
        done += file.size
        progress.read_bytes = done


def _size(document: Document) -> int:
    return len(document.content if isinstance(document, RawDocument) else document.payload)


def _collect(manifest: Manifest, result: PipelineResult) -> Counter[str]:
    """Add a finished pipeline's metrics to the manifest; return the rows written per feed."""
    result.wait_until_finish()
    manifest.batches += 1
    counters: dict[str, Counter[str]] = {}
    for metric in result.metrics().query(
        MetricsFilter().with_namespaces([*STEPS, "rejected", "feeds"])
    )["counters"]:
        name = metric.key.metric
        counters.setdefault(name.namespace, Counter())[name.name] += metric.committed or 0
    rejected = counters.pop("rejected", Counter())
    manifest.counts.add(_counts(counters, rejected))
    new_items = counters.pop("feeds", Counter())
    manifest.add_steps(counters)
    published = result.metrics().query(MetricsFilter().with_name("published"))["string_sets"]
    for metric in published:
        manifest.published |= metric.committed
    return new_items


def _counts(counters: dict[str, Counter[str]], rejected: Counter[str]) -> Counts:
    read, dedupe, write = (counters.get(step, Counter()) for step in ("read", "dedupe", "write"))
    return Counts(
        read=read["accepted"] + read["rejected"],
        written=write["written"],
        unchanged=dedupe["unchanged"] + write["unchanged"],
        duplicate=dedupe["duplicate"],
        rejected=rejected,
    )
