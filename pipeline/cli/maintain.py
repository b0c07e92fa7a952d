"""`newsbeam rejected`, `verify`, `compact`, `forget` and `retain`: the upkeep of an output."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.shared import ConfigPath, Exit, Json, Out, Overrides, Wait, app, terminal
from pipeline.config_files import load_config, parse_override
from transforms.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.upkeep.rejected import Selection


@app.command(
    epilog="Examples:  newsbeam rejected out  |  newsbeam rejected out --show 1f3a  |  "
    "newsbeam rejected out --replay --step parse --reason bad_json"
)
def rejected(
    output: Out = "out",
    steps: Annotated[list[str] | None, typer.Option("--step", help="Only of this step.")] = None,
    reasons: Annotated[
        list[str] | None, typer.Option("--reason", help="Only with this reason.")
    ] = None,
    show_id: Annotated[
        str | None, typer.Option("--show", metavar="ID", help="One, with what was read.")
    ] = None,
    as_list: Annotated[bool, typer.Option("--list", help="Each one, not only counts.")] = False,
    export: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the input of each, or of --show, to a file."),
    ] = None,
    replay_them: Annotated[
        bool, typer.Option("--replay", help="Run them through today's code.")
    ] = False,
    config: Annotated[
        str | None, typer.Option("--config", metavar="CONFIG", help="Settings of the replay.")
    ] = None,
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """List what could not become a row, by step and reason; show one; try them again."""
    from pipeline.report import print_json
    from pipeline.upkeep import rejected as letters

    console = terminal()
    select = letters.Selection(steps or (), reasons or ())
    actions = {"--show": show_id, "--list": as_list, "--export": export, "--replay": replay_them}
    _require_one([name for name, value in actions.items() if value], select)
    if (config or overrides) and not replay_them:
        raise ConfigError("--config and --set are the settings of a replay: add --replay")
    if export:
        _export(output, select, show_id, export, as_json=as_json)
    elif show_id:
        stored = letters.find_letter(output, show_id)
        if as_json:
            print_json(letters.stored_facts(stored))
        else:
            letters.print_letter(console, stored)
    elif replay_them:
        changes = dict(parse_override(text) for text in overrides or [])
        _replay(output, select, config, changes, as_json=as_json)
    elif as_json:
        print_json([letters.stored_facts(s) for s in letters.stored_letters(output, select)])
    elif as_list:
        letters.print_letters(console, letters.stored_letters(output, select))
    else:
        letters.print_counts(console, letters.count_letters(output, select))


def _require_one(actions: list[str], select: "Selection") -> None:
    """Check that the actions that are asked for go together."""
    if len(actions) > 1 and actions != ["--show", "--export"]:
        raise ConfigError(f"{' and '.join(actions)} do not go together: choose one")
    if "--show" in actions and (select.steps or select.reasons):
        raise ConfigError("--show names one dead letter: leave out --step and --reason")


def _export(
    output: str, select: "Selection", show_id: str | None, folder: Path, *, as_json: bool
) -> None:
    from pipeline.report import print_json
    from pipeline.upkeep import rejected as letters

    if show_id:
        select = letters.Selection(ids=[letters.find_letter(output, show_id).letter.id])
    count = letters.export_letters(output, select, folder)
    if as_json:
        print_json({"exported": count})
    else:
        terminal().print(f"{count} inputs written to {folder}", soft_wrap=True)


def _replay(
    output: str,
    select: "Selection",
    config: str | None,
    changes: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    from functools import partial

    from pipeline.lock.lock import output_lock
    from pipeline.report import print_json
    from pipeline.run import run_documents
    from pipeline.settings import make_plan
    from pipeline.upkeep.replay import print_replayed, replay

    settings = load_config(config, {**changes, "output.path": output, "input.paths": []})
    plan = make_plan(settings)
    with output_lock(output, "replay", wait=settings.run.lock_wait_seconds) as lock:
        again = partial(run_documents, plan, lock=lock)
        done = replay(output, select, settings.input.max_bytes, again, lock)
    if as_json:
        counts = {"left": done.left, "stayed": done.stayed, "new": done.new}
        print_json({**counts, "unkept": dict(done.unkept)})
    else:
        print_replayed(terminal(), done, output)


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
    from pipeline.report import print_json
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
    from pipeline.report import print_json
    from pipeline.upkeep.compact import compact as compact_days
    from pipeline.upkeep.compact import print_compacted
    from pipeline.upkeep.session import upkeep
    from transforms.output.folders import require_exchange

    base = require_exchange(output)
    first_kept = before.date() if before else datetime.now(UTC).date() - timedelta(days=1)
    with upkeep(output, "compact", wait) as done:
        days = list(compact_days(base, first_kept, int(target_mb * 2**20), done))
    if as_json:
        print_json([day._asdict() for day in days])
    elif days:
        print_compacted(terminal(), days)
    else:
        print(f"{output}: no day before {first_kept} has files to merge.")


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
    from pipeline.report import print_json
    from pipeline.upkeep.forget import forget as forget_articles
    from pipeline.upkeep.forget import names_of, print_forgotten
    from pipeline.upkeep.session import upkeep
    from transforms.output.storage import join, list_files

    names = names_of(ids or [], urls or [])
    if not list_files(join(output, "_runs/*.json")):
        raise ConfigError(f"{output} is not the output of a run: it has no _runs/")
    with upkeep(output, "forget", wait) as done:
        result = forget_articles(output, names, done)
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
    from pipeline.report import print_json
    from pipeline.upkeep.retention import print_retained
    from pipeline.upkeep.retention import retain as retain_days
    from pipeline.upkeep.session import upkeep
    from transforms.output.storage import join, list_files
    from transforms.output.withheld import first_kept

    changes = dict(parse_override(text) for text in overrides or [])
    retention = load_config(config, changes).retention
    if retention.text is None and retention.rows is None:
        raise ConfigError("retention: nothing is limited; set retention.text or retention.rows")
    if not list_files(join(output, "_runs/*.json")):
        raise ConfigError(f"{output} is not the output of a run: it has no _runs/")
    today = datetime.now(UTC).date()
    days = first_kept(today, retention.text), first_kept(today, retention.rows)
    with upkeep(output, "retain", wait) as done:
        counts = retain_days(output, *days, done)
    if as_json:
        print_json({**counts})
    else:
        print_retained(terminal(), counts)
