"""What publishing costs in an object store, beside the same on a disk, as the files become many.

python benchmarks/stores.py [--files 10,1000] [--batches 1,100] [--rounds 5]

An output on this disk and one in a local S3 server (store_server.py, in a process of its own) have
the same files, one a day. A warm process publishes the same new articles in both, all that a run
does with a batch but the models' work: compare it with what is published, relate it, write it,
follow the lock. Prints the processor time of this process and the requests, medians of the rounds;
the first round, in which the files are read, is not counted.
"""

import argparse
import contextlib
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import obstore
from described import DAY, Record, described, records, row
from rich.console import Console
from rich.table import Table
from store_server import local_store

from pipeline.config_files import load_config
from pipeline.lock.lock import output_lock
from pipeline.publisher import publish, sift
from pipeline.settings import make_plan
from transforms.output import stores
from transforms.output.merge import encode_table
from transforms.output.schema import rows_table
from transforms.output.storage import join
from transforms.output.storage import publish as publish_file
from transforms.records import Article, DayFile

ROWS = 3
"""Of a file."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", default="10,1000", help="published files")
    parser.add_argument("--batches", default="1,100", help="articles in a batch")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sizes = [int(part) for part in options.batches.split(",")]
    table = Table("files", "articles", "disk", "store", "ratio", "requests")
    for column in table.columns:
        column.justify = "right"
    with tempfile.TemporaryDirectory() as folder, local_store("stores") as bucket:
        for count in map(int, options.files.split(",")):
            roots = [f"{folder}/{count}", f"{bucket}/{count}"]
            news = records(sys.maxsize)
            fill(roots, count, news)
            for size in sizes:
                disk, store = measured(roots, size, options.rounds, news)
                cells = [f"{1000 * disk[0]:,.0f} ms", f"{1000 * store[0]:,.0f} ms"]
                ratio = f"{store[0] / disk[0]:.2f}"
                table.add_row(f"{count:,}", str(size), *cells, ratio, f"{store[1]:,.0f}")
    Console().print(table)


def fill(roots: list[str], count: int, news: Iterator[Record]) -> None:
    """Write `count` files below each root, of one day each."""
    chance = random.Random(count)
    for number in range(1, count + 1):
        when = DAY - timedelta(days=number)
        rows = [row(fields | {"date": when.isoformat()}, chance) for fields in batch(news, ROWS)]
        content = encode_table(rows_table(rows))
        for root in roots:
            publish_file(join(root, DayFile(f"{when:%Y-%m-%d}", 0, 0).path), content)


def measured(
    roots: list[str], size: int, rounds: int, news: Iterator[Record]
) -> list[tuple[float, float]]:
    """Return the seconds and requests of a batch of `size` below each root."""
    chance = random.Random(size)
    taken: list[list[tuple[float, int]]] = [[] for _ in roots]
    for _ in range(rounds + 1):
        articles = [described(fields, chance) for fields in batch(news, size)]
        for results, root in zip(taken, roots, strict=True):
            results.append(one_batch(root, articles))
    return [
        (
            statistics.median(seconds for seconds, _ in results[1:]),
            statistics.median(requests for _, requests in results[1:]),
        )
        for results in taken
    ]


def batch(news: Iterator[Record], size: int) -> list[Record]:
    """Return the next `size` records."""
    return list(itertools.islice(news, size))


def one_batch(root: str, articles: list[Article]) -> tuple[float, int]:
    """Publish a batch below `root`; return the processor seconds and the requests."""
    plan = make_plan(load_config(None, {"input.paths": ["unused"], "output.path": root}))
    with output_lock(root, "run"), counted() as count:
        started = time.process_time()
        publish(articles, sift(articles, plan), plan, "run")
        return time.process_time() - started, count[0]


@contextlib.contextmanager
def counted() -> Iterator[list[int]]:
    """Count the requests to stores while the `with` lasts: of a listing, its pages."""
    count = [0]

    class Counting:
        def __getattr__(self, name: str) -> Any:
            function = getattr(obstore, name)

            def call(*args: Any, **kwargs: Any) -> Any:
                count[0] += 1
                return function(*args, **kwargs)

            return self._pages if name == "list" else call

        def _pages(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
            count[0] += 1
            for number, page in enumerate(obstore.list(*args, chunk_size=1000, **kwargs)):
                count[0] += number > 0
                yield page

    with mock.patch.object(stores, "obstore", Counting()):
        yield count


if __name__ == "__main__":
    main()
