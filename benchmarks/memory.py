"""Peak memory of `newsbeam run` for 1,000 and for 20,000 articles, each in a fresh process.

python benchmarks/memory.py [--small 1000] [--large 20000]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from articles import write_jsonl


def command_peak(*arguments: str) -> tuple[float, float]:
    """Run newsbeam; return its peak resident memory in MB and its seconds."""
    command = [sys.executable, "-m", "pipeline", *arguments]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        sys.exit(f"newsbeam failed with status {process.returncode}")
    return usage.ru_maxrss / 1024, time.monotonic() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=20_000)
    parser.add_argument("--words", type=int, default=200, help="words per article")
    options = parser.parse_args()
    peaks = []
    print(f"{'articles':>10} {'peak MB':>9} {'seconds':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for count in (options.small, options.large):
            source = write_jsonl(Path(folder) / f"{count}.jsonl", count, options.words)
            output = Path(folder) / f"out-{count}"
            peak, seconds = command_peak("run", "-i", str(source), "-o", str(output))
            peaks.append(peak)
            print(f"{count:>10,} {peak:>9.0f} {seconds:>8.1f}", flush=True)
    print(f"ratio of the peaks {peaks[1] / peaks[0]:.2f} (to be at most 1.30)")


if __name__ == "__main__":
    main()
