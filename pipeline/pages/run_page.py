"""A run, told on a page or in a terminal."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup
from rich.console import Console, Group, RenderableType
from rich.text import Text

from pipeline.pages.rendering import assets, render
from pipeline.pages.run_facts import (
    Run,
    find_run,
    read_runs,
    rejected_examples,
    source_volumes,
    unusual,
)
from pipeline.plain_table import plain_table

_SOURCES = 20
"""Sources that a terminal shows."""


def run_story(root: str, name: str) -> dict[str, Any]:
    """Return all that is told of a run; `name` is the beginning of its id, or `last`.

    Raises:
        ConfigError: there is no such run.
    """
    runs = read_runs(root)
    run = find_run(runs, name)
    volumes = source_volumes(root, run, runs)
    return {
        "run": run,
        "examples": rejected_examples(root, run),
        "volumes": volumes,
        "unusual": {volume.source: what for volume, what in unusual(volumes)},
    }


def run_html(story: dict[str, Any]) -> bytes:
    """Return the page of a run: one file, with its style in it and nothing else to load."""
    _, style = assets()["style.css"]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'"
    css = Markup(style.decode())  # noqa: S704 (our own file)
    most = max([volume.rows for volume in story["volumes"]], default=1)
    return render("one_run.html", policy=policy, style=css, most=most, **story)


def run_line(run: Run) -> str:
    """Return a run in one line: what it was, how it ended, what became of its inputs."""
    lasted = "" if run.lasted is None else f"{run.lasted:.1f} s"
    facts = [run.run_id, f"{run.command}, {run.status}", lasted, _balance(run), run.error or ""]
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
    if run.steps:
        steps = plain_table("Steps", "step", "counted")
        for step, counts in run.ordered_steps:
            steps.add_row(step, ", ".join(f"{n} {name}" for name, n in counts.items() if n))
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
        mark = strange.get(volume.source, "")
        table.add_row(volume.source, str(volume.rows), f"{volume.before:.1f}", mark)
    return table
