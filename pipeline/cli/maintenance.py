"""`newsbeam verify`, `compact`, `forget`, `retain` and `backfill`: the upkeep of an output."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from pipeline.cli.command import (
    ConfigPath,
    Exit,
    Json,
    Out,
    Overrides,
    Wait,
    app,
    plan_for,
    read_config,
)
from pipeline.cli.screen import print_json, say, terminal
from transforms.errors import ConfigError


@app.command(epilog="Examples:  newsbeam verify out  |  newsbeam verify out --fix --json")
def verify(
    output: Out = "out",
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend.")] = False,
    accepted: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            metavar="PATH",
            help="With --fix: take a missing or changed file as it is; repeatable.",
        ),
    ] = None,
    wait: Wait = 0,
    as_json: Json = False,
) -> None:
    """Check every promise of the output; exit code 5 if one does not hold."""
    from contextlib import nullcontext

    from pipeline.lock.lock import output_lock
    from pipeline.upkeep.verify import print_problems, verify_output

    if accepted and not fix:
        raise ConfigError("--accept changes what is recorded of a file: add --fix")
    with output_lock(output, "verify --fix", wait=wait) if fix else nullcontext() as lock:
        report = verify_output(output, lock, accepted or ())
    if as_json:
        print_json(report.as_dict())
    else:
        print_problems(terminal(), report, output)
    if report.remaining:
        raise typer.Exit(Exit.NOT_CLEAN)


@app.command(
    epilog="Examples:  newsbeam compact out  |  newsbeam compact out --before 2026-10-01 --json"
)
def compact(
    output: Out = "out",
    before: Annotated[
        datetime | None,
        typer.Option(
            "--before", formats=["%Y-%m-%d"], help="Days before this UTC day. Default: yesterday."
        ),
    ] = None,
    target_mb: Annotated[
        float, typer.Option("--target-mb", min=1, help="Size up to which files are merged.")
    ] = 64,
    wait: Wait = 0,
    as_json: Json = False,
) -> None:
    """Merge the small files of closed days; drops nothing, and can be interrupted."""
    from pipeline.upkeep.compact import compact as compact_days
    from pipeline.upkeep.compact import print_compacted
    from pipeline.upkeep.session import upkeep
    from transforms.output.folders import require_exchange

    require_exchange(output)
    first_kept = before.date() if before else datetime.now(UTC).date() - timedelta(days=1)
    with upkeep(output, "compact", wait) as done:
        days = list(compact_days(output, first_kept, int(target_mb * 2**20), done))
    if as_json:
        print_json([day._asdict() for day in days])
    elif days:
        print_compacted(terminal(), days)
    else:
        say(f"{output}: no day before {first_kept} has files to merge.")


@app.command(
    epilog="Examples:  newsbeam forget out --url https://news.example/a  |  "
    "newsbeam forget out --id 0123456789abcdef0123456789abcdef --json"
)
def forget(
    output: Out = "out",
    ids: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="Its id; repeatable.")
    ] = None,
    urls: Annotated[
        list[str] | None, typer.Option("--url", metavar="URL", help="Its address; repeatable.")
    ] = None,
    wait: Wait = 0,
    as_json: Json = False,
) -> None:
    """Remove articles from every file, for good; exit code 5 if a search then finds a trace."""
    from pipeline.upkeep.forget import forget as forget_articles
    from pipeline.upkeep.forget import names_of, unknown_names
    from pipeline.upkeep.session import table_of, upkeep
    from pipeline.upkeep.takedown import print_forgotten
    from transforms.output.storage import require_output

    names = names_of(ids or [], urls or [])
    require_output(output)
    with upkeep(output, "forget", wait) as done:
        unknown = unknown_names(output, ids or [], urls or [])
        result = forget_articles(output, names, done, table_of(output))
        result.unknown = unknown
    if as_json:
        print_json(result.as_dict())
    else:
        print_forgotten(terminal(), result)
    if result.left:
        raise typer.Exit(Exit.NOT_CLEAN)


@app.command(
    epilog="Examples:  newsbeam retain out my.yaml  |  "
    "newsbeam retain out --set retention.text=30d --set retention.rows=2y --json"
)
def retain(
    output: Out = "out",
    config: ConfigPath = None,
    overrides: Overrides = None,
    wait: Wait = 0,
    as_json: Json = False,
) -> None:
    """Remove texts and rows that are older than `retention` in the config allows."""
    from pipeline.upkeep.retention import print_retained
    from pipeline.upkeep.retention import retain as retain_days
    from pipeline.upkeep.session import table_of, upkeep
    from transforms.output.storage import require_output
    from transforms.output.tables.sync import follow_for_good
    from transforms.output.withheld import first_kept

    retention = read_config(config, overrides, {}).retention
    if retention.text is None and retention.rows is None:
        raise ConfigError("retention: nothing is limited; set retention.text or retention.rows")
    require_output(output)
    today = datetime.now(UTC).date()
    days = first_kept(today, retention.text), first_kept(today, retention.rows)
    with upkeep(output, "retain", wait) as done:
        counts = retain_days(output, *days, done)
        if table := table_of(output):
            follow_for_good(output, table)
    if as_json:
        print_json({**counts})
    else:
        print_retained(terminal(), counts)


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
        typer.Option(
            "--step", help="summarize, classify, relate or write; repeatable. Default: all."
        ),
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", metavar="CONFIG", help="In place of the output's own.")
    ] = None,
    topics: Annotated[
        str | None, typer.Option("--topics", metavar="FILE", help="Topic labels and phrases.")
    ] = None,
    overrides: Overrides = None,
    wait: Wait = 0,
    as_json: Json = False,
) -> None:
    """Do published days again, from the text in their rows.

    With the settings, topics and models that the output was made with, but for what is named here.
    """
    from pipeline.manifest import settings_facts
    from pipeline.upkeep.backfill import STEPS, print_backfilled
    from pipeline.upkeep.backfill import backfill as backfill_days
    from pipeline.upkeep.session import upkeep
    from transforms.output.folders import require_exchange
    from transforms.output.tables.sync import follow_output

    if first is None:
        raise ConfigError("--from is missing: name the first day, such as --from 2026-10-01")
    if unknown := set(steps or ()) - STEPS.keys():
        raise ConfigError(f"--step: {', '.join(sorted(unknown))}; known are {', '.join(STEPS)}")
    changes: dict[str, Any] = {"topics.file": topics} if topics else {}
    plan = plan_for(output, config, overrides, changes)
    require_exchange(output)
    days = first.date(), (last or first).date()
    with upkeep(output, "backfill", wait) as done:
        done.facts |= settings_facts(plan)
        found = list(backfill_days(output, days, plan, steps or [*STEPS], done))
        follow_output(output, plan.table)
    if as_json:
        print_json([day._asdict() for day in found])
    elif found:
        print_backfilled(terminal(), found)
    else:
        say(f"{output} has no day from {days[0]} to {days[1]}.")
