"""What users wait for and pay for, before a commit and now, side by side in one run.

python benchmarks/limit.py --before COMMIT [--articles 300] [--pages FOLDER] [--rounds 3]
    [--sizes 0,1000,10000,100000] [--parts start,texts,pages,one,publisher,bare]

Both trees run by the same Python, in turn; of the rounds, the least counts. What is measured is the
processor time of whole processes, since what else the machine does changes that less than the time
on the wall; only their ratio says something. "One article" is one that is new, in a process that
has published another before, as `newsbeam watch` is. The publisher is measured as publisher.py says
it. What no pipeline can do without stands below the table: the same sentences through the model
alone, and the same pages through trafilatura with metadata; each also as a part of what a run takes
for them less its start.
"""

import argparse
import html
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from articles import generate, write_jsonl
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parents[1]
PARTS = ("start", "texts", "pages", "one", "publisher", "bare")

ONE_ARTICLE = """
import json, sys, time
from pathlib import Path
from pipeline.progress import Progress
from pipeline.run import run
try:
    from pipeline.config_files import load_config
    from pipeline.settings import make_plan
except ImportError:
    from pipeline.config import load_config
    make_plan = lambda config: config
source, out = Path(sys.argv[1]), sys.argv[2]
records = [json.loads(line) for line in Path(sys.argv[3]).read_text("utf-8").splitlines()]
settings = {"input.paths": [str(source)], "output.path": out}
plan = make_plan(load_config(None, settings))
least = float("inf")
for record in records[:6]:
    source.write_text(json.dumps(record), "utf-8")
    started = time.process_time()
    manifest, _ = run(plan, [], Progress())
    least = min(least, time.process_time() - started)
    assert "1" in str(manifest.counts.written)
print(least)
"""

BARE_PAGES = """
import sys, time
from pathlib import Path
import trafilatura
pages = [path.read_text("utf-8", "replace") for path in sorted(Path(sys.argv[1]).glob("*.html"))]
trafilatura.bare_extraction(pages[0], with_metadata=True)
started = time.process_time()
for page in pages:
    trafilatura.bare_extraction(page, with_metadata=True)
print((time.process_time() - started) / len(pages))
"""

BARE_MODEL = """
import sys, time
from pathlib import Path
from pipeline.config_files import load_config
from speed import article_texts
from transforms.models.encoder import load_encoder
from transforms.models.pinned import EMBEDDED
articles = article_texts(load_config(None, {}), Path(sys.argv[1]))
encoder = load_encoder(EMBEDDED)
encoder.encode(articles[0])
started = time.process_time()
encoder.encode([text for texts in articles for text in texts])
print((time.process_time() - started) / len(articles))
"""


class Spent(NamedTuple):
    """What a process took: processor seconds, and the most memory in MB."""

    seconds: float
    memory: float


Measure = tuple[str, str, float]
"""What was measured, its unit, and the value; of `/s` more is better, of all else less."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", required=True, metavar="COMMIT")
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--pages", type=Path, help="folder of *.html; made of seeds/ without it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="0,1000,10000,100000", help="published rows")
    parser.add_argument("--parts", default=",".join(PARTS))
    options = parser.parse_args()
    parts = options.parts.split(",")
    best: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as name, tree_of(options.before, Path(name)) as before:
        folder = Path(name)
        texts = write_jsonl(folder / "texts.jsonl", options.articles)
        pages = options.pages or write_pages(folder / "pages", max(20, options.articles // 3))
        for number in range(options.rounds):
            for place, tree in enumerate((before, HERE)):
                out = folder / f"out-{number}-{place}"
                work = measured(tree, parts, texts, pages, out, options.sizes)
                for what, unit, value in work:
                    note(best, place, what, unit, value)
        counts = {"texts": options.articles, "pages": len(list(pages.glob("*.html")))}
        bare = {}
        if "bare" in parts:
            bare["pages"] = _printed(HERE, "-c", BARE_PAGES, str(pages))
            bare["texts"] = _printed(HERE, "-c", BARE_MODEL, str(texts))
    show(best, options.before, bare, counts)


def note(
    best: dict[tuple[str, str], list[float]], place: int, what: str, unit: str, value: float
) -> None:
    """Keep the better of what is known and `value`, and say that it came."""
    nothing = 0.0 if unit == "/s" else float("inf")
    known = best.setdefault((what, unit), [nothing, nothing])
    known[place] = (max if unit == "/s" else min)(known[place], value)
    print(f"{time.strftime('%H:%M:%S')} {('before', 'now')[place]:7}{what} {value:,.2f} {unit}",
          file=sys.stderr, flush=True)  # fmt: skip


@contextmanager
def tree_of(commit: str, folder: Path) -> Iterator[Path]:
    """Yield a work tree of `commit`, which is removed afterwards."""
    tree = folder / "before"
    git = ["git", "-C", str(HERE), "worktree"]
    subprocess.run([*git, "add", "--detach", str(tree), commit], check=True, capture_output=True)
    try:
        for place in (tree, HERE):  # else the first command would also compile its modules
            folders = [str(place / package) for package in ("pipeline", "transforms")]
            subprocess.run([sys.executable, "-m", "compileall", "-q", *folders], check=True)
        yield tree
    finally:
        subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def write_pages(folder: Path, count: int) -> Path:
    """Write pages with the furniture that pages have around an article."""
    folder.mkdir()
    links = "".join(f'<li><a href="/section/{n}">Section number {n}</a></li>' for n in range(60))
    style = "".join(f".c{n}{{margin:{n}px}}" for n in range(300))
    for number, record in enumerate(generate(count)):
        title = html.escape(record["title"])
        paragraphs = "".join(f"<p>{html.escape(t)}</p>" for t in record["text"].split("\n\n"))
        page = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'<link rel="canonical" href="{record["url"]}"><style>{style}</style>'
            f'<meta property="article:published_time" content="{record["date"]}"></head><body>'
            f"<header><nav><ul>{links}</ul></nav></header><main><article><h1>{title}</h1>"
            f"{paragraphs}</article></main><aside><ul>{links}</ul></aside>"
            f"<footer><p>All rights reserved.</p></footer></body></html>"
        )
        folder.joinpath(f"{number:04}.html").write_text(page, "utf-8")
    return folder


def measured(  # noqa: PLR0913, PLR0917 (what, with what, and where)
    tree: Path, parts: Sequence[str], texts: Path, pages: Path, out: Path, sizes: str
) -> Iterator[Measure]:
    """Yield what is measured of a tree."""
    newsbeam = ("-m", "pipeline")
    run = (*newsbeam, "run", "-i")
    if "start" in parts:
        yield "newsbeam --help", "s", _spent(tree, *newsbeam, "--help").seconds
    if {"start", "texts"} & {*parts}:
        whole = _spent(tree, *run, str(texts), "-o", str(out))
        again = _spent(tree, *run, str(texts), "-o", str(out))
        yield from _of_run("texts", whole, again, out)
        yield "run on nothing new", "s", again.seconds
        yield "show", "s", _spent(tree, *newsbeam, "show", str(out)).seconds
    if "pages" in parts:
        place = out.with_name(f"{out.name}-pages")
        whole = _spent(tree, *run, str(pages), "-o", str(place))
        again = _spent(tree, *run, str(pages), "-o", str(place))
        yield from _of_run("pages", whole, again, place)
    if "one" in parts:
        one = out.with_name(f"{out.name}-one.jsonl")
        yield (
            "one article, warm",
            "s",
            _printed(tree, "-c", ONE_ARTICLE, str(one), f"{out}-one", str(texts)),
        )
    if "publisher" in parts:
        script = str(HERE / "benchmarks" / "publisher.py")
        command = (script, "--json", "--batch", "200", "--rounds", "2", "--sizes", sizes)
        for line in _output(tree, *command).splitlines():
            size, found = json.loads(line)
            yield f"publisher at {size:,} rows", "/s", found["apart"]
            yield f"sharing paragraphs, {size:,}", "/s", found["share"]
            yield f"one article at {size:,} rows", "s", found["one"] / 1000


def _of_run(what: str, whole: Spent, again: Spent, out: Path) -> Iterator[Measure]:
    """Yield what a run took; `again` is the same with nothing new: its start, and reading."""
    manifest = json.loads(min(out.glob("_runs/*.json")).read_text("utf-8"))
    count = manifest["balance"]["in"]
    work = max(1e-3, whole.seconds - again.seconds)
    yield f"run on {what}", "s", whole.seconds
    yield f"{what}, less the start", "s", work
    yield f"{what} a second and core", "/s", count / work
    yield f"{what} a second, on the wall", "/s", manifest["articles_per_second"]
    yield f"memory, {what}", "MB", whole.memory
    for step, seconds in manifest.get("step_seconds", {}).items():
        yield f"{what}: {step}", "s", seconds


def _environment(tree: Path) -> dict[str, str]:
    path = f"{tree}{os.pathsep}{HERE / 'benchmarks'}"
    return {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}


def _spent(tree: Path, *command: str) -> Spent:
    """Return what a command and all that it starts took."""
    with tempfile.TemporaryFile() as said:
        done = subprocess.Popen(
            [sys.executable, *command],
            cwd=tree,
            env=_environment(tree),
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _, status, used = os.wait4(done.pid, 0)
        done.returncode = os.waitstatus_to_exitcode(status)
        if status:
            said.seek(0)
            tail = said.read()[-500:].decode("utf-8", "replace")
            raise RuntimeError(f"{' '.join(command[:4])} failed in {tree}: {tail}")
    return Spent(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _output(tree: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tree,
        env=_environment(tree),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"failed in {tree}: {done.stderr[-500:]}")
    return done.stdout


def _printed(tree: Path, *command: str) -> float:
    """Return the number that a command prints last."""
    return float(_output(tree, *command).split()[-1])


def show(
    best: dict[tuple[str, str], list[float]],
    commit: str,
    bare: dict[str, float],
    counts: dict[str, int],
) -> None:
    """Print what was measured before and now, and how many times better it is."""
    table = Table("what", "", commit, "now", "times better")
    for column in table.columns[2:]:
        column.justify = "right"
    for (what, unit), (then, now) in best.items():
        known = 0 < then < float("inf") and now > 0
        times = f"{now / then if unit == '/s' else then / now:.2f}" if known else ""
        digits = 0 if unit == "MB" else 3 if max(then if known else 0, now) < 1 else 1
        cells = [
            f"{value:,.{digits}f}" if 0 < value < float("inf") else "" for value in (then, now)
        ]
        table.add_row(what, unit, *cells, times)
    Console(width=100).print(table)
    for what, name in (("texts", "the model"), ("pages", "trafilatura")):
        whole = best.get((f"{what}, less the start", "s"))
        if what in bare and whole:
            own, part = 1000 * bare[what], 1000 * whole[1] / counts[what]
            print(f"{name} alone: {own:.1f} ms of one of the {what}, for which a run takes "
                  f"{part:.1f} ms now ({part / own:.2f} times)")  # fmt: skip
    print(time.strftime("%Y-%m-%d"))


if __name__ == "__main__":
    main()
