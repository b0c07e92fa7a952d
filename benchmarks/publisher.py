"""Rows per second and core of the publisher alone, as what is published grows.

python benchmarks/publisher.py [--sizes 0,1000,10000,100000] [--batch 500] [--rounds 3]
    [--day 100000] [--file 1500] [--profile]

Batches of articles that are described already are published into outputs of so many rows, which are
made up, at most `--day` of them on each day and `--file` in each file. Articles "apart" have
nothing in common; those that "share" take each of their paragraphs from the same few hundred, as
news of one agency does. "One" is a batch of a single article, the least of some. All are processor
time of this process, of batches that follow a first one, in which files are read; the memory is
this process's most so far.

limit.py runs it with the modules of an older commit too (PYTHONPATH), where they have other names.
"""

import argparse
import cProfile
import hashlib
import inspect
import json
import pstats
import random
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

SEEDS = Path(__file__).parents[1] / "seeds"
DAY = datetime(2026, 10, 1, tzinfo=UTC)
PARAGRAPHS, OF_ONE, SENTENCES, WORDS, NAMES = 400, 5, 4, 20, 20_000
"""How many paragraphs there are to share, what an article has of them, and how many names there
are."""


def of(name: str, *modules: str) -> Any:
    """Return `name` of the first of `modules` that has it; `None` if none does."""
    for module in modules:
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError):
            continue
    return None


parse_document = of("parse_document", "transforms.parse")
options = of("ParseOptions", "transforms.formats.base")()
records = import_module("transforms.records")
article_row = of("article_row", "transforms.output.schema", "transforms.schema")
schema = of("SCHEMA", "transforms.output.schema", "transforms.schema")
encode_table = of("encode_table", "transforms.output.merge", "transforms.merge")
count_words = of("count_words", "transforms.text.words", "transforms.words")
signed = of("signed", "transforms.relate.step")


class Texts:
    """Makes the records of articles, each time others.

    Args:
        shares: whether they share paragraphs.
    """

    def __init__(self, shares: bool) -> None:
        self._chance = random.Random(20261001 + shares)
        files = (path.read_text("utf-8") for path in sorted(SEEDS.glob("**/*.md")))
        self._words = [word for text in files for word in re.findall(r"\b[a-z]{2,}", text)]
        self._pool = [self._paragraph() for _ in range(PARAGRAPHS)] if shares else []
        self._count = 0

    def _sentence(self) -> str:
        return f"{' '.join(self._chance.choices(self._words, k=WORDS)).capitalize()}."

    def _paragraph(self) -> str:
        return " ".join(self._sentence() for _ in range(SENTENCES))

    def take(self, count: int) -> list[Any]:
        """Return so many articles, described."""
        return [self._article() for _ in range(count)]

    def _article(self) -> Any:
        self._count += 1
        paragraphs = (
            self._chance.sample(self._pool, OF_ONE)
            if self._pool
            else [self._paragraph() for _ in range(OF_ONE)]
        )
        fields = {
            "url": f"https://news.example.org/{bool(self._pool)}/{self._count}",
            "title": " ".join(self._chance.choices(self._words, k=8)),
            "text": "\n\n".join([*paragraphs, self._sentence()]),
            "date": (DAY + timedelta(seconds=self._count * 7919 % 86_400)).isoformat(),
        }
        return described(fields, self._chance)


def described(fields: dict[str, str], chance: random.Random) -> Any:
    """Return the article of a record, with all that a run puts into it but the models' work."""
    content = json.dumps(fields).encode()
    document = records.RawDocument("/in/x.jsonl", records.RECORD_MEDIA_TYPE, content, DAY, line=1)
    article = parse_document(document, options)
    article = replace(
        article,
        raw=None,
        text_sha256=hashlib.sha256(article.text.encode()).hexdigest(),
        summary=article.text[:400],
        summary_method="extractive",
        summary_model="none",
        faithfulness=1.0,
        story_names=names(chance),
        story_vector=np.frombuffer(chance.randbytes(384), np.int8),
    )
    return signed(article) if signed else article


def names(chance: random.Random) -> Any:
    """Return the hashed names of an article: few are in the news often, most are not."""
    drawn = {int(NAMES * chance.random() ** 2) for _ in range(32)}
    return np.sort(np.array(list(drawn), np.uint32) * np.uint32(0x9E3779B1))


def fill(root: Path, size: int, a_day: int, a_file: int) -> None:
    """Write `size` rows below `root`, in the files of as many days as that takes, the last first.

    They share nothing with any article; their texts are short, since nobody reads them.
    """
    chance = np.random.default_rng(size)
    like = Texts(shares=False).take(1)[0]
    like = replace(like, text="Text.", keys=(), versions=("0",), near_keys=np.zeros(32, np.uint64))
    counted = (
        (count_words(like.text),) if len(inspect.signature(article_row).parameters) > 2 else ()
    )
    row = article_row(like, "fill", *counted)
    for number, begin in enumerate(range(0, size, a_file)):
        day, place = divmod(number, -(-a_day // a_file))
        date = DAY - timedelta(days=day)
        table = filled(row, date, min(a_file, size - begin), chance)
        path = root / records.DayFile(f"{date:%Y-%m-%d}", 0, place).path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_table(table))


def filled(
    row: dict[str, Any], date: datetime, count: int, chance: np.random.Generator
) -> pa.Table:
    """Return `count` rows like `row`, with keys, times and vectors of their own."""
    table = pa.Table.from_pylist([row] * count, schema=schema)
    times = np.sort(int(date.timestamp() * 1e6) + chance.integers(0, 86_400_000_000, count))
    digits = chance.bytes(count * 64).hex()
    hashes = [digits[start : start + 32] for start in range(0, len(digits), 32)]
    ids = sorted(hashes[:count])
    own = {
        "id": pa.array(ids),
        "keys": lists(
            pa.array([key for pair in zip(ids, hashes[count:], strict=False) for key in pair]), 2
        ),
        "text_sha256": pa.array([a + b for a, b in zip(hashes[2 * count :], ids, strict=False)]),
        "published_at": pa.array(times, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
        "near_keys": lists(pa.array(chance.integers(0, 2**63, count * 32, np.uint64)), 32),
        "story_names": lists(pa.array(chance.integers(0, 2**32, count * 32, np.uint32)), 32),
        "story_vector": pa.array([chance.bytes(384) for _ in range(count)], pa.binary()),
    }
    for name, values in own.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, schema.field(name), values.cast(schema.field(name).type))
    return table


def lists(values: pa.Array, size: int) -> pa.Array:
    """Return `values` as lists of `size`."""
    return pa.ListArray.from_arrays(pa.array(range(0, len(values) + 1, size), pa.int32()), values)


def publisher(root: Path) -> Callable[[Sequence[Any]], None]:
    """Return what publishes articles below `root`."""
    changes = {"input.paths": ["unused"], "output.path": str(root)}
    config = of("load_config", "pipeline.config_files", "pipeline.config")(None, changes)
    publish = of("publish", "pipeline.publisher")
    if publish is None:  # before there was one
        context = of("RunContext", "pipeline.graph")("run", DAY, str(root))
        window = of("publish_window", "pipeline.stream")
        return lambda articles: window(list(articles), config, context)
    sift, plan = of("sift", "pipeline.publisher"), of("make_plan", "pipeline.settings")(config)

    def work(articles: Sequence[Any]) -> None:
        sifted = sift(articles, plan)
        publish(sifted.articles, sifted, plan, "run")

    return work


def seconds(work: Callable[[Sequence[Any]], None], batch: Sequence[Any]) -> float:
    """Return the processor time that it takes to publish `batch`."""
    started = time.process_time()
    work(batch)
    return time.process_time() - started


def measured(
    sizes: Sequence[int], batch: int, rounds: int, a_day: int, a_file: int
) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield each size, and what was measured there."""
    apart, share = Texts(shares=False), Texts(shares=True)
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "out"
            fill(root, size, a_day, a_file)
            work = publisher(root)
            work(apart.take(batch))
            found: dict[str, float] = {}
            for name, texts in (("apart", apart), ("share", share)):
                took = [seconds(work, texts.take(batch)) for _ in range(rounds)]
                found[name] = batch * rounds / sum(took)
            found["one"] = 1000 * min(seconds(work, apart.take(1)) for _ in range(5))
            found["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            yield size, found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="0,1000,10000,100000", help="published rows")
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--day", type=int, default=100_000, help="rows of a day, at most")
    parser.add_argument("--file", type=int, default=1500, help="rows of a file")
    parser.add_argument("--profile", action="store_true", help="print where the time goes, too")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sizes = [int(part) for part in given.sizes.split(",")]
    profile = cProfile.Profile()
    if not given.json:
        print(f"{'rows':>12}{'apart/s':>10}{'share/s':>10}{'one, ms':>10}{'MB':>8}", flush=True)
    for size, found in measured(sizes, given.batch, given.rounds, given.day, given.file):
        if given.json:
            print(json.dumps([size, found]), flush=True)
        else:
            cells = f"{found['apart']:>10,.0f}{found['share']:>10,.0f}{found['one']:>10.1f}"
            print(f"{size:>12,}{cells}{found['mb']:>8,.0f}", flush=True)
    if given.profile:
        with tempfile.TemporaryDirectory() as folder:
            work, texts = publisher(Path(folder)), Texts(shares=False)
            work(texts.take(given.batch))
            more = texts.take(given.batch)
            profile.runcall(work, more)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
