"""`newsbeam demo`, `doctor` and `init`: the first hour."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from pipeline.cli.command import (
    Exit,
    Json,
    Output,
    Settings,
    Words,
    app,
    with_settings,
)
from pipeline.cli.ingest import run_plan
from pipeline.cli.screen import print_json, terminal
from transforms.errors import ConfigError

_SHOWN = 3
_STYLES = {"ok": "green", "warning": "yellow", "fault": "bold red"}


@app.command(epilog="Examples:  newsbeam demo  |  newsbeam demo -o sample-out")
def demo(output: Output = "newsbeam-demo", as_json: Json = False) -> None:
    """Read the sample articles that come with newsbeam, and show some; needs no network."""
    import glob

    from pipeline.check import require
    from pipeline.cli.command import read_config
    from pipeline.command_line import command_line
    from pipeline.reading_list import print_stories
    from pipeline.samples import samples_folder
    from pipeline.show import by_story, select_rows

    place = output or "newsbeam-demo"
    changes = {"input.paths": [glob.escape(samples_folder())], "output.path": place}
    run_plan(require(read_config(None, None, changes)), as_json=as_json)
    if as_json:
        return
    console = terminal()
    console.print()
    print_stories(console, by_story(select_rows(place, limit=_SHOWN)))
    for what, words in (
        ("All of them by topic", ["show", place, "--by", "topic"]),
        ("Your own articles", ["run", "my-folder/", "https://news.example/rss", "-o", "out"]),
        ("A config of your own", ["init"]),
    ):
        console.print(f"{what}: {command_line(*words)}", soft_wrap=True, highlight=False)


@app.command(
    epilog="Examples:  newsbeam doctor  |  newsbeam doctor newsbeam.yaml --json  |  "
    "newsbeam doctor https://news.example/rss"
)
@with_settings
def doctor(settings: Settings, as_json: Json = False) -> None:
    """Look at versions, models, disk, rights, network and clock; exit code 1 if one has a fault."""
    from pipeline.doctor import examine

    config = settings.read()
    if not (settings.words or settings.inputs or settings.overrides):  # nobody means the samples
        config = config.model_copy(update={"input": config.input.model_copy(update={"paths": ()})})
    findings = []
    for finding in examine(config, datetime.now(UTC)):
        findings.append(finding)
        if not as_json:
            state = Text(f"{finding.state:8}", style=_STYLES[finding.state])
            line = Text.assemble(state, f"{finding.what:9} {finding.detail}")
            terminal().print(line, soft_wrap=True)
    if as_json:
        print_json([finding._asdict() for finding in findings])
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(Exit.FAILED)


@app.command(
    epilog="Examples:  newsbeam init  |  newsbeam init news/ https://news.example/rss -o out"
)
def init(
    words: Words = None,
    output: Output = None,
    contact: Annotated[
        str | None,
        typer.Option("--contact", metavar="URL", help="Where the owners of sites reach you."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the files that are here.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a config with comments, newsbeam.yaml, and topics.yaml; try what it reads.

    Asks, on a terminal, what is not named. Exit code 1 if what was tried cannot be read.
    """
    from pipeline.check import require
    from pipeline.cli.command import read_config
    from pipeline.command_line import command_line
    from pipeline.first_config import CONFIG, TOPICS, try_inputs, write_config
    from pipeline.named import sorted_words

    if not force and (there := [path.name for path in (CONFIG, TOPICS) if path.exists()]):
        raise ConfigError(f"{' and '.join(there)} is here already; --force replaces it")
    is_asked = sys.stdin.isatty() and not as_json
    names = list(words or ())
    if not names and is_asked:
        names = typer.prompt("Folders, files or addresses of feeds, separated by spaces").split()
    named = sorted_words(names)
    if named.config or not names:
        raise ConfigError("name what is to be read: folders, files, globs, addresses of feeds")
    if is_asked and output is None:
        output = typer.prompt("Where to publish", default="out")
    if is_asked and contact is None and named.feeds:
        contact = typer.prompt("Your page or mailbox, for the owners of sites", default="")
    write_config(named.inputs, named.feeds, output or "out", contact or "")
    plan = require(read_config(str(CONFIG), None, {}), inputs=lambda _: None)
    found = list(try_inputs(plan))
    following = [command_line("run", str(CONFIG)), command_line("show", plan.config.output.path)]
    if as_json:
        tried = [one._asdict() for one in found]
        print_json({"written": [str(CONFIG), str(TOPICS)], "tried": tried, "next": following})
    else:
        console = terminal()
        console.print(f"Written: {CONFIG}, {TOPICS}", highlight=False)
        for one in found:
            state = "" if one.is_read else "cannot be read: "
            console.print(Text(f"Tried {one.what}: {state}{one.detail}"), soft_wrap=True)
        console.print(f"Next: {'  and then  '.join(following)}", soft_wrap=True, highlight=False)
    if not all(one.is_read for one in found):
        raise typer.Exit(Exit.FAILED)
