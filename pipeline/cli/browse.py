"""`newsbeam show` and `feeds`: what is there."""

from datetime import datetime
from typing import Annotated

import typer

from pipeline.cli.command import Json, Out, app
from pipeline.cli.screen import print_json, say, terminal


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
    from pipeline.show import print_rows, select_rows

    rows = select_rows(output, date.date() if date else None, topic, limit)
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(terminal(), rows)
    else:
        say("No published article fits.")


@app.command(epilog="Examples:  newsbeam feeds out  |  newsbeam feeds out --failing --json")
def feeds(
    output: Out = "out",
    failing: Annotated[bool, typer.Option("--failing", help="Only those with a fault.")] = False,
    as_json: Json = False,
) -> None:
    """Show the health of the feeds: last success, new items, next poll, last error."""
    from pipeline.feed_report import feed_rows, feeds_table

    rows = feed_rows(output, failing=failing)
    if as_json:
        print_json(rows)
    elif rows:
        terminal().print(feeds_table(rows))
    else:
        say(f"{output} knows no {'failing ' if failing else ''}feed.")
