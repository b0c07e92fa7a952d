"""What a million or a hundred million articles a day need, from what one article costs here.

    python benchmarks/capacity.py [--articles 300] [--words 400] [--busy 0.5]

Measures each step's processor time, the bytes of a row, and the memory of what is known of a row;
then multiplies. `--busy` is the share of time that a core is to work on average: news comes in
waves. Only the measured part is a fact; that a step grows as it does here is an assumption, and
docs/scale.md says where it ends.
"""

import argparse
import contextlib
import math
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from articles import write_jsonl
from scale import publish, relate, topics_of

from pipeline.config import Config
from pipeline.config_files import load_config
from pipeline.settings import make_plan
from transforms.classify.phrases import classify_article
from transforms.clean import CleanOptions, clean_article
from transforms.dedupe.resolve import resolve
from transforms.encode import encode_articles
from transforms.input_files import match_files
from transforms.models.loaders import EncoderLoader, Encoders
from transforms.models.pinned import EMBEDDED
from transforms.output.key_index import index_of
from transforms.output.ledger import look_up
from transforms.output.listing import Listing
from transforms.parse import parse_document
from transforms.read import read_documents
from transforms.records import Article
from transforms.relate.step import describe_article
from transforms.summarize.extractive import SummaryOptions, summarize_article

DAY = 86_400
VOLUMES = (10_000, 1_000_000, 100_000_000)
PARALLEL = ("parse", "clean", "encode", "summarize", "classify")
"""Steps that work on each article by itself; the others are one writer's."""


class Costs:
    """Processor seconds of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Measure what is in the `with`."""
        started = time.process_time()
        yield
        self.seconds[step] = self.seconds.get(step, 0) + time.process_time() - started


def measure(config: Config) -> tuple[Costs, int]:
    """Run each step on all articles; return the costs and the number of articles."""
    costs, now = Costs(), datetime.now(UTC)
    (file,) = match_files(config.input.paths, lambda: now)
    documents = list(read_documents(file))
    options = make_plan(config).parse
    with costs.of("parse"):
        articles = [parse_document(document, options) for document in documents]  # type: ignore[arg-type]
    with costs.of("clean"):
        articles = [clean_article(article, CleanOptions()) for article in articles]
    with costs.of("dedupe"):
        keys = {key for article in articles for key in (article.id, *article.keys)}
        known = look_up(config.output.path, keys, {a.text_sha256 for a in articles})
        articles = resolve(articles, known, config.output.buckets).articles
    encoders = Encoders(EncoderLoader(EMBEDDED))
    encoder = encoders.first()
    encoder.encode(["The model is loaded, and its threads are there."])
    with costs.of("encode"):
        encoded = encode_articles(articles, encoder, config.encoder.max_sentences)
    articles = [article for article in encoded if isinstance(article, Article)]
    with costs.of("summarize"):
        summarize = partial(summarize_article, options=SummaryOptions(config.summary.max_words))
        articles = [summarize(article) for article in articles]
    topics = topics_of(config.topics.file)
    with costs.of("classify"):
        articles = [
            classify_article(describe_article(article, encoders), topics, EMBEDDED.languages)
            for article in articles
        ]
    with costs.of("relate"):
        articles = relate(make_plan(config), articles)
    with costs.of("write"):
        publish(config, articles)
    return costs, len(articles)


def row_bytes(root: str) -> tuple[float, float]:
    """Return the bytes of a row on the disk, and of its keys in memory but for what is mapped."""
    listing = Listing(root)
    index = index_of(root)
    rows = sum(index.facts(listing, file).rows for file in listing.files)
    disk = sum(listing.state(file).size for file in listing.files)
    return disk / rows, index.nbytes / rows


def print_costs(costs: Costs, count: int) -> None:
    """Print what an article costs in each step."""
    total = sum(costs.seconds.values())
    print(f"{'step':<12}{'ms/article':>12}{'share':>8}{'articles/s and core':>22}")
    for step, seconds in [*costs.seconds.items(), ("all", total)]:
        print(
            f"{step:<12}{1000 * seconds / count:>12.2f}{seconds / total:>8.0%}"
            f"{count / max(seconds, 1e-9):>22,.0f}"
        )


def print_volumes(costs: Costs, count: int, root: str, busy: float) -> None:
    """Print what the volumes need."""
    disk, memory = row_bytes(root)
    many = sum(costs.seconds[step] for step in PARALLEL) / count
    one = sum(seconds for step, seconds in costs.seconds.items() if step not in PARALLEL) / count
    print(f"\na row: {disk:,.0f} bytes on the disk; its keys: {memory:,.0f} bytes of memory\n")
    print(f"{'a day':<34}" + "".join(f"{volume:>14,}" for volume in VOLUMES))
    lines = {
        "articles a second, on average": lambda n: f"{n / DAY:,.1f}",
        "cores for parse ... classify": lambda n: f"{math.ceil(n * many / DAY / busy):,}",
        "cores of one writer (limit: 1)": lambda n: f"{n * one / DAY / busy:,.2f}",
        "writers, each with an output": lambda n: f"{max(1, math.ceil(n * one / DAY / busy)):,}",
        "storage, GB a day": lambda n: f"{n * disk / 1e9:,.2f}",
        "storage, TB a year": lambda n: f"{n * disk * 365 / 1e12:,.2f}",
        "keys of 30 days in memory, GB": lambda n: f"{n * memory * 30 / 1e9:,.2f}",
        "feeds of 20 new items a day": lambda n: f"{n / 20:,.0f}",
        "requests a second, each 15 min": lambda n: f"{n / 20 * 96 / DAY:,.1f}",
    }
    for name, value in lines.items():
        print(f"{name:<34}" + "".join(f"{value(volume):>14}" for volume in VOLUMES))


def main() -> None:
    """Parse the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--busy", type=float, default=0.5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = write_jsonl(Path(folder) / "articles.jsonl", options.articles, options.words)
        root = str(Path(folder) / "out")
        config = load_config(None, {"input.paths": [str(source)], "output.path": root})
        costs, count = measure(config)
        print_costs(costs, count)
        print_volumes(costs, count, root, options.busy)


if __name__ == "__main__":
    main()
