"""The last step of an engine's graph, by several threads at once: each row is there once."""

import shutil
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from builders import NOW, make_published
from services import answering

from pipeline.config_files import load_config
from pipeline.journal import read_entries
from pipeline.lock import lock
from pipeline.runners import last_step
from pipeline.runners.last_step import PublishBatches, RunContext, publish_batch
from pipeline.runners.stream import InTurn
from pipeline.settings import make_plan
from pipeline.upkeep.verify import verify_output
from transforms.output.file_columns import read_columns
from transforms.output.listing import day_files
from transforms.output.storage import join

WINDOWS = [[make_published(3 * window + place) for place in range(3)] for window in range(20)]
"""60 articles."""
CONTEXT = RunContext("run", NOW)
PRISM = shutil.which("prism")


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "_POLL", 0.01)
    return make_plan(load_config(None, {"output.path": str(tmp_path / "out")}))


@pytest.fixture
def at_once(monkeypatch):
    """Have the first batch wait for a second one; return what tells whether that came."""
    second, under_way = threading.Event(), threading.Semaphore(1)

    def publish(*arguments):
        if under_way.acquire(blocking=False):
            second.wait(60)
        else:
            second.set()
        return publish_batch(*arguments)

    monkeypatch.setattr(last_step, "publish_batch", publish)
    return second


def check(plan):
    root = plan.config.output.path
    ids = Counter(
        id_
        for file in day_files(root)
        for id_ in read_columns(join(root, file.path), ["id"])["id"].to_pylist()
    )
    assert ids == Counter(article.id for window in WINDOWS for article in window)
    entries = list(read_entries(root, CONTEXT.run_id))
    assert sum(entry.counts.written for entry in entries) == 60
    assert {problem.code for problem in verify_output(root).problems} <= {"unlisted_file"}


def test_two_threads(plan, at_once):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda window: last_step.publish_batch(window, plan, CONTEXT), WINDOWS))
    assert at_once.is_set()
    check(plan)


# Beam's threads for a job of a service that has ended.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.skipif(PRISM is None, reason="there is no prism here (CONTRIBUTING.md)")
def test_an_engine_that_runs_one_key_in_two_bundles(plan, at_once):
    """Prism splits a stateful bundle that is slow, and then takes its key to be free."""

    def prism(port):
        return [PRISM, f"--job_port={port}", "--serve_http=false", "--idle_shutdown_timeout=60s"]

    with answering(prism) as (address, _):
        options = PipelineOptions(
            ["--runner=PortableRunner", f"--job_endpoint={address}", "--environment_type=LOOPBACK"]
        )
        with beam.Pipeline(options=options) as pipeline:
            _ = pipeline | beam.Create(WINDOWS) | InTurn() | PublishBatches(plan, CONTEXT)
    assert at_once.is_set()
    check(plan)
