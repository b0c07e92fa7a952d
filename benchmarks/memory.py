"""Peak memory of `newsbeam run` for 1,000 and for 20,000 articles, each in a fresh process.

python benchmarks/memory.py [--small 1000] [--large 20000]
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from articles import write_jsonl


def peak_memory(source: Path, output: Path) -> tuple[float, float]:
    """Run newsbeam on `source`; return its peak resident memory in MB and its seconds."""
    command = [sys.executable, "-m", "pipeline", "run", "-i", str(source), "-o", str(output)]
    started = time.monotonic()
    process = os.spawnv(os.P_NOWAIT, sys.executable, command)
    _, status, usage = os.wait4(process, 0)
    if status:
        sys.exit(f"newsbeam failed with status {status}")
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
            peak, seconds = peak_memory(source, Path(folder) / f"out-{count}")
            peaks.append(peak)
            print(f"{count:>10,} {peak:>9.0f} {seconds:>8.1f}", flush=True)
    print(f"ratio of the peaks {peaks[1] / peaks[0]:.2f} (to be at most 1.30)")


if __name__ == "__main__":
    main()
