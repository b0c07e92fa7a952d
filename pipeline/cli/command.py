"""The command itself, and what its subcommands share: exit codes, options, settings."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text
from typer.core import TyperGroup

from pipeline.cli.screen import readable_to_the_end, terminal
from transforms.errors import FaultError, what_is_wrong

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.settings import Plan


class Exit(IntEnum):
    """Exit codes of the command."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNBALANCED = 3
    LOCKED = 4
    NOT_CLEAN = 5
    INTERRUPTED = 130


class _Command(TyperGroup):
    """The command, which ends well where nobody reads what it prints any more."""

    def invoke(self, ctx: Any) -> Any:
        """Run the subcommand."""
        try:
            with readable_to_the_end():
                return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = what_is_wrong(error.message)
            raise


app = typer.Typer(
    name="newsbeam",
    cls=_Command,
    help="Turn news articles into clean, summarised, classified Parquet by date.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage or config, 3 inputs not accounted for, "
    "4 output locked, 5 verify found a problem or forget a trace, 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

ConfigPath = Annotated[
    str | None,
    typer.Argument(
        metavar="[CONFIG]", help="Config file, or the name of an installed one. Default: local."
    ),
]
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CONFIG|FOLDER|FILE|GLOB|URL]...",
        help="A config, and what to read: files, folders, globs, feeds or pages that name them.",
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
Wait = Annotated[
    float, typer.Option("--wait", metavar="SECONDS", help="How long to wait for another writer.")
]
Out = Annotated[str, typer.Argument(metavar="OUT", help="The output of a run.")]


def read_config(
    path: str | None, overrides: Iterable[str] | None, changes: Mapping[str, Any]
) -> "Config":
    """Return the config at `path` with what the environment, `--set` and then `changes` say."""
    from pipeline.config_files import from_environment, load_config, parse_override

    named = dict(map(parse_override, overrides or ()))
    return load_config(path, {**from_environment(os.environ), **named, **changes})


def tell_faults(lines: Sequence[str], *, strict: bool) -> None:
    """Say loudly what met a fault.

    Raises:
        FaultError: something did, and the settings are `strict`.
    """
    if lines and strict:
        raise FaultError("\n".join(lines))
    for line in lines:
        terminal(stderr=True).print(Text(line, style="bold red"), soft_wrap=True)


def plan_for(
    output: str, path: str | None, overrides: Iterable[str] | None, changes: Mapping[str, Any]
) -> "Plan":
    """Return how to make more of `output`: as it was made, or as the config at `path` says.

    Raises:
        ConfigError: the settings, topics or models that it was made with are no longer here.
    """
    from pipeline.check import require
    from pipeline.config_files import parse_override
    from pipeline.upkeep.made_with import require_same_models, settings_of

    nothing = {"input.paths": [], "input.feeds": [], "output.path": output}
    own = {**dict(map(parse_override, overrides or ())), **changes}
    if path is not None:
        return require(read_config(path, None, own | nothing), inputs=lambda _: None)
    plan = require(settings_of(output, own | nothing), inputs=lambda _: None)
    require_same_models(output, plan, own)
    return plan


@dataclass(frozen=True)
class Settings:
    """The settings that a command line names: a config file, and what it changes of that."""

    words: Words = None
    inputs: Inputs = None
    feeds: Feeds = None
    output: Output = None
    topics: Topics = None
    overrides: Overrides = None

    def read(self, runner: str | None = None) -> "Config":
        """Return the config; `runner` is what `--runner` names."""
        from pipeline.named import is_address, sorted_words

        named_here = sorted_words(self.words or ())
        inputs = [*named_here.inputs, *(self.inputs or ())]
        pages = [name for name in inputs if is_address(name)]
        feeds = [*named_here.feeds, *(self.feeds or ()), *pages]
        changes: dict[str, Any] = {}
        if inputs or feeds:  # what the config would read gives way to what is named here
            files = [name for name in inputs if name not in pages]
            changes |= {"input.paths": files, "input.feeds": feeds}
        named = {
            "output.path": self.output, "topics.file": self.topics, "run.runner.name": runner,
        }  # fmt: skip
        changes |= {key: value for key, value in named.items() if value}
        return read_config(named_here.config, self.overrides, changes)


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command`, whose first parameter is a `Settings`, with its fields as options."""
    shared = inspect.signature(Settings).parameters
    _, *own = inspect.signature(command).parameters.values()

    @functools.wraps(command)
    def wrapped(**given: Any) -> None:
        command(Settings(**{name: given.pop(name) for name in shared}), **given)

    parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in (*shared.values(), *own)]
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapped
