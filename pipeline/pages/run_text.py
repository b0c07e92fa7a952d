"""A run, told in a terminal."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.text import Text

from pipeline.outcome import feeds_text, unread_feeds
from pipeline.pages.run_facts import Run
from pipeline.plain_table import plain_table

NOT_ASKED = "feed not due"
"""Remark on a source that a run could not hear of."""

_SOURCES = 20
"""Sources that are shown."""


def run_line(run: Run) -> str:
    """Return a run in one line: what it was, how it ended, what became of its inputs."""
    lasted = "" if run.lasted is None else f"{run.lasted:.1f} s"
    facts = [
        run.run_id, f"{run.command}, {run.status}", lasted, _balance(run), unread_feeds(run.feeds),
        " ".join((run.error or "").split()),
    ]  # fmt: skip
    return "  ".join(filter(None, facts))


def _balance(run: Run) -> str:
    """Return the balance; empty for a command that has none."""
    counts = " + ".join(f"{n} {name}" for name, n in run.balance.items() if name != "in")
    return f"{run.balance['in']} in = {counts}" if "in" in run.balance else ""


def print_run(console: Console, story: dict[str, Any]) -> None:
    """Print what is told of a run."""
    run: Run = story["run"]
    console.print(Text(run_line(run), style="bold"), soft_wrap=True)
    for part in _parts(story):
        console.print()
        console.print(part, soft_wrap=True)


def _parts(story: dict[str, Any]) -> Iterable[RenderableType]:
    run: Run = story["run"]
    if run.feeds:
        yield Text(f"Feeds: {feeds_text(run.feeds)}")
    if run.feed_fault:
        yield Text(run.feed_fault, style="red")
    if run.steps:
        steps = plain_table("Steps", "step", "seconds", "counted")
        steps.columns[1].justify = "right"
        for step, counts in run.ordered_steps:
            counted = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
            seconds = run.step_seconds.get(step)
            steps.add_row(step, "" if seconds is None else f"{seconds:.2f}", counted)
        yield steps
    if run.rejected:
        yield Group(*_rejected(story))
    if story["volumes"]:
        yield _sources(story["volumes"], story["unusual"])


def _rejected(story: dict[str, Any]) -> Iterable[RenderableType]:
    yield Text("Rejected", style="italic")
    for key, count in sorted(story["run"].rejected.items()):
        yield Text(f"  {count:>5}  {key}")
        for example in story["examples"].get(key, ()):
            yield Text(
                f"         {example.id[:12]}  {example.place}  {example.detail}", style="dim"
            )


def _sources(volumes: Sequence[Any], strange: dict[str, str]) -> RenderableType:
    table = plain_table("Sources", "source", "articles", "on average before", "")
    table.columns[2].justify = "right"
    for volume in [*volumes[:_SOURCES], *(v for v in volumes[_SOURCES:] if v.source in strange)]:
        mark = strange.get(volume.source, "" if volume.asked else NOT_ASKED)
        table.add_row(volume.source, str(volume.rows), f"{volume.before:.1f}", mark)
    return table
