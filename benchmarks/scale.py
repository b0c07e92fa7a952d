"""What Beam costs, and what more threads, processes and external workers bring.

    python benchmarks/scale.py [--articles 1000] [--words 400] [--rounds 2]

First the same functions in a plain loop and in `newsbeam run`, in turns in one warm process; their
processor time for each article, and the ratio. Then the command itself in its ways of working, each
in processes of its own from start to end: articles a second, processes that load the model, and
memory of all processes together (pages they share are counted once).
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from articles import write_jsonl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))  # the services are the tests'
from services import beam_service

from pipeline.config import Config
from pipeline.config_files import load_config
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.settings import Plan, make_plan
from transforms.classify.phrases import TopicVectors, classify_article, topic_vectors
from transforms.classify.topics import load_topics
from transforms.clean import CleanOptions, clean_article
from transforms.dedupe.resolve import resolve
from transforms.encode import encode_articles
from transforms.input_files import match_files
from transforms.models.encoder import load_encoder
from transforms.models.loaders import EncoderLoader, Encoders
from transforms.models.pinned import EMBEDDED, find_model
from transforms.output.ledger import look_up
from transforms.output.listing import Listing
from transforms.output.publish import Changes, publish_day
from transforms.output.schema import article_row
from transforms.parse import parse_document
from transforms.read import read_documents
from transforms.records import Article, Partition, RawDocument, home_of
from transforms.relate.near.neighbours import COLUMNS as NEAR_COLUMNS
from transforms.relate.near.recent import recent_rows
from transforms.relate.step import describe_article, join_stories, link_articles
from transforms.relate.stories import COLUMNS as STORY_COLUMNS
from transforms.summarize.extractive import SummaryOptions, summarize_article

ROOT = Path(__file__).parents[1]
CORES = len(os.sched_getaffinity(0))


def beam_run(plan: Plan) -> None:
    """Do it as a run does."""
    run(plan, [], Progress())


def plain_loop(plan: Plan) -> None:
    """Do what a run does, without Beam: the same functions, one after the other."""
    config, now = plan.config, datetime.now(UTC)
    root = config.output.path
    articles = [
        clean_article(parse_document(document, plan.parse), CleanOptions())
        for file in match_files(config.input.paths, lambda: now)
        for document in read_documents(file)
        if isinstance(document, RawDocument)
    ]
    keys = {key for article in articles for key in (article.id, *article.keys)}
    known = look_up(root, keys, {article.text_sha256 for article in articles})
    unique = resolve(articles, known, config.output.buckets).articles
    encoders = Encoders(EncoderLoader(EMBEDDED))
    encoded = encode_articles(unique, encoders.first(), config.encoder.max_sentences)
    options = SummaryOptions(max_words=config.summary.max_words)
    topics = topics_of(config.topics.file)
    done = [
        classify_article(
            describe_article(summarize_article(article, options), encoders),
            topics,
            EMBEDDED.languages,
        )
        for article in encoded
        if isinstance(article, Article)
    ]
    publish(config, relate(plan, done))


@lru_cache
def topics_of(file: str) -> TopicVectors:
    """Return the topics of a file, made once."""
    return topic_vectors(load_topics(file), load_encoder(EMBEDDED))


def relate(plan: Plan, articles: list[Article]) -> list[Article]:
    """Return the articles with near-duplicates and stories."""
    listing = Listing(plan.config.output.path)
    near, stories = plan.near, plan.stories
    assert near
    assert stories
    look = partial(recent_rows, listing, days=near.days, columns=NEAR_COLUMNS)
    related = link_articles(articles, look, near)
    look = partial(recent_rows, listing, days=stories.days, columns=STORY_COLUMNS)
    return join_stories(related.articles, look, stories, related.copies)


def publish(config: Config, articles: list[Article]) -> None:
    """Publish the rows, day by day."""
    homes: dict[Partition, list[dict[str, Any]]] = {}
    for article in articles:
        row = article_row(article, "bench")
        homes.setdefault(home_of(article, config.output.buckets), []).append(row)
    for home, rows in homes.items():
        publish_day(config.output.path, home.date, {home.bucket: Changes(rows)})


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor time that `work` takes in all threads of this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def overhead(source: Path, folder: Path, options: argparse.Namespace) -> None:
    """Print what Beam costs for each article."""
    ratios = []
    for number in range(options.rounds + 1):
        seconds = []
        for name in ("plain", "beam"):
            output = str(folder / f"{name}-{number}")
            config = load_config(
                None,
                {
                    "input.paths": [str(source)],
                    "output.path": output,
                    "run.batch_documents": options.articles,
                },
            )
            work = {"plain": plain_loop, "beam": beam_run}[name]
            seconds.append(processor_seconds(partial(work, make_plan(config))))
        if number:  # the first round loads the model
            plain, beam = (1000 * value / options.articles for value in seconds)
            ratios.append(beam / plain)
            print(
                f"round {number}: plain loop {plain:.2f} ms an article, run {beam:.2f} ms, "
                f"Beam and batches {100 * (beam / plain - 1):+.1f} %", flush=True,
            )  # fmt: skip
    print(f"median: {100 * (statistics.median(ratios) - 1):+.1f} %\n")


class Way(NamedTuple):
    """A way of working: options of the command, and of Beam."""

    name: str
    options: tuple[str, ...] = ()
    beam: tuple[str, ...] = ()


def ways(endpoint: str, pool: str) -> list[Way]:
    """Return the ways that are compared."""
    service = ("--runner=portable", f"--set=run.runner.job_endpoint={endpoint}")
    external = (
        *service,
        "--set=run.runner.environment=external",
        f"--set=run.runner.worker_pool={pool}",
    )
    many = f"--direct_num_workers={CORES}"
    processes = ("--direct_running_mode=multi_processing", many)
    return [
        Way("one process"),
        Way("threads", beam=("--direct_running_mode=multi_threading", many)),
        Way("processes", beam=processes),
        Way("job service, loopback", (*service, "--set=run.runner.environment=loopback")),
        Way("job service, worker pool", external),
    ]


class Watcher(threading.Thread):
    """Looks at processes and their children.

    Attributes:
        most: MiB of all together, at the most.
    """

    def __init__(self, pids: list[int]) -> None:
        super().__init__(daemon=True)
        self.pids, self.most = pids, 0.0
        self.stop = threading.Event()

    def run(self) -> None:
        """Look twice a second."""
        while not self.stop.wait(0.5):
            self.most = max(self.most, sum(map(_proportional_mib, _family(self.pids))))


def _family(pids: list[int]) -> set[int]:
    found = set(pids)
    for _ in range(4):
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parent = int(stat.read_text("ascii").rpartition(")")[2].split()[1])
                if parent in found:
                    found.add(int(stat.parent.name))
    return found


def _proportional_mib(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def compare(source: Path, folder: Path, articles: int) -> None:
    """Print the ways of working side by side."""
    loads = folder / "loads"
    os.environ |= {
        "PYTHONPATH": str(ROOT / "benchmarks" / "loads"),
        "NEWSBEAM_LOADS": str(loads),
        "NEWSBEAM_MODEL": str(find_model(EMBEDDED) / "config.json"),
        "TMPDIR": str(folder),
    }
    print(f"{CORES} cores, {articles} articles")
    print(f"{'way':<26}{'s':>7}{'articles/s':>12}{'models':>8}{'MiB':>7}")
    with (
        beam_service("portability.local_job_service_main", "job_port") as (endpoint, first),
        beam_service("worker.worker_pool_main", "service_port") as (pool, second),
    ):
        for way in ways(endpoint, pool):
            output = folder / way.name.replace(" ", "-").replace(",", "")
            command = [
                sys.executable,
                "-m",
                "pipeline",
                "run",
                "-i",
                str(source),
                "-o",
                str(output),
            ]
            command += [*way.options, "--", *way.beam]
            loads.write_text("")
            started = time.perf_counter()
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            watcher = Watcher([process.pid, first, second])
            watcher.start()
            out, _ = process.communicate()
            seconds = time.perf_counter() - started
            watcher.stop.set()
            watcher.join()
            assert process.returncode == 0, out
            assert f"{articles} in = {articles} written" in out, out
            print(
                f"{way.name:<26}{seconds:>7.1f}{articles / seconds:>12.1f}"
                f"{len(set(loads.read_text().split())):>8}{watcher.most:>7.0f}", flush=True,
            )  # fmt: skip


def main() -> None:
    """Parse the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        source = write_jsonl(folder / "articles.jsonl", options.articles, options.words)
        overhead(source, folder, options)
        compare(source, folder, options.articles)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
