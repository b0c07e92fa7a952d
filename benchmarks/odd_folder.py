"""Good articles among files that nobody expects: every good one becomes a row.

    python benchmarks/odd_folder.py [--good 500] [--fuzzed 200] [--kills 10] [--small]

Writes one folder with `--good` articles and every odd file of odd_files.py (`--small`: none of
20 MiB), and has `newsbeam run`
and `newsbeam watch` read it, each into an output of its own. Then `newsbeam run` reads it into a
third, and is killed `--kills` times at random moments before it may end. Prints exit codes,
the rows of good articles, the balance, faults, seconds and memory; ends with exit code 1 where a
good article has not exactly one row, an exit code is not 0, or `newsbeam verify` finds a problem.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pyarrow.dataset as ds
from odd_files import write_good, write_odd

ROOT = Path(__file__).parents[1]
_COMMAND = (sys.executable, "-m", "pipeline")


class End(NamedTuple):
    """How a command ended: its code, what it said, seconds, and its memory at most in MiB."""

    code: int
    out: str
    seconds: float
    memory: int


def newsbeam(*arguments: str | Path, kill_after: float | None = None) -> End:
    """Run the command, and kill it after so many seconds."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(
            [*_COMMAND, *map(str, arguments)],
            stdout=out,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        if kill_after is not None:
            try:
                process.wait(kill_after)
            except subprocess.TimeoutExpired:
                process.kill()
        _, status, usage = os.wait4(process.pid, 0) if process.returncode is None else (0, 0, None)
        code = process.returncode if usage is None else os.waitstatus_to_exitcode(status)
        process.returncode = code
        out.seek(0)
        memory = usage.ru_maxrss // 1024 if usage else 0
        return End(code, out.read(), time.monotonic() - started, memory)


def rows_of_good(output: Path) -> Counter[str]:
    """Return how many rows each good article has, by the name of its file."""
    files = [str(path) for path in output.glob("date=*/*.parquet")]
    uris = ds.dataset(files).to_table(["uri"])["uri"].to_pylist() if files else []
    names = (uri.rpartition("/")[2] for uri in uris)
    return Counter(name for name in names if name.startswith("good-"))


def problems(output: Path, end: End, good: int) -> list[str]:
    """Return what does not hold of an output."""
    rows = rows_of_good(output)
    found = [f"exit code {end.code}"] if end.code else []
    if len(rows) != good or rows.total() != good:
        found.append(f"{rows.total()} rows of {len(rows)} good articles, of {good}")
    verified = newsbeam("verify", output, "--json")
    if verified.code:
        found.append(f"verify: {verified.out[:2000]}")
    return found


def faults(output: Path) -> Counter[str]:
    """Return the faults among the dead letters."""
    lines = (line for path in output.glob("_rejected/*/*.jsonl") for line in path.open())
    letters = map(json.loads, lines)
    return Counter(x["detail"].split(": ")[0] for x in letters if x["reason"] == "fault")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--good", type=int, default=500)
    parser.add_argument("--fuzzed", type=int, default=200)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--small", action="store_true", help="leave files of 20 MiB out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "eval")
    options = parser.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_good(folder / "in", options.good)
        large = not options.small
        odd = write_odd(folder / "in/odd", options.data, fuzzed=options.fuzzed, large=large)
        print(f"{options.good} good articles, {odd} odd names")
        commands = {"run": ["run"], "watch": ["watch", "--once"], "killed": ["run"]}
        for title, command in commands.items():
            output = folder / title
            arguments: list[str | Path] = [*command, "-i", folder / "in", "-o", output]
            if title == "killed":
                _kill(arguments, options.kills, random.Random(options.seed))
            end = newsbeam(*arguments)
            found = problems(output, end, options.good)
            print(f"{title}: exit {end.code}, {end.seconds:.0f} s, {end.memory} MiB")
            print(f"    {end.out.strip()}", flush=True)
            for fault, count in faults(output).items():
                print(f"    {count} x {fault}")
            print(*(f"    WRONG: {what}" for what in found), sep="\n")
            wrong += found
    sys.exit(bool(wrong))


def _kill(arguments: list[str | Path], times: int, draw: random.Random) -> None:
    for _ in range(times):
        end = newsbeam(*arguments, kill_after=draw.uniform(2, 60))
        print(f"    ended with {end.code} after {end.seconds:.1f} s")


if __name__ == "__main__":
    main()
