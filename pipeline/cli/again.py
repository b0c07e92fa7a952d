"""`newsbeam backfill`."""

from datetime import datetime
from typing import Annotated, Any

import typer

from pipeline.cli.shared import Json, Out, Overrides, Wait, app, terminal
from pipeline.config_files import load_config, parse_override
from transforms.errors import ConfigError


@app.command(
    epilog="Examples:  newsbeam backfill out --from 2026-10-01 --to 2026-10-07  |  "
    "newsbeam backfill out --from 2026-10-01 --step classify --topics my-topics.yaml"
)
def backfill(
    output: Out = "out",
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First UTC day.")
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last UTC day. Default: the first."),
    ] = None,
    steps: Annotated[
        list[str] | None,
        typer.Option("--step", help="summarize, classify or relate; repeatable. Default: all."),
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", metavar="CONFIG", help="Today's settings.")
    ] = None,
    topics: Annotated[
        str | None, typer.Option("--topics", metavar="FILE", help="Topic labels and phrases.")
    ] = None,
    overrides: Overrides = None,
    wait: Wait = 0,
    as_json: Json = False,
) -> None:
    """Do published days again with today's config and models, from the text in their rows."""
    from pipeline.check import require
    from pipeline.report import print_json
    from pipeline.upkeep.backfill import STEPS, print_backfilled
    from pipeline.upkeep.backfill import backfill as backfill_days
    from pipeline.upkeep.session import upkeep
    from transforms.output.folders import require_exchange
    from transforms.output.tables.sync import follow_output

    if first is None:
        raise ConfigError("--from is missing: name the first day, such as --from 2026-10-01")
    if unknown := set(steps or ()) - STEPS.keys():
        raise ConfigError(f"--step: {', '.join(sorted(unknown))}; known are {', '.join(STEPS)}")
    changes: dict[str, Any] = dict(parse_override(text) for text in overrides or [])
    changes |= {"topics.file": topics} if topics else {}
    nothing: dict[str, Any] = {"input.paths": [], "input.feeds": []}
    settings = load_config(config, {**changes, **nothing, "output.path": output})
    plan = require(settings, inputs=lambda _: None)
    base = require_exchange(output)
    days = first.date(), (last or first).date()
    with upkeep(output, "backfill", wait) as done:
        done.facts["config"] = settings.model_dump(mode="json")
        found = list(backfill_days(base, days, plan, steps or [*STEPS], done))
        follow_output(output, plan.table)
    if as_json:
        print_json([day._asdict() for day in found])
    elif found:
        print_backfilled(terminal(), found)
    else:
        print(f"{output} has no day from {days[0]} to {days[1]}.")
