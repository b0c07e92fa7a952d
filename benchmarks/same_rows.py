"""The same articles through run, watch, and Beam's job service: are the rows the same?

    python benchmarks/same_rows.py [--articles 2000] [--words 100]

All columns are compared, but `ingested_at` and `run_id`. Exit code 1 if any way gives other rows
than the run. tests/test_runners.py does the same with fewer articles.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from articles import write_jsonl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the services are the tests'
from services import beam_service
from test_runners import rows

from pipeline.config import Config, load_config
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.watch import Limits, Status, Watch

LINKS = ("story_id", "duplicate_of")
"""Given once, they stay: so where batches end can decide which of two stories an article joins."""


def main() -> None:
    """Parse the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--words", type=int, default=100)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        beam_service("portability.local_job_service_main", "job_port") as (endpoint, _),
        beam_service("worker.worker_pool_main", "service_port") as (pool, _),
    ):
        folder = Path(name)
        source = write_jsonl(folder / "articles.jsonl", options.articles, options.words)
        sys.exit(compare(folder, str(source), options.articles, endpoint, pool))


def compare(folder: Path, source: str, articles: int, endpoint: str, pool: str) -> int:
    """Print how many rows each way gives, and how many differ; return the exit code."""
    portable = {"run.runner.name": "portable", "run.runner.job_endpoint": endpoint}
    loopback = {**portable, "run.runner.environment": "loopback"}
    external = {
        **portable,
        "run.runner.environment": "external",
        "run.runner.worker_pool": pool,
    }
    ways: list[tuple[str, dict[str, Any], Callable[[Config], object]]] = [
        ("run", {"run.batch_documents": articles}, _run),
        ("watch", {"watch.max_batch": 100}, _watch),
        ("loopback", loopback, _run),
        ("external", external, _run),
    ]
    wanted: list[Any] = []
    worst = 0
    print(f"{'way':<12}{'rows':>8}{'other than run':>18}{'other links':>14}{'seconds':>10}")
    for way, more, work in ways:
        output = folder / way
        started = time.perf_counter()
        work(load_config(None, {"input.paths": [source], "output.path": str(output), **more}))
        found = rows(output)
        wanted = wanted or found
        pairs = list(zip(found, wanted, strict=False))
        other = sum(_content(a) != _content(b) for a, b in pairs) + abs(len(found) - len(wanted))
        links = sum(any(a[name] != b[name] for name in LINKS) for a, b in pairs)
        worst = max(worst, other)
        seconds = time.perf_counter() - started
        print(f"{way:<12}{len(found):>8}{other:>18}{links:>14}{seconds:>10.1f}", flush=True)
    return int(worst > 0)


def _content(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in LINKS}


def _run(config: Config) -> None:
    run(config, [], Progress())


def _watch(config: Config) -> None:
    Watch(config, Limits(once=True), Status()).run()


if __name__ == "__main__":
    main()
