"""The `newsbeam` command.

Exit codes: 0 done; 1 a run failed on the way (what it had published is whole; run again); 2 wrong
usage, config, model or path, found before any work; 3 a run could not account for every input;
4 another process writes to the output; 5 verify found a problem; 130 interrupted.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pipeline import __version__
from pipeline.config import Config, load_config, parse_override
from transforms.errors import BalanceError, ConfigError, NewsbeamError

if TYPE_CHECKING:
    from pipeline.rejected import Selection
    from transforms.models import ModelStatus


class Exit(IntEnum):
    """Exit codes of the command."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNBALANCED = 3
    LOCKED = 4
    NOT_CLEAN = 5
    INTERRUPTED = 130


app = typer.Typer(
    name="newsbeam",
    help="Turn news articles into clean, summarised, classified Parquet by date.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage or config, 3 inputs not accounted for, "
    "4 output locked, 5 verify found a problem, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

ConfigPath = Annotated[
    str | None,
    typer.Argument(
        metavar="[CONFIG]", help="Config file, or the name of an installed one. Default: local."
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option("--input", "-i", metavar="GLOB", help="File, folder or glob; repeatable."),
]
Feeds = Annotated[
    list[str] | None,
    typer.Option("--feed", "-f", metavar="URL", help="Feed, or OPML file; repeatable."),
]
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="DIR", help="Where to publish.")
]
Topics = Annotated[
    str | None, typer.Option("--topics", metavar="FILE", help="Topic labels and phrases (YAML).")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Any other setting; repeatable."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def main(argv: list[str] | None = None) -> None:
    """Run the command; what follows `--` is passed to Beam."""
    arguments = sys.argv[1:] if argv is None else argv
    beam_options: list[str] = []
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, beam_options = arguments[:cut], arguments[cut + 1 :]
    _quieten_libraries()
    with _errors_as_exit_codes():
        app(arguments, obj=beam_options, standalone_mode=True)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


@app.command(
    epilog="Examples:  newsbeam run  |  newsbeam run -i 'news/*.jsonl.gz' -o out  |  "
    "newsbeam run my.yaml --set summary.max_words=50  |  newsbeam run -- --runner=PortableRunner"
)
def run(
    context: typer.Context,
    config: ConfigPath = None,
    inputs: Inputs = None,
    feeds: Feeds = None,
    output: Output = None,
    topics: Topics = None,
    overrides: Overrides = None,
    force: Annotated[
        bool, typer.Option("--force", help="Poll feeds that are not due too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read, clean, summarise, classify and publish articles. Safe to repeat at any moment."""
    from pipeline.check import require
    from pipeline.progress import live_progress
    from pipeline.report import balance_line, print_json, print_report
    from pipeline.run import run as run_config

    settings = _settings(config, inputs, feeds, output, topics, overrides)
    require(settings)
    with live_progress(Console(stderr=True)) as progress:
        manifest, where = run_config(settings, context.obj or [], progress, force=force)
    console = Console()
    if as_json:
        print_json(manifest.as_dict())
    elif console.is_terminal:
        print_report(console, manifest, where)
    else:
        print(f"{balance_line(manifest)}; output {settings.output.path}")


@app.command(epilog="Examples:  newsbeam check  |  newsbeam check my.yaml -i 'in/*.html' --json")
def check(
    config: ConfigPath = None,
    inputs: Inputs = None,
    feeds: Feeds = None,
    output: Output = None,
    topics: Topics = None,
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """Find what would make a run fail, before it starts: keys, files, models, the output."""
    from pipeline.check import input_files, problems
    from pipeline.feeds import configured_feeds
    from pipeline.report import print_json

    settings = _settings(config, inputs, feeds, output, topics, overrides)
    found = problems(settings)
    if as_json:
        print_json({"problems": found, "config": settings.model_dump(mode="json")})
    elif not found:
        files, feed_count = len(input_files(settings)), len(configured_feeds(settings.input.feeds))
        print(f"OK: {files} files and {feed_count} feeds; output {settings.output.path}")
    if found and not as_json:
        raise ConfigError("\n".join(found))
    if found:
        raise typer.Exit(Exit.USAGE)


@app.command(
    epilog="Examples:  newsbeam show out  |  newsbeam show out --date 2026-10-01 --topic sport"
)
def show(
    output: Annotated[str, typer.Argument(metavar="OUT", help="The output of a run.")] = "out",
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


@app.command(
    epilog="Examples:  newsbeam rejected out  |  newsbeam rejected out --show 1f3a  |  "
    "newsbeam rejected out --replay --step parse --reason bad_json"
)
def rejected(
    output: Annotated[str, typer.Argument(metavar="OUT", help="The output of a run.")] = "out",
    steps: Annotated[list[str] | None, typer.Option("--step", help="Only of this step.")] = None,
    reasons: Annotated[
        list[str] | None, typer.Option("--reason", help="Only with this reason.")
    ] = None,
    show_id: Annotated[
        str | None, typer.Option("--show", metavar="ID", help="One, with what was read.")
    ] = None,
    as_list: Annotated[bool, typer.Option("--list", help="Each one, not only counts.")] = False,
    replay_them: Annotated[
        bool, typer.Option("--replay", help="Run them through today's code.")
    ] = False,
    config: Annotated[
        str | None, typer.Option("--config", metavar="CONFIG", help="Settings of the replay.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List what could not become a row, by step and reason; show one; try them again."""
    from pipeline import rejected as letters
    from pipeline.report import print_json

    console = Console()
    select = letters.Selection(steps or (), reasons or ())
    if show_id:
        stored = letters.find_letter(output, show_id)
        if as_json:
            print_json(letters.letter_facts(stored))
        else:
            letters.print_letter(console, stored)
    elif replay_them:
        _replay(output, select, config, as_json=as_json)
    elif as_json:
        print_json([letters.letter_facts(s) for s in letters.stored_letters(output, select)])
    elif as_list:
        letters.print_letters(console, letters.stored_letters(output, select))
    else:
        letters.print_counts(console, letters.count_letters(output, select))


def _replay(output: str, select: "Selection", config: str | None, *, as_json: bool) -> None:
    from functools import partial

    from pipeline.lock import output_lock
    from pipeline.replay import print_replayed, replay
    from pipeline.report import print_json
    from pipeline.run import run_documents

    settings = load_config(config, {"output.path": output, "input.paths": []})
    with output_lock(output, "replay", wait=settings.run.lock_wait_seconds):
        done = replay(settings, output, select, partial(run_documents, settings))
    if as_json:
        counts = {"left": done.left, "stayed": done.stayed, "new": done.new}
        print_json({**counts, "unkept": dict(done.unkept)})
    else:
        print_replayed(Console(), done, output)


@app.command(epilog="Examples:  newsbeam verify out  |  newsbeam verify out --fix --json")
def verify(
    output: Annotated[str, typer.Argument(metavar="OUT", help="The output of a run.")] = "out",
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend.")] = False,
    wait: Annotated[
        float, typer.Option("--wait", help="Seconds to wait for a run to end, with --fix.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Check every promise of the output; exit code 5 if one does not hold."""
    from contextlib import nullcontext

    from pipeline.lock import output_lock
    from pipeline.report import print_json
    from pipeline.verify import print_problems, verify_output

    with output_lock(output, "verify --fix", wait=wait) if fix else nullcontext():
        report = verify_output(output, fix=fix)
    if as_json:
        print_json(report.as_dict())
    else:
        print_problems(Console(), report, output)
    if report.remaining:
        raise typer.Exit(Exit.NOT_CLEAN)


@app.command(epilog="Examples:  newsbeam feeds out  |  newsbeam feeds out --failing --json")
def feeds(
    output: Annotated[str, typer.Argument(metavar="OUT", help="The output of a run.")] = "out",
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


def _settings(
    config: str | None,
    inputs: list[str] | None,
    feeds: list[str] | None,
    output: str | None,
    topics: str | None,
    overrides: list[str] | None,
) -> Config:
    changes: dict[str, Any] = dict(parse_override(text) for text in overrides or [])
    if inputs or feeds:  # what the config would read gives way to what is named here
        changes |= {"input.paths": inputs or [], "input.feeds": feeds or []}
    named = {"output.path": output, "topics.file": topics}
    changes |= {key: value for key, value in named.items() if value}
    return load_config(config, changes)


def _quieten_libraries() -> None:
    """Show what libraries log from warnings up, but not Beam's note on a missing cloud client."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger().addFilter(lambda record: "apitools" not in record.getMessage())


@contextmanager
def _errors_as_exit_codes() -> Iterator[None]:
    """Turn errors for the user into one message and an exit code; bugs keep their traceback."""
    console = Console(stderr=True, highlight=False)
    try:
        yield
    except KeyboardInterrupt:
        console.print("Interrupted. What was published is whole; run again to go on.")
        sys.exit(Exit.INTERRUPTED)
    except NewsbeamError as error:
        from pipeline.lock import OutputLockedError

        codes = {
            ConfigError: Exit.USAGE,
            BalanceError: Exit.UNBALANCED,
            OutputLockedError: Exit.LOCKED,
        }
        console.print(f"[red]Error:[/] {error}", markup=True, soft_wrap=True)
        sys.exit(codes.get(type(error), Exit.FAILED))
