"""The same articles through run, watch, and Beam's job service: are the rows the same?

    python benchmarks/same_rows.py [--articles 2000] [--words 100]

All columns are compared, but `ingested_at` and `run_id`. They end their batches elsewhere: the run
after 128 and then every 1,000 articles, watch after 100, the others not at all. Exit code 1 if any
way gives other rows than the run. tests/test_runners.py does the same with fewer articles.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from articles import write_jsonl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))  # the services are the tests'
from runs import rows
from services import beam_service

from pipeline.config import Config
from pipeline.config_files import load_config
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.settings import make_plan
from pipeline.watch import Limits, Status, Watch


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
        sys.exit(compare(folder, str(source), endpoint, pool))


def compare(folder: Path, source: str, endpoint: str, pool: str) -> int:
    """Print how many rows each way gives, and how many differ; return the exit code."""
    portable = {"run.runner.name": "portable", "run.runner.job_endpoint": endpoint}
    loopback = {**portable, "run.runner.environment": "loopback"}
    external = {
        **portable,
        "run.runner.environment": "external",
        "run.runner.worker_pool": pool,
    }
    ways: list[tuple[str, dict[str, Any], Callable[[Config], object]]] = [
        ("run", {}, _run),
        ("watch", {"watch.max_batch": 100}, _watch),
        ("loopback", loopback, _run),
        ("external", external, _run),
    ]
    wanted: list[Any] = []
    worst = 0
    print(f"{'way':<12}{'rows':>8}{'other than run':>18}{'seconds':>10}")
    for way, more, work in ways:
        output = folder / way
        started = time.perf_counter()
        work(load_config(None, {"input.paths": [source], "output.path": str(output), **more}))
        found = rows(output)
        wanted = wanted or found
        other = sum(a != b for a, b in zip(found, wanted, strict=False))
        other += abs(len(found) - len(wanted))
        worst = max(worst, other)
        seconds = time.perf_counter() - started
        print(f"{way:<12}{len(found):>8}{other:>18}{seconds:>10.1f}", flush=True)
    return int(worst > 0)


def _run(config: Config) -> None:
    run(make_plan(config), [], Progress())


def _watch(config: Config) -> None:
    Watch(make_plan(config), Limits(once=True), Status()).run()


if __name__ == "__main__":
    main()
