"""`newsbeam watch` for half an hour, with faults and kills: is anything lost, doubled, leaked?

    python benchmarks/soak.py [--minutes 30] [--articles 10000] [--kills 3]

Half of the articles come from feeds on the loopback that now and then answer 503, cut their answer
short, or send a login page; half are dropped into a folder: as JSON lines, compressed, written in
place bit by bit, with broken lines, or twice. The process is killed (SIGKILL) in the middle of a
batch, so many times in the first third, and started again; after that one process works to the end.

Printed: what is lost and doubled, what verify says, the time from when an article is offered until
its row can be read, and the slope of the process's memory over the last half of the time. Exit code
1 if anything is lost or doubled, or verify finds a problem.
"""

import argparse
import contextlib
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from articles import generate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))  # the server is the tests'
from fetch_server import Handler, Route, Site, serve

from pipeline.upkeep.verify import verify_output

FEEDS = 20
WINDOW = 16
"""Items that a feed shows."""
_ADDED = 4
"""Items that a feed gets between two answers at the most: so each is shown several times."""
_TICK = 0.5


@dataclass
class Feed:
    """A feed that grows, and has a bad day now and then."""

    number: int
    items: list[dict[str, str]] = field(default_factory=list)
    answers: int = 0
    added: int = 0

    def add(self, record: dict[str, str]) -> None:
        """Show one item more; the oldest goes where there are too many."""
        self.items = [*self.items, record][-WINDOW:]
        self.added += 1

    def answer(self, handler: Handler, chance: random.Random, faults: Counter[str]) -> None:
        """Answer a request, or misbehave."""
        body = self.body()
        etag = f'"{len(body)}-{self.answers // 1000}-{hash(body) & 0xFFFFFF}"'
        fault = chance.choices(["", "503", "cut", "login"], [90, 4, 3, 3])[0]
        if fault:
            faults[f"feed {fault}"] += 1
        if fault == "503":
            handler.reply(503, Retry_After="2")
        elif fault == "cut":
            handler.reply(200, body[: len(body) // 2], Content_Length=str(len(body)))
            handler.close_connection = True
        elif fault == "login":
            handler.reply(200, b"<html><body>Please log in</body></html>", Content_Type="text/html")
        elif handler.headers.get("If-None-Match") == etag:
            handler.reply(304, ETag=etag)
        else:
            self.answers += 1
            self.added = 0
            handler.reply(200, body, ETag=etag, Content_Type="application/rss+xml")

    def body(self) -> bytes:
        """Return the feed as RSS."""
        entries = "".join(
            f"<item><title>{r['title']}</title><link>{r['url']}</link><guid>{r['url']}</guid>"
            f"<pubDate>{format_datetime(datetime.fromisoformat(r['date']))}</pubDate>"
            f"<description><![CDATA[<p>{r['text']}</p>]]></description></item>"
            for r in reversed(self.items)
        )
        return (
            f"<rss version='2.0'><channel><title>Feed {self.number}</title>{entries}"
            "</channel></rss>"
        ).encode()


class World:
    """What there is to read, and when each article was offered.

    Attributes:
        offered: time (Unix) of each article, by its address.
        in_feeds: those of them that a feed brings.
        faults: what went wrong on purpose.
    """

    def __init__(self, folder: Path, records: Iterator[dict[str, str]]) -> None:
        self.folder = folder
        self.records = records
        self.chance = random.Random(20261001)
        self.feeds = [Feed(number) for number in range(FEEDS)]
        self.offered: dict[str, float] = {}
        self.in_feeds: set[str] = set()
        self.faults: Counter[str] = Counter()
        self.files = 0
        self.last: list[dict[str, str]] = []

    def routes(self) -> dict[str, Route]:
        """Return what the server answers."""

        def route(feed: Feed) -> Route:
            return lambda handler: feed.answer(handler, self.chance, self.faults)

        return {f"/feed/{feed.number}": route(feed) for feed in self.feeds}

    def offer(self, count: int) -> int:
        """Offer up to `count` articles; return how many there were."""
        records = [record for _, record in zip(range(count), self.records, strict=False)]
        for_feeds, for_files = records[::2], records[1::2]
        ready = [feed for feed in self.feeds if feed.added < _ADDED]
        for record in for_feeds:
            if ready:
                feed = self.chance.choice(ready)
                self._note([record])
                self.in_feeds.add(record["url"])
                feed.add(record)
                ready = [feed for feed in ready if feed.added < _ADDED]
            else:
                for_files.append(record)
        if for_files:
            self._drop(for_files)
        return len(records)

    def _note(self, records: list[dict[str, str]]) -> None:
        now = time.time()
        for record in records:
            self.offered[record["url"]] = now

    def _drop(self, records: list[dict[str, str]]) -> None:
        self.files += 1
        path = self.folder / f"drop-{self.files:06d}.jsonl"
        lines = [json.dumps(record) for record in records]
        kind = self.chance.choices(
            ["plain", "gzip", "broken line", "in place", "twice"], [60, 10, 10, 10, 10]
        )[0]
        if kind not in ("plain", "gzip"):
            self.faults[f"file {kind}"] += 1
        if kind == "broken line":
            lines.insert(0, f'{{"title": "cut off {self.files}')
        if kind == "twice" and self.last:
            lines += [json.dumps(record) for record in self.last]
        content = "".join(f"{line}\n" for line in lines).encode()
        self.last = records
        if kind == "in place":
            with path.open("wb") as file:
                file.write(content[: len(content) // 2])
                file.flush()
                time.sleep(_TICK)
                file.write(content[len(content) // 2 :])
            self._note(records)
            return
        self._note(records)
        if kind == "gzip":
            path, content = path.with_name(path.name + ".gz"), gzip.compress(content)
        hidden = path.with_name(f".{path.name}")
        hidden.write_bytes(content)
        hidden.replace(path)


class Reader(threading.Thread):
    """Reads the output as it grows; knows when each row could first be read."""

    def __init__(self, output: Path) -> None:
        super().__init__(daemon=True)
        self.output = output
        self.seen: dict[str, float] = {}
        self.stop = threading.Event()
        self._stamps: dict[Path, int] = {}

    def run(self) -> None:
        """Look four times a second."""
        while not self.stop.wait(0.25):
            self.look()

    def look(self) -> None:
        """Read the files that have changed."""
        for path in sorted(self.output.glob("date=*/*.parquet")):
            with contextlib.suppress(FileNotFoundError):
                stamp = path.stat().st_mtime_ns
                if self._stamps.get(path) == stamp:
                    continue
                now = time.time()
                for url in pq.read_table(path, columns=["url"])["url"].to_pylist():
                    self.seen.setdefault(url, now)
                self._stamps[path] = stamp


def settings(site: Site, world: World, output: Path) -> list[str]:
    """Return the options of the command."""
    config = {
        "input": {
            "paths": [str(world.folder)],
            "feeds": [site.url(f"/feed/{n}") for n in range(FEEDS)],
        },
        "fetch": {
            "interval_minutes": 0.25,
            "max_interval_hours": 0.01,
            "allowed_hosts": [site.host],
            "host_delay_seconds": 0,
            "per_host": 8,
        },
        "output": {"path": str(output)},
    }
    path = output.with_suffix(".yaml")
    path.write_text(json.dumps(config), "utf-8")
    return [sys.executable, "-m", "pipeline", "watch", str(path)]


def start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start the process; its output goes to `log`."""
    root = Path(__file__).parents[1]
    with log.open("ab") as file:
        environment = {**os.environ, "PYTHONPATH": str(root)}
        return subprocess.Popen(command, cwd=root, stdout=file, stderr=file, env=environment)


def kill_in_batch(process: subprocess.Popen[bytes], output: Path) -> bool:
    """Kill the process while it works on a batch; return whether it did within a minute.

    A killed process leaves a manifest that says `running` for good, so those are put aside first.
    """
    old = {path: path.stat().st_mtime_ns for path in (output / "_runs").glob("*.json")}
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for path in (output / "_runs").glob("*.json"):
            if path.stat().st_mtime_ns == old.get(path):
                continue
            with contextlib.suppress(ValueError):
                if json.loads(path.read_text("utf-8"))["status"] == "running":
                    time.sleep(random.Random(len(old)).uniform(0, 0.4))
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    return True
        time.sleep(0.02)
    return False


def memory(pid: int) -> float:
    """Return the resident memory of a process in MiB, less what it maps from files."""
    text = Path(f"/proc/{pid}/status").read_text("ascii")
    found = {line.split()[0]: line.split()[1] for line in text.splitlines() if "kB" in line}
    return int(found["RssAnon:"]) / 1024


def soak(options: argparse.Namespace, folder: Path) -> int:
    """Run the soak in `folder`; return the exit code."""
    incoming, output, log = folder / "in", folder / "out", folder / "watch.log"
    incoming.mkdir()
    world = World(incoming, generate(options.articles, options.words))
    seconds = options.minutes * 60
    with serve(world.routes()) as site:
        command = settings(site, world, output)
        reader = Reader(output)
        reader.start()
        process = start(command, log)
        begun, samples, kills = time.monotonic(), [], 0
        offered = 0
        while (now := time.monotonic() - begun) < seconds or len(reader.seen) < offered:
            if now > seconds * 1.5 + 300:
                break
            wanted = int(options.articles * min(1, now / (0.95 * seconds)))
            offered += world.offer(wanted - offered)
            if kills < options.kills and now > (kills + 1) * seconds / 3 / (options.kills + 1):
                kills += kill_in_batch(process, output)
                process = start(command, log)
            if process.poll() is not None:
                print(f"the process ended with {process.returncode}; see {log}")
                return 1
            samples.append((now, memory(process.pid)))
            if len(samples) % 120 == 0:
                print(
                    f"{now:6.0f} s: {offered} offered, {len(reader.seen)} rows, "
                    f"{samples[-1][1]:.0f} MiB", flush=True,
                )  # fmt: skip
            time.sleep(_TICK)
        process.send_signal(signal.SIGTERM)
        code = process.wait(120)
        reader.stop.set()
        reader.join()
        reader.look()
    return report(world, reader, samples, (kills, code), output)


def report(
    world: World,
    reader: Reader,
    samples: list[tuple[float, float]],
    ends: tuple[int, int],
    output: Path,
) -> int:
    """Print what came of it; return the exit code."""
    urls = [
        url
        for path in output.glob("date=*/*.parquet")
        for url in pq.read_table(path, columns=["url"])["url"].to_pylist()
    ]
    lost = sorted(world.offered.keys() - set(urls))
    doubled = len(urls) - len(set(urls))
    problems = verify_output(str(output)).remaining
    late = [(now, size) for now, size in samples if now > samples[-1][0] / 2]
    slope = np.polyfit([now for now, _ in late], [size for _, size in late], 1)[0] * 3600
    print(f"articles offered         {len(world.offered)}")
    print(f"rows                     {len(urls)}")
    print(f"lost                     {len(lost)} {lost[:3] or ''}")
    print(f"doubled                  {doubled}")
    print(f"verify: problems         {len(problems)} {[p.code for p in problems[:3]] or ''}")
    print(f"killed in a batch        {ends[0]}")
    print(f"exit code after SIGTERM  {ends[1]}")
    for fault, count in sorted(world.faults.items()):
        print(f"injected: {fault:<15}{count}")
    print_lags(
        "files", reader, {u: at for u, at in world.offered.items() if u not in world.in_feeds}
    )
    print_lags("feeds", reader, {u: at for u, at in world.offered.items() if u in world.in_feeds})
    sizes = [size for _, size in late]
    print(
        f"memory, last half        {min(sizes):.0f} to {max(sizes):.0f} MiB, "
        f"slope {slope:+.1f} MiB an hour"
    )
    return int(bool(lost or doubled or problems or ends[1]))


def print_lags(name: str, reader: Reader, offered: dict[str, float]) -> None:
    """Print the time from offering an article until its row can be read."""
    lags = [reader.seen[url] - at for url, at in offered.items() if url in reader.seen]
    p50, p95, worst = np.percentile(lags, [50, 95, 100])
    print(f"article to row, {name}    p50 {p50:.1f} s, p95 {p95:.1f} s, most {worst:.1f} s")


def main() -> None:
    """Parse the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=60)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep everything there")
    options = parser.parse_args()
    if options.folder:
        options.folder.mkdir(parents=True)
        sys.exit(soak(options, options.folder))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(soak(options, Path(folder)))


if __name__ == "__main__":
    main()
