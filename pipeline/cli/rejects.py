"""`newsbeam rejected`: what could not become a row, and what to do about it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import Json, Out, Overrides, app, plan_for, tell_faults
from pipeline.cli.screen import print_json, say, terminal
from transforms.errors import ConfigError
from transforms.text.counted import counted

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
        str | None,
        typer.Option("--config", metavar="CONFIG", help="Of --replay: not the output's own."),
    ] = None,
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """List what could not become a row, by step and reason; show one; try them again."""
    from pipeline.upkeep import rejected as letters
    from transforms.output.storage import require_output

    console = terminal()
    select = letters.Selection(steps or (), reasons or ())
    actions = {"--show": show_id, "--list": as_list, "--export": export, "--replay": replay_them}
    _require_one([name for name, value in actions.items() if value], select)
    if (config or overrides) and not replay_them:
        raise ConfigError("--config and --set are the settings of a replay: add --replay")
    require_output(output)
    if export:
        _export(output, select, show_id, export, as_json=as_json)
    elif show_id:
        stored = letters.find_letter(output, show_id)
        if as_json:
            print_json(letters.stored_facts(stored))
        else:
            letters.print_letter(console, stored)
    elif replay_them:
        _replay(output, select, config, overrides, as_json=as_json)
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
    from pipeline.upkeep import rejected as letters

    if show_id:
        select = letters.Selection(ids=[letters.find_letter(output, show_id).letter.id])
    count = letters.export_letters(output, select, folder)
    if as_json:
        print_json({"exported": count})
    else:
        terminal().print(f"{counted(count, 'input')} written to {folder}", soft_wrap=True)


def _replay(
    output: str,
    select: "Selection",
    config: str | None,
    overrides: list[str] | None,
    *,
    as_json: bool,
) -> None:
    from functools import partial

    from pipeline.lock.lock import output_lock
    from pipeline.report import count_written, fault_lines
    from pipeline.run import run_documents
    from pipeline.upkeep.replay import print_replayed, replay

    plan = plan_for(output, config, overrides, {})
    settings = plan.config
    with output_lock(output, "replay", wait=settings.run.lock_wait_seconds) as lock:
        again = partial(run_documents, plan, lock=lock)
        done = replay(output, select, settings.input.max_bytes, again, lock)
    written, undated = count_written(done.manifest)
    if as_json:
        counts = {"left": done.left, "stayed": done.stayed, "new": done.new}
        counts |= {"written": written, "undated": undated}
        print_json({**counts, "unkept": dict(done.unkept)})
    else:
        print_replayed(terminal(), done, output)
        if done.manifest:
            say(
                f"{counted(written, 'row')} written"
                + f", {undated} without a stated date" * bool(undated)
            )
    if done.manifest:
        tell_faults(fault_lines(done.manifest.counts, output), strict=settings.run.strict)
