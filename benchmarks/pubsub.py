"""Messages of a real Pub/Sub emulator become rows, by Beam's own source: is every one there once?

    pip install google-cloud-pubsub            # and Google's pubsub-emulator, which needs Java
    python benchmarks/pubsub.py [--articles 100] [--seconds 300]

The runner is Beam's old direct one, the only local one that can read Pub/Sub: it is for tests, and
does not end by itself, so it runs in a process that is ended. Exit code 1 if rows or dead letters
are not those that were sent.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow.dataset as ds
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.direct.direct_runner import BundleBasedDirectRunner
from articles import generate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))  # the services are the tests'
from services import answering

from pipeline.config_files import load_config
from pipeline.runners.last_step import RunContext
from pipeline.runners.stream import ReadArrivals, build_stream
from pipeline.settings import make_plan

EMULATOR = "/usr/lib/google-cloud-sdk/platform/pubsub-emulator/bin/cloud-pubsub-emulator"
TOPIC, SUBSCRIPTION = "projects/newsroom/topics/news", "projects/newsroom/subscriptions/wire"

STEADY = 10
"""Seconds to wait for rows that should not come: several windows."""

Sent = tuple[bytes, dict[str, str]]


def main() -> None:
    """Parse the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=300, help="time at the most")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, emulator() as address:
        os.environ["PUBSUB_EMULATOR_HOST"] = address
        sys.exit(compare(Path(name), options.articles, options.seconds))


@contextlib.contextmanager
def emulator() -> Iterator[str]:
    """Run the emulator; yield its address."""
    program = shutil.which("cloud-pubsub-emulator") or EMULATOR
    if not Path(program).is_file():
        sys.exit("there is no cloud-pubsub-emulator; install Google's pubsub-emulator")
    with answering(lambda port: [program, "--host=127.0.0.1", f"--port={port}"]) as (address, _):
        yield address


def messages(articles: int) -> list[Sent]:
    """Return JSON articles, a part of them twice, some pages, and some that are no articles."""
    records = list(generate(articles, 100))
    sent: list[Sent] = [(json.dumps(record).encode(), {}) for record in records]
    sent += sent[: articles // 5]
    for record in records[: articles // 10]:
        body = "".join(f"<p>{part}</p>" for part in record["text"].split("\n\n"))
        page = (
            f"<html><head><title>Page {record['id']}</title></head>"
            f"<body><article><h1>Page {record['id']}</h1><p>{record['id']} is a page.</p>{body}"
            f"<p>It was sent as a page and not as a record, and it is number {record['id']}.</p>"
            "</article></body></html>"
        )
        sent.append((page.encode(), {"content-type": "text/html"}))
    sent += [(b'{"title": broken', {})] * 3
    sent += [(b"", {"kind": "nothing"})] * 2
    sent += [(b"\xff\xd8\xff", {"filename": "photo.jpeg"})]
    return sent


def compare(folder: Path, articles: int, seconds: float) -> int:
    """Print what was sent and what came of it; return the exit code."""
    from google.cloud import pubsub  # type: ignore[import-untyped]  # noqa: PLC0415 (an extra)

    publisher, subscriber = pubsub.PublisherClient(), pubsub.SubscriberClient()
    publisher.create_topic(name=TOPIC)
    subscriber.create_subscription(name=SUBSCRIPTION, topic=TOPIC)
    sent = messages(articles)
    start = time.monotonic()
    for content, attributes in sent:
        publisher.publish(TOPIC, content, **attributes).result()
    wanted = {
        "rows": articles + articles // 10,
        "bad_json": 3,
        "empty_message": 2,
        "unknown_format": 1,
    }
    reader = multiprocessing.get_context("spawn").Process(target=read_on, args=(str(folder),))
    reader.start()
    found: dict[str, int] = {}
    steady = 0  # seconds for which all was there, and no more
    while steady < STEADY and time.monotonic() - start < seconds and reader.is_alive():
        # Time goes on for this runner only while there are messages: one that it knows.
        publisher.publish(TOPIC, sent[0][0], **sent[0][1]).result()
        reader.join(1)
        found = outcome(folder)
        steady = steady + 1 if found == wanted else 0
    reader.kill()
    reader.join()
    print(f"{len(sent)} messages, {time.monotonic() - start:.0f} s\n")
    print(f"{'outcome':<20}{'sent':>8}{'found':>8}")
    for name in sorted({*wanted, *found}):
        print(f"{name:<20}{wanted.get(name, 0):>8}{found.get(name, 0):>8}")
    return int(found != wanted)


def read_on(folder: str) -> None:
    """Read the subscription into `folder`, until this process is ended."""
    settings: dict[str, Any] = {
        "input.paths": [],
        "output.path": folder,
        "near.policy": "keep",
        "run.runner.name": "dataflow",  # whose source the direct runner replaces by its own
        "stream": {
            "enabled": True,
            "window_seconds": 2,
            "pubsub": {"subscription": SUBSCRIPTION},
        },
    }
    config = load_config(None, settings)
    options = PipelineOptions(["--streaming"])
    pipeline = beam.Pipeline(runner=BundleBasedDirectRunner(), options=options)
    context = RunContext("pubsub", datetime.now(UTC))
    build_stream(pipeline, ReadArrivals(config), make_plan(config), context)
    pipeline.run().wait_until_finish()


def outcome(folder: Path) -> dict[str, int]:
    """Return how many rows and how many dead letters of each reason there are."""
    files = [str(path) for path in folder.glob("date=*/*.parquet")]
    found = Counter(
        json.loads(line)["reason"]
        for path in folder.glob("_rejected/*/*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    )
    if files:
        found["rows"] = ds.dataset(files, format="parquet").count_rows()
    return dict(found)


if __name__ == "__main__":
    main()
