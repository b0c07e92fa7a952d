"""Precision and recall of near-duplicates and stories, and what a look-up costs as days grow.

    python benchmarks/duplicates.py [near] [stories] [growth] [--most 1000000]

Texts come from ../shared/eval where that is, else from seeds/; `stories` needs the former but for
the short texts of `short_stories.py`, and the encoders.
How far `dev` and `test` are apart: the thresholds are those that `dev` asks for (stories:
a precision of .95 over all of `dev`), but all texts were looked at while the method was made, so
what is compared at all (title weight, names) was seen to work on `test` too. The pairs were judged
by one reader. Those of BBC and AG News were found among the most similar ones, which flatters the
recall there, and those files have no dates, so that articles months apart count as of one day.
"""

import argparse
import json
import random
import resource
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import short_stories
from articles import seed_paragraphs
from edits import EDITS, paragraphs_of
from story_pairs import AGNEWS, BBC, INSHORTS, Judged, pairs

from transforms.clean import CleanOptions, clean_article
from transforms.encode import encode_articles
from transforms.errors import Rejected
from transforms.models.loaders import EncoderLoader
from transforms.models.pinned import EMBEDDED
from transforms.output.listing import Listing
from transforms.output.publish import FILE_ROWS
from transforms.output.row_index import RecentRows
from transforms.records import Article, DayFile
from transforms.relate.near.links import find_near
from transforms.relate.near.neighbours import COLUMNS as NEAR_COLUMNS
from transforms.relate.near.nodes import NearOptions
from transforms.relate.near.recent import recent_rows
from transforms.relate.near.signature import BANDS, overlap, shingles
from transforms.relate.stories import COLUMNS as STORY_COLUMNS
from transforms.relate.stories import StoryArticle, StoryOptions, assign_stories, story_article

EVAL = Path(__file__).parents[2] / "shared" / "eval"
START = datetime(2026, 10, 1, tzinfo=UTC)
THRESHOLDS = (0.88, 0.92, 0.96, 0.98, 1.0, 1.04, 1.1)


def load(name: str) -> list[Article | None]:
    """Return the articles of a file of the evaluation data, cleaned; `None` where refused."""
    path = EVAL / name
    if not path.exists():
        return []
    found: list[Article | None] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        row = json.loads(line)
        stated = row.get("date", "").split(",")[0]
        when = datetime.strptime(stated, "%d %b %Y").replace(tzinfo=UTC) if stated else START
        article = Article(
            id=f"{number:032d}", uri=path.stem, fetched_at=START, title=row.get("title") or "",
            text=row["text"], language=row.get("lang"), published_at=when,
        )  # fmt: skip
        try:
            found.append(clean_article(article, CleanOptions()))
        except Rejected:
            found.append(None)
    return found


def sample_texts() -> list[str]:
    """Return real texts, each once."""
    names = ("topics/bbc", "summaries/inshorts", "summaries/cnndm", "summaries/standfirst")
    texts = [a.text for name in names for a in load(f"{name}.jsonl") if a]
    return list(dict.fromkeys(texts or ["\n\n".join(p) for p in seed_paragraphs()]))


def batch_of(texts: Sequence[str]) -> list[Article]:
    """Return articles with these texts, a minute apart."""
    return [
        Article(
            id=f"{number:032d}", uri="", fetched_at=START, title="", text=text,
            published_at=START + timedelta(seconds=number),
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip


def templated(count: int, chance: random.Random) -> list[str]:
    """Return market reports from one form, each on another company: a third of the words differ."""
    names = [f"{a}{b}" for a in ("Mar", "Kel", "Tor", "Ves", "Hal") for b in ("lo", "dan", "vik")]
    return [
        " ".join(
            f"Shares of {chance.choice(names)} {chance.choice(('rose', 'fell', 'slid'))} "
            f"{chance.randint(1, 99)} percent to {chance.randint(100, 999)} pence in "
            f"{chance.choice(('London', 'Paris', 'Milan'))} after {chance.choice(names)} said its "
            f"{chance.choice(('sales', 'orders', 'costs'))} would reach {chance.randint(1, 999)} "
            f"million this year, analysts at {chance.choice(names)} told reporters."
            for _ in range(6)
        )
        for _ in range(count)
    ]


def near_duplicates() -> None:
    """Print precision and recall of near-duplicates per edit."""
    texts = sample_texts()
    random.Random(1).shuffle(texts)
    print(f"{len(texts)} real texts; edits of each, all in one batch with 200 templated reports")
    print(f"{'half':5} {'edit':30} {'pairs':>6} {'recall':>7} {'precision':>9} {'ms/article':>10}")
    for half, own in (("dev", texts[::2]), ("test", texts[1::2])):
        total = np.zeros(3, int)
        for name, edit in EDITS.items():
            chance = random.Random(2)
            edited = ["\n\n".join(edit(paragraphs_of(text), chance)) for text in own]
            batch = batch_of([*own, *edited, *templated(200, chance)])
            began = time.process_time()
            found = find_near(batch, lambda _: (), NearOptions()).duplicate_of
            cost = (time.process_time() - began) / len(batch) * 1e3
            wanted = {f"{len(own) + n:032d}": f"{n:032d}" for n in range(len(own))}
            true = len(found.items() & wanted.items())
            total += true, len(found), len(wanted)
            print(
                f"{half:5} {name:30} {len(wanted):6} {true / len(wanted):7.3f}"
                f" {true / max(len(found), 1):9.3f} {cost:10.2f}"
            )
            if len(found) > true:
                print("      not generated:", sorted(found.items() - wanted.items())[:4])
        recall, precision = total[0] / total[2], total[0] / total[1]
        print(f"{half:5} {'all':30} {total[2]:6} {recall:7.3f} {precision:9.3f}")
    parts = [shingles(text) for text in texts]
    shared = sorted((overlap(a, b) for a, b in combinations(parts, 2) if a and b), reverse=True)
    print("most alike of the unedited texts (contained, jaccard):")
    print("  ", [(round(o.contained, 2), round(o.jaccard, 2)) for o in shared[:4]])


def encoded(articles: Sequence[Article]) -> list[StoryArticle]:
    """Return what stories compare of each article."""
    done = encode_articles(articles, EncoderLoader(EMBEDDED, "fp32")(), 30)
    return [story_article(article) for article in done if isinstance(article, Article)]


def pairs_found(articles: Sequence[StoryArticle], threshold: float) -> set[tuple[int, int]]:
    """Return every pair that is one story, as numbers made of the ids."""
    stories = defaultdict(list)
    for id_, story in assign_stories(articles, [], StoryOptions(threshold=threshold)).items():
        stories[story].append(int(id_))
    return {pair for ids in stories.values() for pair in combinations(sorted(ids), 2)}


def judged_stories(half: str, name: str, judged: Judged) -> None:
    """Print how well the stories of one file agree with the judged pairs."""
    unique = {article.text: article for article in reversed(load(name)) if article}
    articles = encoded(list(unique.values()))
    here = {int(article.id) for article in articles}
    wanted = {p for p in pairs(judged.one_event) if here.issuperset(p)}
    doubtful = pairs(judged.doubtful) - wanted
    for threshold in THRESHOLDS:
        found = pairs_found(articles, threshold)
        report(half, name, threshold, found & wanted, found - wanted - doubtful, wanted)


def halves(half: str, articles: Sequence[Article]) -> None:
    """Print how often the odd and the even paragraphs of an article are one story.

    A proxy: two halves have the same author, and no title. Halves of two articles that were
    judged to be on one event, or doubtful, count neither way.
    """
    parts, related = [], pairs((*INSHORTS.one_event, *INSHORTS.doubtful))
    for number, article in enumerate(articles):
        paragraphs = paragraphs_of(article.text)
        for side in (0, 1):
            text = "\n\n".join(paragraphs[side::2])
            id_ = f"{2 * number + side:032d}"
            parts.append(replace(article, id=id_, title="", text=text))
    compared = encoded(parts)
    wanted = {(2 * number, 2 * number + 1) for number in range(len(articles))}
    positions = [int(article.id) for article in articles]
    for threshold in THRESHOLDS:
        found = pairs_found(compared, threshold)
        false = {
            (left, right)
            for left, right in found - wanted
            if tuple(sorted((positions[left // 2], positions[right // 2]))) not in related
        }
        report(half, "halves (proxy)", threshold, found & wanted, false, wanted)


def report(half: str, name: str, threshold: float, *counts: set[tuple[int, int]]) -> None:
    """Print one line: true, false and wanted pairs."""
    true, false, wanted = map(len, counts)
    print(
        f"{half:5} {name:26} {threshold:5.2f} {true:5} {false:5} {wanted:6}"
        f" {true / max(true + false, 1):9.3f} {true / max(wanted, 1):7.3f}"
    )


def stories() -> None:
    """Print precision and recall of stories, pair by pair."""
    short_stories.main(THRESHOLDS)
    print(f"half  {'data':26} least  true false wanted precision  recall")
    judged_stories("dev", "topics/bbc.jsonl", BBC)
    judged_stories("dev", "topics/agnews.jsonl", AGNEWS)
    judged_stories("test", "summaries/inshorts.jsonl", INSHORTS)
    longer = [a for a in load("summaries/inshorts.jsonl") if a and len(paragraphs_of(a.text)) >= 4]
    unique = list({article.text: article for article in longer}.values())
    halves("dev", unique[::2])
    halves("test", unique[1::2])


def fill(root: Path, rows: int, days: int = 3) -> None:
    """Write `rows` rows over some days, in files as `write` makes them: random keys and vectors."""
    chance = np.random.default_rng(rows)
    for day in range(days):
        date = f"{START + timedelta(days=day):%Y-%m-%d}"
        (root / f"date={date}").mkdir(parents=True)
        for number, begin in enumerate(range(0, rows // days, FILE_ROWS)):
            table = random_rows(chance, day, min(FILE_ROWS, rows // days - begin))
            pq.write_table(table, root / DayFile(date, 0, number).path, compression="zstd")


def random_rows(chance: np.random.Generator, day: int, count: int) -> pa.Table:
    """Return the rows of one file."""
    begin = int((START + timedelta(days=day)).timestamp() * 1e6)
    times = np.sort(begin + chance.integers(0, 86_400_000_000, count))
    vectors = chance.integers(-60, 60, (count, 384), np.int8, endpoint=True)
    return pa.table(
        {
            "id": [f"{id_:032x}" for id_ in chance.integers(0, 2**63, count).tolist()],
            "published_at": pa.array(times, pa.timestamp("us", tz="UTC")),
            "date_source": pa.array(["feed"] * count),
            "text": pa.array(["Text."] * count),
            "duplicate_of": pa.nulls(count, pa.string()),
            "story_id": pa.nulls(count, pa.string()),
            "near_keys": lists(chance.integers(0, 2**63, count * BANDS, np.uint64), BANDS),
            "story_names": lists(random_names(chance, count * 24), 24),
            "story_vector": pa.array([v.tobytes() for v in vectors], pa.binary()),
        }
    )


def lists(values: np.ndarray, size: int) -> pa.Array:
    """Return `values` as lists of `size`."""
    return pa.ListArray.from_arrays(
        pa.array(np.arange(0, len(values) + 1, size), pa.int32()), values
    )


def growth(most: int) -> None:
    """Print the cost of a batch of 100 articles against more and more rows of the look-back.

    Each line is measured in a process of its own. `cold` reads and indexes the files; `warm` is
    the best of five further batches, as in a stream, less what it costs without any rows. Both are
    processor time, so that other processes do not count.
    """
    print(f"{'rows':>8} {'what':8} {'cold s':>7} {'warm ms/article':>16} {'MB above idle':>14}")
    for rows in (size for size in (10_000, 100_000, 1_000_000) if size <= most):
        root = Path(tempfile.mkdtemp(prefix="newsbeam-growth-"))
        in_own_process(fill, root, rows)
        for what in ("near", "stories"):
            cold, warm, idle, memory = in_own_process(measure, root, what)
            print(f"{rows:8} {what:8} {cold:7.2f} {warm * 10 - idle * 10:16.3f} {memory:14.0f}")
        shutil.rmtree(root)


def in_own_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what `function` returns, called in a fresh process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def measure(root: Path, what: str) -> tuple[float, float, float, float]:
    """Return seconds cold, warm and without rows for 100 articles, and peak MB above idle."""
    if what == "near":
        articles = batch_of((sample_texts() * 9)[:100])

        def run(rows: bool) -> object:
            look = partial(recent_rows, Listing(str(root)), days=3, columns=NEAR_COLUMNS)
            return find_near(articles, look if rows else lambda _: (), NearOptions())

    else:
        chance = np.random.default_rng(1)
        compared = [
            StoryArticle(
                f"{number:032d}",
                START + timedelta(days=1),
                random_names(chance, 24),
                chance.integers(-60, 60, 384, np.int8),
            )
            for number in range(100)
        ]

        def run(rows: bool) -> object:
            return assign_stories(compared, story_rows(root) if rows else [])

    idle = min(timed(lambda: run(False), 5))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    timings = list(timed(lambda: run(True), 6))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return timings[0], min(timings[1:]), idle, (peak - before) / 1024


def random_names(chance: np.random.Generator, count: int) -> np.ndarray:
    """Return hashes of names, some very common and most rare, as in news (Zipf's law)."""
    return (chance.zipf(1.3, count) % 2_000_000).astype(np.uint32)


def story_rows(root: Path) -> Iterator[RecentRows]:
    """Return the look-back of the middle day for stories."""
    return recent_rows(Listing(str(root)), [START + timedelta(days=1)], 3, STORY_COLUMNS)


def timed(run: Callable[[], object], times: int) -> Iterator[float]:
    """Yield the seconds of processor time of each of `times` calls."""
    for _ in range(times):
        began = time.process_time()
        run()
        yield time.process_time() - began


def main() -> None:
    """Print the tables asked for; all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", choices=("near", "stories", "growth", []))
    parser.add_argument("--most", type=int, default=1_000_000)
    options = parser.parse_args()
    tables = options.tables or ("near", "stories", "growth")
    if "near" in tables:
        near_duplicates()
    if "stories" in tables:
        stories()
    if "growth" in tables:
        growth(options.most)


if __name__ == "__main__":
    main()
