"""What isolation costs a document, and what the largest documents cost against their bounds.

    python benchmarks/isolation.py [--mib 20]

Prints the processor time that bounds and notes add to each document of a step, beside that of
parsing and cleaning a short article; and for one document of the largest size that is read
(`input.max_bytes`), of several formats, the processor time and memory that it takes in each step,
each in a process of its own.
"""

import argparse
import io
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from transforms.bounds import USUAL, enforced
from transforms.clean import CleanOptions, clean_article
from transforms.formats import FileInfo, ParseOptions, by_suffix
from transforms.isolation import caught, tried
from transforms.parse import parse_document
from transforms.records import RawDocument
from transforms.under_way import keeping_journal

NOW = datetime(2026, 10, 5, tzinfo=UTC)
SENTENCE = "The council of the town opened bridge {0} over the river on Monday, it said. "
SHORT = " ".join(SENTENCE.format(number) for number in range(40))
_ROUNDS = 3000


def _page(size: int) -> str:
    paragraph = "<p>" + SENTENCE.format(7) * 8 + "</p>\n"
    count = min(90_000, size // len(paragraph))  # a page of more elements is rejected
    return f"<html><head><title>Bridges</title></head><body>{paragraph * count}</body></html>"


def _feed(size: int) -> str:
    item = (
        "<item><title>Bridge {0}</title><link>https://a.example/{0}</link><guid>{0}</guid>"
        "<pubDate>Mon, 05 Oct 2026 08:00:00 GMT</pubDate><description>{1}</description></item>\n"
    )
    one = item.format(1_000_000, SENTENCE.format(7))
    items = (item.format(n, SENTENCE.format(n)) for n in range(size // len(one)))
    return f'<rss version="2.0"><channel><title>News</title>{"".join(items)}</channel></rss>'


def _records(size: int) -> str:
    one = {"title": "A bridge", "text": SENTENCE.format(7), "url": "https://a.example/1"}
    return json.dumps([one] * (size // len(json.dumps(one))))


LARGE: dict[str, Callable[[int], str]] = {
    ".txt": lambda size: SENTENCE.format(7) * (size // 80),
    ".md": lambda size: (SENTENCE.format(7) * 8 + "\n\n") * (size // 640),
    ".html": _page,
    ".rss": _feed,
    ".json": _records,
    ".eml": lambda size: "From: a@b.example\nSubject: A bridge\n\n" + SENTENCE * (size // 80),
}


def per_document() -> None:
    """Print what is added to each document of a step, and what a short article takes."""
    raw = RawDocument("in/a.txt", "text/plain", SHORT.encode(), NOW)
    options, clean = ParseOptions(), CleanOptions()

    def work() -> None:
        clean_article(parse_document(raw, options), clean)

    def seconds(one: Callable[[], object], rounds: int = _ROUNDS) -> float:
        one()
        start = time.thread_time()
        for _ in range(rounds):
            one()
        return (time.thread_time() - start) / rounds

    alone, nothing = seconds(work, 200), partial(int)
    with tempfile.TemporaryDirectory() as folder, enforced():
        plain, bounded = seconds(partial(caught, nothing)), seconds(partial(caught, nothing, USUAL))
        with keeping_journal(Path(folder, "documents"), {}):
            noted = seconds(partial(tried, nothing, "parse", raw))
    print(f"{'':28} {'us a document':>14}")
    print(f"{'caught':28} {plain * 1e6:>14.1f}")
    print(f"{'caught and bounded':28} {bounded * 1e6:>14.1f}")
    print(f"{'caught, bounded and noted':28} {noted * 1e6:>14.1f}")
    print(f"{'a short article (3 kB)':28} {alone * 1e6:>14.1f}  parsed and cleaned")
    print(f"two steps add {2 * noted / alone:.1%} to it")


def costs(suffix: str, size: int) -> list[tuple[str, float, float]]:
    """Return the steps of one document with processor time in s and growth in MiB, the largest."""
    content = LARGE[suffix](size).encode()
    form = by_suffix(f"a{suffix}")
    assert form is not None
    file = FileInfo(f"/in/a{suffix}", len(content), None, NOW)
    parts = form.split(file, io.BytesIO(content), 2 * size)
    first, seconds, memory = _measured(lambda: next(parts))
    found = [("split", seconds, memory)]
    if isinstance(first, RawDocument):
        article, seconds, memory = _measured(lambda: parse_document(first, ParseOptions()))
        found.append(("parse", seconds, memory))
        _, seconds, memory = _measured(lambda: clean_article(article, CleanOptions()))
        found.append(("clean", seconds, memory))
    return found


def _measured(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what `work` returns, its seconds, and by how many MiB the peak of memory grew."""
    start, before = time.thread_time(), _peak()
    result = work()
    return result, time.thread_time() - start, _peak() - before


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=20)
    size = parser.parse_args().mib << 20
    per_document()
    print(
        f"\n{'format':8} {'step':6} {'cpu s':>8} {'MiB':>8}   of one document of {size >> 20} MiB"
    )
    for suffix in LARGE:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            for step, seconds, memory in pool.apply(costs, (suffix, size)):
                print(f"{suffix:8} {step:6} {seconds:>8.1f} {memory:>8.0f}", flush=True)


if __name__ == "__main__":
    main()
