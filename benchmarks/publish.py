"""What it costs to publish a small batch into a day that is already large.

python benchmarks/publish.py [--large 100000] [--small 1000] [--batch 100] [--rounds 5]

Two outputs, each with one day, get the same new articles in turn: by `publish_day` alone, and
by a run of the whole graph in this warm process. The first round of each is not counted.
"""

import argparse
import hashlib
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from articles import seed_paragraphs

from pipeline.config_files import load_config
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.settings import make_plan
from transforms.formats.base import ParseOptions
from transforms.output.merge import Row
from transforms.output.publish import Changes, publish_day, publish_partition
from transforms.output.schema import article_row
from transforms.output.versions import version
from transforms.parse import parse_document
from transforms.records import RECORD_MEDIA_TYPE, Article, Partition, RawDocument
from transforms.relate.near.signature import signature
from transforms.relate.story_names import story_names

DAY = datetime(2026, 10, 1, tzinfo=UTC)
HOME = Partition("2026-10-01", 0)
WORDS = 400
SENTENCE = 20
ROWS_AT_ONCE = 1500

Record = dict[str, str]


def records(count: int) -> Iterator[Record]:
    """Yield `count` records of one day, in no order of time, and with nothing in common.

    Their sentences are random words of the seeds: no two are near-duplicates.
    """
    chance = random.Random(20261001)
    words = [word for article in seed_paragraphs() for text in article for word in text.split()]
    for number in range(count):
        sentences = [
            " ".join(chance.choices(words, k=SENTENCE)).strip(".,").capitalize() + "."
            for _ in range(WORDS // SENTENCE)
        ]
        yield {
            "url": f"https://news.example.org/day/{number}",
            "title": " ".join(chance.choices(words, k=8)),
            "text": " ".join(sentences),
            "date": (DAY + timedelta(seconds=number * 7919 % 86_400)).isoformat(),
        }


def described(fields: Record, chance: random.Random) -> Article:
    """Return the article of a record, with all that a run puts into it but the models' work."""
    content = json.dumps(fields).encode()
    document = RawDocument("/in/day.jsonl", RECORD_MEDIA_TYPE, content, DAY, line=1)
    article = parse_document(document, ParseOptions())
    return replace(
        article,
        text_sha256=hashlib.sha256(article.text.encode()).hexdigest(),
        summary=article.text[:400],
        summary_method="extractive",
        summary_model="none",
        faithfulness=1.0,
        versions=(version(article),),
        near_keys=signature(article.text),
        story_names=story_names(article.title, article.text.split(". "), article.language),
        story_vector=np.frombuffer(chance.randbytes(384), np.int8),
    )


def row(fields: Record, chance: random.Random) -> Row:
    """Return the row of a record."""
    return article_row(described(fields, chance), "fill")


def fill(root: Path, rows: Iterator[Row], count: int) -> None:
    """Publish `count` of `rows` below `root`."""
    wanted = islice(rows, count)
    while batch := list(islice(wanted, ROWS_AT_ONCE)):
        publish_partition(str(root), HOME, batch)


def run_batch(root: Path, batch: list[Record], source: Path) -> None:
    """Run the whole graph on `batch`."""
    source.write_text("".join(json.dumps(fields) + "\n" for fields in batch), "utf-8")
    run(
        make_plan(load_config(None, {"input.paths": [str(source)], "output.path": str(root)})),
        [],
        Progress(),
    )


def publish_batch(root: Path, batch: list[Row]) -> None:
    """Publish the rows of `batch`."""
    publish_day(str(root), HOME.date, {HOME.bucket: Changes(batch)})


def seconds(work: Callable[[], None]) -> float:
    """Return how long `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sizes = (options.small, options.large)
    chance = random.Random(20261001)
    extra = 2 * (options.rounds + 1) * options.batch
    fresh = list(islice(records(options.large + extra), options.large, None))
    batches = [fresh[i : i + options.batch] for i in range(0, extra, options.batch)]
    with tempfile.TemporaryDirectory() as folder:
        roots = {size: Path(folder) / f"out-{size}" for size in sizes}
        for size, root in roots.items():
            fill(root, (row(fields, chance) for fields in records(size)), size)
        print(f"{'':14}" + "".join(f"{f'day of {size:,}':>16}" for size in sizes) + f"{'ratio':>8}")
        for name, its in (("publication", batches[::2]), ("whole batch", batches[1::2])):
            taken: dict[int, list[float]] = {size: [] for size in sizes}
            for batch in its:
                rows = [row(fields, chance) for fields in batch]
                for size, root in roots.items():
                    work = (
                        partial(publish_batch, root, rows)
                        if name == "publication"
                        else partial(run_batch, root, batch, Path(folder) / "in.jsonl")
                    )
                    taken[size].append(seconds(work))
            medians = [statistics.median(taken[size][1:]) for size in sizes]
            cells = "".join(f"{f'{median * 1000:,.0f} ms':>16}" for median in medians)
            print(f"{name:14}{cells}{medians[1] / medians[0]:>8.2f}", flush=True)
    print("the ratios are to be at most 2")


if __name__ == "__main__":
    main()
