"""How the time of a document grows with its size, for each format and for hostile texts.

    python benchmarks/growth.py [--most 1000000]

Documents of 10,000 characters, 100,000 and so on are read, parsed, cleaned and split into
sentences. Prints the milliseconds of processor time at each size, and the exponent between the two
largest: 1 is linear, n log n is some 1.1 there. Ends with exit code 1 where it is over `MOST`, and
the time not too short to tell.
"""

import argparse
import sys
import time
from collections.abc import Callable
from math import log

from fuzz import Sample, outcomes
from isolation import LARGE, SENTENCE

MOST = 1.35
"""Exponent above which growth is taken for worse than n log n: what one measurement may err by."""
_TELLING = 0.2
"""Seconds below which an exponent says nothing."""
_PATTERNS = (
    "\\", '"', "'", "“", "A-", "A ", "a.", "…", "1,", "(", "[", "<", "<b>", "&", "&amp;", "\u0301",
    "\u200b", " ", "\n", "\n\n", "- x\n", "http://", "@", "*", "_", "#", "Mr. ", "漢", "🏳️‍🌈", "x",
)  # fmt: skip


def _text_of(pattern: str) -> Callable[[int], str]:
    head = f"Bridges\n\n{SENTENCE.format(1) * 8}"
    return lambda size: head + pattern * (size // len(pattern)) + "\n" + SENTENCE.format(2)


def seconds(suffix: str, text: str) -> float:
    """Return the least processor time of two tries."""
    sample = Sample(suffix, text.encode("utf-8", "surrogatepass"))
    tries = []
    for _ in range(2):
        started = time.thread_time()
        outcomes(sample)
        tries.append(time.thread_time() - started)
    return min(tries)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000, help="characters of the largest")
    most = parser.parse_args().most
    sizes = [size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size <= most]
    kinds = {suffix: (suffix, text) for suffix, text in LARGE.items()}
    kinds |= {f"{p!r} in .txt": (".txt", _text_of(p)) for p in _PATTERNS}
    kinds |= {f"{p!r} in .html": (".html", _page_of(p)) for p in _PATTERNS}
    print(f"{'':24}", *(f"{size:>11,}" for size in sizes), f"{'exponent':>9}")
    worse = 0
    for kind, (suffix, text) in kinds.items():
        times = [seconds(suffix, text(size)) for size in sizes]
        exponent = log(times[-1] / times[-2]) / log(sizes[-1] / sizes[-2])
        is_worse = exponent > MOST and times[-1] > _TELLING
        worse += is_worse
        cells = (f"{value * 1000:>11.1f}" for value in times)
        print(f"{kind:24}", *cells, f"{exponent:>9.2f}", "WORSE" * is_worse, flush=True)
    sys.exit(worse > 0)


def _page_of(pattern: str) -> Callable[[int], str]:
    inner = _text_of(pattern)
    return lambda size: f"<html><body><article><p>{inner(size)}</p></article></body></html>"


if __name__ == "__main__":
    main()
