"""The `newsbeam` command.

Exit codes: 0 done; 1 a run failed on the way (what it had published is whole; run again); 2 wrong
usage, config, model or path, found before any work; 3 a run could not account for every input;
4 another process writes to the output; 5 verify found a problem, or forget a trace; 130 stopped by
SIGINT or SIGTERM.
"""

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from types import FrameType
from typing import Annotated

import typer
from rich.text import Text

from pipeline import __version__
from pipeline.beam_notes import is_no_note
from pipeline.cli.command import Exit, app
from pipeline.cli.log import JsonFormatter, is_json
from pipeline.cli.screen import PrintableFormatter, say, show_any_character, terminal
from transforms.errors import BalanceError, ConfigError, NewsbeamError
from transforms.redaction import message_of

from pipeline.cli import start, ingest, browse, digest, look_back, rejects, maintenance, model_admin  # isort: skip (help's order)

SUBCOMMANDS = (start, ingest, browse, digest, look_back, rejects, maintenance, model_admin)
"""The modules that add subcommands to `app`."""


def main(argv: list[str] | None = None) -> None:
    """Run the command; what follows `--` is passed to Beam."""
    arguments = sys.argv[1:] if argv is None else argv
    beam_options: list[str] = []
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, beam_options = arguments[:cut], arguments[cut + 1 :]
    show_any_character()
    _quieten_libraries()
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _errors_as_exit_codes():
            app(arguments, obj=beam_options, standalone_mode=True)
    finally:  # for a program that calls this
        for number, handler in before.items():
            signal.signal(number, handler)


class Log(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


@app.callback(invoke_without_command=True)
def _shared(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    log: Annotated[
        Log, typer.Option("--log", envvar="NEWSBEAM_LOG", help="Form of the log's lines.")
    ] = Log.TEXT,
) -> None:
    if log is Log.JSON:
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonFormatter())
    if version:
        say(__version__)
        raise typer.Exit


def _quieten_libraries() -> None:
    """Show what libraries log from warnings up, but not Beam's note on a missing cloud client."""
    handler = logging.StreamHandler()
    handler.setFormatter(PrintableFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger().addFilter(is_no_note)
    # Beam logs the traceback of a run that was stopped, or that ends with a message of ours.
    steps = logging.getLogger("apache_beam.runners.common")
    steps.addFilter(lambda record: not isinstance(record.msg, KeyboardInterrupt | NewsbeamError))


def _stop(number: int, _frame: FrameType | None) -> None:
    """Raise what Ctrl-C raises, with a message: one without becomes a RuntimeError in Beam."""
    raise KeyboardInterrupt(f"stopped by {signal.Signals(number).name}")


@contextmanager
def _errors_as_exit_codes() -> Iterator[None]:
    """Turn errors for the user into one message and an exit code; bugs keep their traceback."""
    console = terminal(stderr=True)
    try:
        yield
    except SystemExit as end:
        if end.code == Exit.INTERRUPTED:  # made by typer, of a KeyboardInterrupt
            console.print("Stopped. What was published is whole; run again to go on.")
        raise
    except NewsbeamError as error:
        from pipeline.lock.lock import OutputLockedError

        codes = {
            ConfigError: Exit.USAGE,
            BalanceError: Exit.UNBALANCED,
            OutputLockedError: Exit.LOCKED,
        }
        told = message_of(error)
        if is_json():
            logging.getLogger("newsbeam").log(logging.ERROR, "%s", told)
        else:
            console.print(Text.assemble(("Error:", "red"), f" {told}"), soft_wrap=True)
        sys.exit(codes.get(type(error), Exit.FAILED))
