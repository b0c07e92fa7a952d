"""The `newsbeam` command.

Exit codes: 0 done; 1 a run failed on the way (what it had published is whole; run again); 2 wrong
usage, config, model or path, found before any work; 3 a run could not account for every input;
4 another process writes to the output; 5 verify found a problem; 130 interrupted.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from pipeline import __version__
from pipeline.cli.options import Exit, app
from transforms.errors import BalanceError, ConfigError, NewsbeamError

from pipeline.cli import run, look, maintain  # isort: skip (the order of the help)

SUBCOMMANDS = (run, look, maintain)
"""The modules that add subcommands to `app`."""


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
