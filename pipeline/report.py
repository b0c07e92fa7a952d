"""What a run tells a person: a live line while it works, and tables at its end."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.advice import ADVISED, better
from pipeline.command_line import command_line
from pipeline.manifest import Manifest
from pipeline.model_pins import known_languages
from pipeline.outcome import Counts, feeds_text, unread_feeds
from transforms.errors import FAULT
from transforms.formats.unknown_fields import tallied
from transforms.models.loaders import ModelRecord
from transforms.output.file_columns import read_columns
from transforms.output.storage import join
from transforms.parse import STEP as PARSE
from transforms.summarize.drafts import FAILED
from transforms.summarize.extractive import STEP as SUMMARIZE
from transforms.text.counted import counted
from transforms.text.date_sources import STATED_SOURCES

_TOPICS, _DAYS, _REASONS, _MOST_ADVICE = 4, 3, 2, 2
"""Lines of each part, so that the report fits a screen of 24 lines."""
_TOPICS_OF_A_DAY = 3
_NAME, _BAR = 44, 16
"""Columns of a name and of the longest bar, at the most: 80 hold both."""


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


def count_written(manifest: Manifest | None) -> tuple[int, int]:
    """Return how many rows the run wrote, and how many of them have no stated date."""
    if manifest is None or not manifest.counts.written:
        return 0, 0
    sources = published_rows(manifest, ["date_source"])["date_source"].to_pylist()
    return manifest.counts.written, sum(source not in STATED_SOURCES for source in sources)


def print_report(console: Console, manifest: Manifest, where: str, again: int = 0) -> None:
    """Print what the run did, and what could be done better; at most a screen of 24 lines.

    Args:
        console: where to.
        manifest: of the run.
        where: path of the manifest.
        again: summaries of earlier runs that were written at last.
    """
    counts, output = manifest.counts, manifest.config.output.path
    advice: list[str] = []
    if counts.written:
        rows = published_rows(manifest, ["published_at", *ADVISED])
        console.print(_grid(_topics(rows)))
        console.print(_grid(_days(rows)))
        advice = better(rows, known_languages(manifest.config))
    if counts.rejected:
        console.print(_grid(_rejected(counts.rejected)))
    if manifest.feeds:
        console.print(_grid([("Feeds", "", feeds_text(manifest.feeds))]))
    console.print(_balance(manifest), soft_wrap=True)
    lines = list(notes(manifest, again))
    if why := why_nothing(manifest):
        lines.append(f"Nothing changed: {why}.")
    if counts.written:
        models = " · ".join(f"{use} {_model(model)}" for use, model in manifest.models.items())
        lines.append(f"Models: {models}")
    lines += [f"Better: {line}" for line in advice[:_MOST_ADVICE]]
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)
    place = Text.assemble("Output ", (output, "bold"), f", manifest {where}")
    console.print(place, soft_wrap=True)
    if counts.written or counts.rejected:
        why = f"; why rejected: {command_line('rejected', output)}" if counts.rejected else ""
        read = f"Read it: {command_line('show', output)}{why}"
        console.print(read, highlight=False, soft_wrap=True)


def _model(record: ModelRecord) -> str:
    """Return the name of a model, where it is, and its number format, as far as they are known."""
    facts = [value for key, value in record.items() if key in {"device", "number_format", "url"}]
    return f"{record['name']} ({', '.join(map(str, facts))})"


def why_nothing(manifest: Manifest) -> str:
    """Return why nothing changed, if nothing did and no fault of the feeds says why."""
    counts, feeds = manifest.counts, manifest.feeds
    if counts.written or manifest.feed_fault:
        return ""
    if counts.read and counts.read == counts.rejected.total():
        return "everything in the input was rejected"
    if counts.read:
        return "every article in the input is published already"
    if feeds and feeds.keys() <= {"Skipped"}:
        return "no feed is due yet (--force asks them nevertheless)"
    return "the feeds that answered have nothing new" if feeds else "the input is empty"


_Lines = list[tuple[str, str, str]]
"""What a part of the report is called, on its first line; a name, or a count; and more of it."""


def _grid(lines: _Lines) -> Table:
    """Return a part of the report, each of its lines as one of the terminal's."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(style="bold", no_wrap=True, min_width=8)
    table.add_column(no_wrap=True, max_width=_NAME)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for line in lines:
        table.add_row(*map(Text, line))
    return table


def _topics(rows: pa.Table) -> _Lines:
    counts = Counter(topic or "(none is certain)" for topic in rows["topic"].to_pylist())
    shown = counts.most_common(_TOPICS)
    lines = [(name, f"{count:5}  {'█' * max(1, round(_BAR * count / shown[0][1]))}")
             for name, count in shown]  # fmt: skip
    if rest := counts.total() - sum(count for _, count in shown):
        lines.append((counted(len(counts) - _TOPICS, "more topic"), f"{rest:5}"))
    return _headed("Topics", lines)


def _days(rows: pa.Table) -> _Lines:
    by_day: dict[str, Counter[str]] = {}
    for time, topic in zip(
        rows["published_at"].to_pylist(), rows["topic"].to_pylist(), strict=True
    ):
        by_day.setdefault(f"{time:%Y-%m-%d}", Counter())[topic or ""] += 1
    days = sorted(by_day, reverse=True)
    lines = []
    for day in days[:_DAYS]:
        names = " · ".join(filter(None, (n for n, _ in by_day[day].most_common(_TOPICS_OF_A_DAY))))
        lines.append((day, f"{by_day[day].total():5}  {names}"))
    if earlier := days[_DAYS:]:
        count = sum(by_day[day].total() for day in earlier)
        lines.append((f"{len(earlier)} earlier", f"{count:5}"))
    return _headed("Days", lines)


def _rejected(rejected: Counter[str]) -> _Lines:
    shown = rejected.most_common(_REASONS)
    lines = [(key.replace(".", " "), f"{count:5}") for key, count in shown]
    if rest := rejected.total() - sum(count for _, count in shown):
        lines.append((counted(len(rejected) - _REASONS, "more reason"), f"{rest:5}"))
    return _headed("Rejected", lines)


def notes(manifest: Manifest, again: int) -> Iterator[str]:
    """Yield what somebody may have to do something about, in short or in long reports."""
    lines = (feeds_line(manifest), summaries_line(manifest, again), fields_line(manifest))
    yield from filter(None, lines)


def feeds_line(manifest: Manifest) -> str:
    """Return how many feeds could not be read, and where they are told; `""` if all could."""
    unread = unread_feeds(manifest.feeds)
    if not unread or manifest.feed_fault:  # which names some
        return ""
    command = command_line("feeds", manifest.config.output.path, "--failing")
    return f"{unread}: {command}"


def _headed(name: str, lines: list[tuple[str, str]]) -> _Lines:
    return [(name if not number else "", *line) for number, line in enumerate(lines)]


def fault_lines(counts: Counts, output: str, feeds: int = 0) -> list[str]:
    """Return what is to be said of what met a fault, of newsbeam or of a plug-in.

    Args:
        counts: of inputs and pages.
        output: the output.
        feeds: whose answers did.
    """
    rejected = command_line("rejected", output, "--reason", FAULT)
    failing = command_line("feeds", output, "--failing")
    places = (
        (counts.faults, "input", rejected),
        (counts.page_faults, "page", f"flag {FAULT} in the row of each"),
        (feeds, "feed", failing),
    )
    own = [
        f"{counted(count, what)} met a fault of newsbeam: {place}; please report "
        + ("it" if count == 1 else "them")
        for count, what, place in places
        if count
    ]
    return own + [
        f"{counted(count, 'input')} met a fault of the plug-in {plugin}, not of newsbeam: "
        f"{rejected} --list shows them; once it is mended: {rejected} --replay"
        for plugin, count in sorted(counts.plugin_faults.items())
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
        f"The model failed at {counted(count, 'summary', 'summaries')}: {why}. The articles' own "
        "sentences stand in; the next run asks again."
        for why, count in failed_summaries(manifest).items()
    ]
    if again:
        written = counted(again, "summary", "summaries")
        parts.append(f"Written at last: {written} that failed in earlier runs.")
    return " ".join(parts)


def fields_line(manifest: Manifest) -> str:
    """Return which fields of records nobody knows, where records lack some; empty if none do."""
    line = tallied(manifest.steps.get(PARSE, Counter()))
    return f"Some records lack a title, text or date: {line}" if line else ""


def _balance(manifest: Manifest) -> Text:
    return Text(balance_line(manifest), style="bold")
