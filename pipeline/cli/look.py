"""`newsbeam show`, `feeds` and `models`: what is there."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.cli.options import Exit, Json, Out, app

if TYPE_CHECKING:
    from transforms.models import ModelStatus


@app.command(
    epilog="Examples:  newsbeam show out  |  newsbeam show out --date 2026-10-01 --topic sport"
)
def show(
    output: Out = "out",
    date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="One UTC day.")
    ] = None,
    topic: Annotated[
        str | None, typer.Option("--topic", help="A topic's label, or a part of it.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Articles at the most.")] = 20,
    as_json: Json = False,
) -> None:
    """Show published summaries, newest first."""
    from pipeline.report import print_json
    from pipeline.show import print_rows, select_rows

    rows = select_rows(output, date.date() if date else None, topic, limit)
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(Console(), rows)
    else:
        print("No published article fits.")


@app.command(epilog="Examples:  newsbeam feeds out  |  newsbeam feeds out --failing --json")
def feeds(
    output: Out = "out",
    failing: Annotated[bool, typer.Option("--failing", help="Only those with a fault.")] = False,
    as_json: Json = False,
) -> None:
    """Show the health of the feeds: last success, new items, next poll, last error."""
    from pipeline.report import feed_rows, feeds_table, print_json

    rows = feed_rows(output, failing=failing)
    if as_json:
        print_json(rows)
    elif rows:
        Console().print(feeds_table(rows))
    else:
        print(f"{output} knows no {'failing ' if failing else ''}feed.")


@app.command(epilog="Example:  newsbeam models --json")
def models(as_json: Json = False) -> None:
    """List the models: what each is for, its hash, whether it is present; exit code 2 if not."""
    from pipeline.report import print_json
    from transforms.models import EMBEDDED, model_status

    states = [model_status(spec) for spec in (EMBEDDED,)]
    rows = [
        {
            "name": state.spec.name,
            "sha256": state.spec.sha256,
            "present": state.usable,
            "languages": list(state.spec.languages),
            "where": str(state.folder or ""),
            "problem": state.problem,
        }
        for state in states
    ]
    if as_json:
        print_json(rows)
    else:
        Console().print(_models_table(states))
    if not all(state.usable for state in states):
        raise typer.Exit(Exit.USAGE)


def _models_table(states: list["ModelStatus"]) -> Table:
    table = Table("model", "used for", "languages", "sha256", "present")
    for state in states:
        present = "yes" if state.usable else f"[red]no[/]: {state.problem}"
        languages = " ".join(state.spec.languages)
        table.add_row(
            state.spec.name, "summaries and topics", languages, state.spec.sha256, present
        )
    return table
