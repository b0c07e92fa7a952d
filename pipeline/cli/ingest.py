"""`newsbeam run`, `check` and `watch`: reading news into an output."""

import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.command import Exit, Json, Settings, app, tell_faults, with_settings
from pipeline.cli.log import JsonFormatter, is_json
from pipeline.cli.screen import PrintableFormatter, print_json, say, terminal
from transforms.errors import ConfigError, FeedsRefusedError
from transforms.text.counted import counted

if TYPE_CHECKING:
    from pipeline.settings import Plan
    from pipeline.watch import Watch


@app.command(
    epilog="Examples:  newsbeam run news/ https://news.example/rss -o out  |  "
    "newsbeam run 'news/**/*.jsonl.gz'  |  newsbeam run my.yaml --set summary.max_words=50  |  "
    "newsbeam run my.yaml --runner flink"
)
@with_settings
def run(
    settings: Settings,
    context: typer.Context,
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

    plan = require(settings.read(runner))
    run_plan(plan, context.obj or [], force=force, as_json=as_json)


def run_plan(
    plan: "Plan", beam_options: Sequence[str] = (), *, force: bool = False, as_json: bool = False
) -> None:
    """Run `plan`, show how far it is, and print what it did.

    Raises:
        FaultError: inputs met a fault, and the settings are strict.
        FeedsRefusedError: no feed could be read.
    """
    from pipeline.metrics import metrics_file
    from pipeline.pages.run_page import page_left
    from pipeline.progress import live_progress
    from pipeline.report import (
        balance_line,
        failed_summaries,
        fault_lines,
        notes,
        print_report,
        why_nothing,
    )
    from pipeline.run import run as run_config
    from pipeline.upkeep.resummarize import resummarize

    with (
        page_left(plan.config.output.path),
        metrics_file(plan.config) as done,
        live_progress(terminal(stderr=True)) as progress,
    ):
        manifest, where = run_config(plan, beam_options, progress, force=force)
        done.append(manifest)
    # While its model fails, to ask it for older summaries too would only take time.
    wait = plan.config.run.lock_wait_seconds
    again = 0 if failed_summaries(manifest) else resummarize(plan, wait=wait)
    console = terminal()
    if as_json:
        print_json(manifest.as_dict() | {"summaries_written_again": again})
    elif console.is_terminal:
        print_report(console, manifest, where, again)
    else:
        why = why_nothing(manifest)
        more = f"; nothing changed: {why}" if why else ""
        say(f"{balance_line(manifest)}; output {plan.config.output.path}{more}")
        for line in notes(manifest, again):
            say(line)
    lines = fault_lines(manifest.counts, plan.config.output.path, manifest.feeds.get("Fault", 0))
    tell_faults(lines, strict=plan.config.run.strict)
    if manifest.feed_fault:
        raise FeedsRefusedError(manifest.feed_fault)


@app.command(
    epilog="Examples:  newsbeam check  |  newsbeam check my.yaml 'in/*.html' --json  |  "
    "newsbeam check watch.yaml --watch"
)
@with_settings
def check(
    settings: Settings,
    for_watch: Annotated[
        bool,
        typer.Option("--watch", help="Check it for newsbeam watch: folders may be empty yet."),
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of configs, for editors.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find what would make a run fail, before it starts: keys, files, models, the output."""
    from pipeline.check import feed_addresses, input_files, problems, remote_answers, watch_inputs
    from pipeline.columns import unknown_columns
    from pipeline.config_schema import config_schema
    from pipeline.feeds import configured_feeds

    if schema:
        print_json(config_schema())
        return
    config = settings.read()
    inputs = watch_inputs if for_watch else None
    found = problems(config, inputs, [feed_addresses, remote_answers])
    files = [] if found else input_files(config, may_be_none=for_watch)
    columns = unknown_columns(files, config.input)
    if as_json:
        known = {"problems": found, "unknown_columns": columns}
        print_json(known | {"config": config.model_dump(mode="json")})
    elif not found:
        feed_count, stream = len(configured_feeds(config.input.feeds)), config.stream
        more = " and messages" if stream.kafka or stream.pubsub else ""
        read = f"{counted(len(files), 'file')} and {counted(feed_count, 'feed')}{more}"
        say(f"OK: {read}; output {config.output.path}")
        for line in columns:
            say(line)
    if found and not as_json:
        raise ConfigError("\n".join(found))
    if found:
        raise typer.Exit(Exit.USAGE)


@app.command(
    epilog="Examples:  newsbeam watch watch.yaml  |  newsbeam watch incoming/ -o out  |  "
    "newsbeam watch feeds --once  |  newsbeam watch watch.yaml --until 18:00"
)
@with_settings
def watch(
    settings: Settings,
    once: Annotated[
        bool, typer.Option("--once", help="End when all that is there now is published.")
    ] = False,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="End then: 18:00, or ISO (UTC).")
    ] = None,
    max_batches: Annotated[
        int | None, typer.Option("--max-batches", min=1, help="End after so many batches.")
    ] = None,
) -> None:
    """Keep up with feeds and folders: publish what is new within seconds, until told to end.

    SIGTERM or Ctrl-C finishes the batch under way; a second one interrupts it.
    """
    from pipeline.check import require, watch_inputs
    from pipeline.report import fault_lines
    from pipeline.watch import Limits, Status, Watch, serve_status, shown
    from pipeline.watch.readers import FEEDS
    from pipeline.watch.view import counts_line

    plan = require(settings.read(), watch_inputs)
    limits = Limits(once, _end_time(until, datetime.now(UTC)), max_batches)
    console, place = terminal(stderr=True), plan.config.watch
    status = Status(plan.config.output.path)
    _log_batches()
    with (
        serve_status(status, place.host, place.port) as address,
        shown(status, plan.config.output.path, console) as tell,
    ):
        if address:
            console.print(f"Status on {address}", highlight=False)
        process = Watch(plan, limits, status, tell)
        with _stopped_by_signals(process):
            process.run()
    say(f"{counts_line(status.counts)}; output {plan.config.output.path}")
    tell_faults(fault_lines(status.counts, plan.config.output.path), strict=plan.config.run.strict)
    if once and FEEDS in status.faults:
        raise FeedsRefusedError(status.faults[FEEDS])


def _end_time(text: str | None, now: datetime) -> datetime | None:
    """Return the time that `text` means; a time of day is the next one.

    >>> _end_time("06:00", datetime(2026, 10, 1, 7, tzinfo=UTC)).isoformat()
    '2026-10-02T06:00:00+00:00'
    """
    if text is None:
        return None
    try:
        if "-" not in text:
            today = datetime.combine(now.date(), time.fromisoformat(text), UTC)
            return today if today > now else today + timedelta(days=1)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--until {text}: write 18:00 or 2026-10-01T18:00 (UTC)") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _log_batches() -> None:
    handler = logging.StreamHandler()
    text = PrintableFormatter("%(asctime)s %(message)s")
    handler.setFormatter(JsonFormatter() if is_json() else text)
    log = logging.getLogger("pipeline.watch")
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    log.propagate = False


@contextmanager
def _stopped_by_signals(process: "Watch") -> Iterator[None]:
    """End `process` after its batch at the first signal, at once at the second."""

    def handle(*_: Any) -> None:
        if process.is_stopping:
            raise KeyboardInterrupt
        process.stop()

    before = {name: signal.signal(name, handle) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
