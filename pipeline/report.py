"""What a run tells a person: a live line while it works, and tables at its end."""

import contextlib
import shlex
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.manifest import Manifest
from pipeline.outcome import Counts
from pipeline.plain_table import plain_table
from transforms.isolation import FAULT
from transforms.models.loaders import ModelRecord
from transforms.output.ledger import read_columns
from transforms.output.storage import join
from transforms.summarize.drafts import FAILED
from transforms.summarize.extractive import STEP as SUMMARIZE

_TOPICS_OF_A_DAY = 3


def published_rows(manifest: Manifest, columns: Iterable[str]) -> pa.Table:
    """Return these columns of the rows that the run wrote, as far as no other has moved them on."""
    names = [*columns, "run_id"]
    root = manifest.config.output.path
    tables = []
    for path in sorted(path for path, record in manifest.files.items() if record):
        with contextlib.suppress(FileNotFoundError):
            tables.append(read_columns(join(root, path), names))
    if not tables:
        return pa.table({name: [] for name in names})
    table = pa.concat_tables(tables)
    return table.filter(pa.compute.equal(table["run_id"], manifest.run_id))


def print_report(console: Console, manifest: Manifest, where: str, again: int = 0) -> None:
    """Print what the run did.

    Args:
        console: where to.
        manifest: of the run.
        where: path of the manifest.
        again: summaries of earlier runs that were written at last.
    """
    counts = manifest.counts
    changed = counts.written or counts.rejected
    if counts.written:
        rows = published_rows(manifest, ["published_at", "topic"])
        console.print(Padding(_written_tables(rows), (1, 0, 0, 0)))
    if counts.rejected:
        console.print(Padding(_rejected_table(counts.rejected), (1, 0, 0, 0)))
    console.print(Padding(_balance(manifest), (1, 0, 0, 0)))
    if line := summaries_line(manifest, again):
        console.print(line, highlight=False, soft_wrap=True)
    if not counts.written:
        console.print("Nothing changed: every article in the input is published already.")
    output = manifest.config.output.path
    place = Text.assemble("Output ", (output, "bold"), f", manifest {where}")
    console.print(place, soft_wrap=True)
    if counts.written:
        models = " · ".join(f"{use} {_model(model)}" for use, model in manifest.models.items())
        console.print(f"Models: {models}", highlight=False, soft_wrap=True)
    if changed:
        read = shlex.join(["newsbeam", "show", output])
        console.print(f"Read it: {read}", highlight=False, soft_wrap=True)


def _model(record: ModelRecord) -> str:
    """Return the name of a model, where it is, and its number format, as far as they are known."""
    facts = [value for key, value in record.items() if key in {"device", "number_format", "url"}]
    return f"{record['name']} ({', '.join(map(str, facts))})"


def _written_tables(rows: pa.Table) -> RenderableType:
    days = [time.strftime("%Y-%m-%d") for time in rows["published_at"].to_pylist()]
    topics = [topic or "(none is certain)" for topic in rows["topic"].to_pylist()]
    by_day: dict[str, Counter[str]] = {}
    for day, topic in zip(days, topics, strict=True):
        by_day.setdefault(day, Counter())[topic] += 1
    dates = plain_table("Written by date", "date", "articles", "most frequent topics")
    for day in sorted(by_day):
        names = " · ".join(topic for topic, _ in by_day[day].most_common(_TOPICS_OF_A_DAY))
        dates.add_row(day, str(by_day[day].total()), names)
    return Group(_count_table("Written by topic", "topic", Counter(topics)), "", dates)


def _count_table(title: str, what: str, counts: Counter[str]) -> Table:
    table = plain_table(title, what, "articles", "")
    most = max(counts.values())
    for name, count in counts.most_common():
        table.add_row(name, str(count), "█" * max(1, round(24 * count / most)))
    return table


def _rejected_table(rejected: Counter[str]) -> Table:
    table = plain_table("Rejected", "step", "reason", "inputs")
    for key, count in sorted(rejected.items()):
        table.add_row(*key.split(".", 1), str(count))
    return table


def fault_lines(counts: Counts, output: str, feeds: int = 0) -> list[str]:
    """Return what is to be said of what met a fault of newsbeam; nothing if nothing did.

    Args:
        counts: of inputs and pages.
        output: the output.
        feeds: whose answers did.
    """
    rejected = shlex.join(["newsbeam", "rejected", output, "--reason", FAULT])
    failing = shlex.join(["newsbeam", "feeds", output, "--failing"])
    places = (
        (counts.faults, "inputs", rejected),
        (counts.page_faults, "pages", f"their rows have the flag {FAULT}"),
        (feeds, "feeds", failing),
    )
    return [
        f"{count} {what} met a fault of newsbeam: {place}; please report them"
        for count, what, place in places
        if count
    ]


def balance_line(manifest: Manifest) -> str:
    """Return the balance in one line.

    It reads `70 in = 60 written + 0 unchanged + 2 duplicate + 8 rejected, 3.1 s, 22.6 articles/s`.
    """
    balance: dict[str, Any] = manifest.counts.balance()
    total = balance.pop("in")
    parts = " + ".join(f"{count} {name}" for name, count in balance.items())
    if missing := total - manifest.counts.accounted:  # of a stream: dropped as too late
        parts += f" + {missing} not accounted for"
    rate = total / max(manifest.seconds, 1e-6)
    return f"{total} in = {parts}, {manifest.seconds:.1f} s, {rate:.1f} articles/s"


def failed_summaries(manifest: Manifest) -> dict[str, int]:
    """Return how many summaries a model failed to write, by the reason."""
    counters = manifest.steps.get(SUMMARIZE, Counter())
    return {
        name.removeprefix(FAILED): count
        for name, count in sorted(counters.items())
        if name.startswith(FAILED)
    }


def summaries_line(manifest: Manifest, again: int) -> str:
    """Return what became of the summaries that a model failed to write; empty if there is nothing.

    Args:
        manifest: of the run.
        again: summaries of earlier runs that were written at last.
    """
    parts = [
        f"{count} summaries are not the model's: {why}. The articles' own sentences stand in; the "
        "next run asks again."
        for why, count in failed_summaries(manifest).items()
    ]
    if again:
        parts.append(f"{again} summaries that failed in earlier runs were written.")
    return " ".join(parts)


def _balance(manifest: Manifest) -> Text:
    return Text(balance_line(manifest), style="bold")
