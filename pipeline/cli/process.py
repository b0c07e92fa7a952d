"""`newsbeam watch`."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.shared import (
    ConfigPath,
    Feeds,
    Inputs,
    Output,
    Overrides,
    Topics,
    app,
    read_settings,
    terminal,
)
from transforms.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.watch import Watch


@app.command(
    epilog="Examples:  newsbeam watch watch.yaml  |  newsbeam watch -i incoming -o out  |  "
    "newsbeam watch feeds --once  |  newsbeam watch watch.yaml --until 18:00"
)
def watch(
    config: ConfigPath = None,
    inputs: Inputs = None,
    feeds: Feeds = None,
    output: Output = None,
    topics: Topics = None,
    overrides: Overrides = None,
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
    from pipeline.watch import Limits, Status, Watch, serve_status, shown
    from pipeline.watch.view import counts_line

    settings = read_settings(config, inputs, feeds, output, topics, overrides)
    plan = require(settings, watch_inputs)
    limits = Limits(once, _end_time(until, datetime.now(UTC)), max_batches)
    console, status, place = terminal(stderr=True), Status(), settings.watch
    _log_batches()
    with (
        serve_status(status, place.host, place.port) as address,
        shown(status, settings.output.path, console) as tell,
    ):
        if address:
            console.print(f"Status on {address}", highlight=False)
        process = Watch(plan, limits, status, tell)
        with _stopped_by_signals(process):
            process.run()
    print(f"{counts_line(status.counts)}; output {settings.output.path}")


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
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
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
