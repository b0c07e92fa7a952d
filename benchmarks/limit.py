"""Processor time of what users wait for, before a commit and now, side by side in one run.

python benchmarks/limit.py --before COMMIT [--articles 300] [--pages FOLDER] [--rounds 3]

Both trees run by the same Python, in turn; of the rounds, the least counts. What is measured is the
processor time of whole processes, since what else the machine does changes that less than the time
on the wall; only their ratio says something. "One article" is one that is new, in a process that
has published another before, as `newsbeam watch` is. The bare extraction of the same pages, by
trafilatura with metadata, is what no pipeline on it can do without.
"""

import argparse
import html
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from articles import generate, write_jsonl
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parents[1]

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

EXTRACT = """
import sys, time
from pathlib import Path
import trafilatura
pages = [path.read_text("utf-8", "replace") for path in sorted(Path(sys.argv[1]).glob("*.html"))]
trafilatura.bare_extraction(pages[0], with_metadata=True)
started = time.process_time()
for page in pages:
    trafilatura.bare_extraction(page, with_metadata=True)
print(time.process_time() - started)
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", required=True, metavar="COMMIT")
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--pages", type=Path, help="folder of *.html; made of seeds/ without it")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, tree_of(options.before, Path(name)) as before:
        folder = Path(name)
        texts = write_jsonl(folder / "texts.jsonl", options.articles)
        pages = options.pages or write_pages(folder / "pages", options.articles // 3)
        best: dict[str, list[float]] = {}
        for number in range(options.rounds):
            for place, tree in enumerate((before, HERE)):
                out = folder / f"out-{number}-{place}"
                for what, seconds in measured(tree, texts, pages, out):
                    least = best.setdefault(what, [float("inf")] * 2)
                    least[place] = min(least[place], seconds)
        bare = float(_output(HERE, "-c", EXTRACT, str(pages)))
        count = len(list(pages.glob("*.html")))
    show(best, options.before, bare, count)


@contextmanager
def tree_of(commit: str, folder: Path) -> Iterator[Path]:
    """Yield a work tree of `commit`, which is removed afterwards."""
    tree = folder / "before"
    git = ["git", "-C", str(HERE), "worktree"]
    subprocess.run([*git, "add", "--detach", str(tree), commit], check=True, capture_output=True)
    try:
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


def measured(tree: Path, texts: Path, pages: Path, out: Path) -> Iterator[tuple[str, float]]:
    """Yield what is done, and its processor time in seconds."""
    newsbeam = ("-m", "pipeline")
    yield "newsbeam --help", _cpu(tree, *newsbeam, "--help")
    run = (*newsbeam, "run", "-i")
    yield "run on texts", _cpu(tree, *run, str(texts), "-o", str(out))
    yield "run on nothing new", _cpu(tree, *run, str(texts), "-o", str(out))
    yield "show", _cpu(tree, *newsbeam, "show", str(out))
    yield "run on pages", _cpu(tree, *run, str(pages), "-o", f"{out}-pages")
    one = out.with_name(f"{out.name}-one.jsonl")
    script = ("-c", ONE_ARTICLE, str(one), f"{out}-one", str(texts))
    yield "one article, warm", float(_output(tree, *script))


def _environment(tree: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(tree), "PYTHONWARNINGS": "ignore"}


def _cpu(tree: Path, *command: str) -> float:
    """Return the processor time of a command and of all that it starts."""
    done = subprocess.Popen(
        [sys.executable, *command],
        cwd=tree,
        env=_environment(tree),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.stderr is not None
    said = done.stderr.read()
    _, status, used = os.wait4(done.pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(command[:4])} failed in {tree}: {said[-500:]}")
    return used.ru_utime + used.ru_stime


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
    return done.stdout.split()[-1]


def show(best: dict[str, list[float]], commit: str, bare: float, pages: int) -> None:
    """Print processor time before and now, and how many times less it is."""
    table = Table("what", f"{commit}, s", "now, s", "times less")
    for column in table.columns[1:]:
        column.justify = "right"
    start = best["run on nothing new"]
    rows = dict(best)
    for what in ("run on texts", "run on pages"):
        rows[f"{what}, less the start"] = [max(0.001, best[what][n] - start[n]) for n in (0, 1)]
    for what, (then, now) in rows.items():
        table.add_row(what, f"{then:.2f}", f"{now:.2f}", f"{then / now:.2f}")
    Console().print(table)
    print(f"trafilatura alone: {1000 * bare / pages:.0f} ms of a page; {time.strftime('%Y-%m-%d')}")
    print(json.dumps({what: [round(s, 3) for s in two] for what, two in rows.items()}))


if __name__ == "__main__":
    main()
