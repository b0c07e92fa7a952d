"""A burst of files: `newsbeam watch` beside `newsbeam run` on the same ones.

    python benchmarks/burst.py [--files 5000] [--words 400]

Writes so many files of one article each. `newsbeam run` reads them; `newsbeam watch --once` reads
them into another output; and a `newsbeam watch` that waits for news gets them all at once, and is
told to end when it has published them. Prints the seconds each took from the start, or from the
burst, to its last row, its processor time, and how much of the time it computed: with one thread of
the model, 100 % is a model that never waits. Exit code 1 where a row is missing, or a watch takes
more than `MOST` times the processor time of the run.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
from articles import generate

ROOT = Path(__file__).parents[1]
MOST = 1.25
"""Times the processor time of a run: a watch publishes smaller batches."""
_POLL = 0.5


class Took(NamedTuple):
    """What a command took: seconds, processor time of itself and its children, and its rows."""

    seconds: float
    cpu: float
    rows: int


def rows_of(output: Path) -> int:
    """Return how many rows an output has; files that go while they are counted are none."""
    total = 0
    for path in output.glob("date=*/*.parquet"):
        try:
            total += pq.ParquetFile(path).metadata.num_rows
        except FileNotFoundError:
            return 0
    return total


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start the command, with one thread for each library."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **threads, "PYTHONPATH": str(ROOT)},
    )


def measured(work: Callable[[], None], output: Path, since: Callable[[], float]) -> Took:
    """Return what `work`, which waits for its processes, took from `since` on."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.monotonic() - since(), cpu, rows_of(output))


def live(output: Path, watched: Path, files: Path, count: int, began: list[float]) -> None:
    """Have a watch that waits meet all files at once, and end when it has published them."""
    watched.mkdir()
    process = start("watch", "-i", watched, "-o", output)
    while not list(output.glob("_watch/_lock/*.json")):  # it is up
        time.sleep(_POLL)
    began.append(time.monotonic())
    for path in files.iterdir():
        os.link(path, watched / path.name)
    while rows_of(output) < count and process.poll() is None:
        time.sleep(_POLL)
    process.send_signal(signal.SIGTERM)
    process.wait()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--words", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, files = Path(name), Path(name, "in")
        files.mkdir()
        for number, record in enumerate(generate(options.files, options.words)):
            date, text = f"{record['date']:.10}", f"{record['title']}\n\n{record['text']}\n"
            (files / f"{date}-{number}.txt").write_text(text, "utf-8")
        began = [time.monotonic()]
        kinds: dict[str, Callable[[Path], None]] = {
            "run": lambda out: _done(start("run", "-i", files, "-o", out)),
            "watch --once": lambda out: _done(start("watch", "--once", "-i", files, "-o", out)),
            "watch": lambda out: live(out, folder / "live", files, options.files, began),
        }
        took = {}
        print(f"{'':14} {'seconds':>8} {'cpu s':>8} {'files/s':>8} {'busy':>6} {'rows':>7}")
        for number, (kind, work) in enumerate(kinds.items()):
            began.append(time.monotonic())
            output = folder / str(number)
            one = took[kind] = measured(partial(work, output), output, lambda: began[-1])
            print(
                f"{kind:14} {one.seconds:>8.1f} {one.cpu:>8.1f} {one.rows / one.seconds:>8.1f} "
                f"{one.cpu / one.seconds:>6.0%} {one.rows:>7}",
                flush=True,
            )
    slow = [kind for kind, one in took.items() if one.cpu > MOST * took["run"].cpu]
    print(*(f"{kind} took more than {MOST} times the processor time of run" for kind in slow))
    sys.exit(bool(slow) or any(one.rows != options.files for one in took.values()))


def _done(process: subprocess.Popen[bytes]) -> None:
    if process.wait():
        raise RuntimeError(f"a command ended with {process.returncode}")


if __name__ == "__main__":
    main()
