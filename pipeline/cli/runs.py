"""`newsbeam run` and `newsbeam check`."""

from typing import Annotated

import typer

from pipeline.cli.shared import (
    ConfigPath,
    Exit,
    Feeds,
    Inputs,
    Json,
    Output,
    Overrides,
    Topics,
    app,
    read_settings,
    terminal,
)
from transforms.errors import ConfigError


@app.command(
    epilog="Examples:  newsbeam run  |  newsbeam run -i 'news/*.jsonl.gz' -o out  |  "
    "newsbeam run my.yaml --set summary.max_words=50  |  newsbeam run my.yaml --runner flink"
)
def run(
    context: typer.Context,
    config: ConfigPath = None,
    inputs: Inputs = None,
    feeds: Feeds = None,
    output: Output = None,
    topics: Topics = None,
    overrides: Overrides = None,
    runner: Annotated[
        str | None,
        typer.Option("--runner", metavar="NAME", help="local, portable, flink, spark or dataflow."),
    ] = None,
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

    if runner:
        overrides = [*(overrides or []), f"run.runner.name={runner}"]
    settings = read_settings(config, inputs, feeds, output, topics, overrides)
    plan = require(settings)
    with live_progress(terminal(stderr=True)) as progress:
        manifest, where = run_config(plan, context.obj or [], progress, force=force)
    console = terminal()
    if as_json:
        print_json(manifest.as_dict())
    elif console.is_terminal:
        print_report(console, manifest, where)
    else:
        print(f"{balance_line(manifest)}; output {settings.output.path}")


@app.command(
    epilog="Examples:  newsbeam check  |  newsbeam check my.yaml -i 'in/*.html' --json  |  "
    "newsbeam check watch.yaml --watch"
)
def check(
    config: ConfigPath = None,
    inputs: Inputs = None,
    feeds: Feeds = None,
    output: Output = None,
    topics: Topics = None,
    overrides: Overrides = None,
    for_watch: Annotated[
        bool,
        typer.Option("--watch", help="Check it for newsbeam watch: folders may be empty yet."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Find what would make a run fail, before it starts: keys, files, models, the output."""
    from pipeline.check import input_files, problems, watch_inputs
    from pipeline.feeds import configured_feeds
    from pipeline.report import print_json

    settings = read_settings(config, inputs, feeds, output, topics, overrides)
    found = problems(settings, watch_inputs if for_watch else None)
    if as_json:
        print_json({"problems": found, "config": settings.model_dump(mode="json")})
    elif not found:
        files = len(input_files(settings, may_be_none=for_watch))
        feed_count, stream = len(configured_feeds(settings.input.feeds)), settings.stream
        more = " and messages" if stream.kafka or stream.pubsub else ""
        print(f"OK: {files} files and {feed_count} feeds{more}; output {settings.output.path}")
    if found and not as_json:
        raise ConfigError("\n".join(found))
    if found:
        raise typer.Exit(Exit.USAGE)
