"""Many feeds in one `newsbeam run`: memory, requests per host, and what a second run costs.

python benchmarks/feeds.py [--feeds 1000] [--items 30]

The feeds lie on ten loopback addresses, so that the limit per host means something. They are read
by the command itself, in a process of its own, for a tenth of the feeds and for all of them; then
all of them a second time, when nothing is new.
"""

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from articles import generate
from memory import command_peak

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))  # the server is the tests'
from fetch_server import Handler, Route, Site, serve

HOSTS = 10
LATENCY = 0.02
"""Seconds until a server answers, so that requests to one host could meet there."""
_START = datetime(2026, 10, 1, tzinfo=UTC)


def feed_bodies(feeds: int, items: int, words: int) -> list[bytes]:
    """Return `feeds` RSS documents with `items` articles each, all distinct, of some days."""
    records = list(generate(feeds * items, words))
    return [_rss(number, records[number * items : (number + 1) * items]) for number in range(feeds)]


def _rss(number: int, records: list[dict[str, str]]) -> bytes:
    entries = "".join(
        f"<item><title>{record['title']}</title><link>{record['url']}</link>"
        f"<guid>{record['url']}</guid>"
        f"<pubDate>{format_datetime(_START + timedelta(minutes=number + 97 * place))}</pubDate>"
        f"<description><![CDATA[<p>{record['text']}</p>]]></description></item>"
        for place, record in enumerate(records)
    )
    head = f"<rss version='2.0'><channel><title>Feed {number}</title>"
    return f"{head}{entries}</channel></rss>".encode()


def route(body: bytes) -> Route:
    """Return what answers for a feed: its body, or 304 where the client knows it."""

    def answer(handler: Handler) -> None:
        handler.site.stop.wait(LATENCY)
        if handler.headers.get("If-None-Match") == '"1"':
            handler.reply(304, ETag='"1"')
        else:
            handler.reply(200, body, ETag='"1"', Content_Type="application/rss+xml")

    return answer


@contextlib.contextmanager
def served(bodies: list[bytes]) -> Iterator[tuple[list[Site], list[str]]]:
    """Serve each body as a feed; yield the servers, one per host, and the feeds' addresses."""
    with contextlib.ExitStack() as stack:
        sites = []
        for host in range(HOSTS):
            routes = {f"/{n}": route(bodies[n]) for n in range(host, len(bodies), HOSTS)}
            sites.append(stack.enter_context(serve(routes, address=f"127.0.0.{host + 2}")))
        yield sites, [sites[n % HOSTS].url(f"/{n}") for n in range(len(bodies))]


@dataclass
class Result:
    """What one run did.

    Attributes:
        written: rows.
        encoded: articles that reached the encoder.
        requests: to all hosts.
        conditional: of those, with a validator.
        body_bytes: sent by the servers.
        per_host: requests under way at once to one host, at the most.
        peak: resident memory of the process, MB.
        seconds: of the whole command.
    """

    written: int
    encoded: int
    requests: int
    conditional: int
    body_bytes: int
    per_host: int
    peak: float
    seconds: float


def measure(sites: list[Site], urls: list[str], folder: Path) -> Result:
    """Run the command on the feeds at `urls`; its output is in `folder`."""
    for site in sites:
        site.seen, site.headers, site.bodies, site.most_at_once = [], [], 0, 0
    config = folder / "config.yaml"
    hosts = [site.host for site in sites]
    fetch = {"allowed_hosts": hosts, "host_delay_seconds": 0, "concurrency": 16}
    config.write_text(json.dumps({"input": {"feeds": urls}, "fetch": fetch}), "utf-8")
    output = folder / "out"
    peak, seconds = command_peak("run", str(config), "-o", str(output), "--force")
    newest = max((output / "_runs").glob("*.json"))
    manifest = json.loads(newest.read_text("utf-8"))
    headers = [header for site in sites for header in site.headers]
    return Result(
        manifest["balance"]["written"],
        manifest["steps"].get("encode", {}).get("accepted", 0),
        len(headers),
        sum("if-none-match" in header for header in headers),
        sum(site.bodies for site in sites),
        max(site.most_at_once for site in sites),
        peak,
        seconds,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--words", type=int, default=30, help="words per item")
    options = parser.parse_args()
    columns = ("feeds", "run", "written", "encoded", "requests", "with ETag", "body bytes")
    print("".join(f"{name:>12}" for name in (*columns, "per host", "peak MB", "seconds")))
    peaks = []
    for count, runs in ((options.feeds // 10, 1), (options.feeds, 2)):
        bodies = feed_bodies(count, options.items, options.words)
        with served(bodies) as (sites, urls), tempfile.TemporaryDirectory() as folder:
            for run in range(1, runs + 1):
                done = measure(sites, urls, Path(folder))
                peaks.append(done.peak)
                counts = (count, run, done.written, done.encoded, done.requests)
                traffic = (done.conditional, done.body_bytes, done.per_host)
                cells = [f"{value:>12,}" for value in (*counts, *traffic)]
                print("".join(cells) + f"{done.peak:>12.0f}{done.seconds:>12.1f}", flush=True)
    print(f"\npeak memory, all feeds : a tenth of them {peaks[1] / peaks[0]:.2f}")


if __name__ == "__main__":
    main()
