"""`newsbeam models`: which models there are, fetching and checking them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.command import ConfigPath, Exit, Json, app, read_config
from pipeline.cli.screen import print_json, say, terminal
from pipeline.plain_table import plain_table
from transforms.errors import ConfigError
from transforms.text.counted import counted

if TYPE_CHECKING:
    from pipeline.config import Config
    from transforms.models.pinned import PinnedModel

models = typer.Typer(
    help="List, fetch and check models.",
    epilog="Examples:  newsbeam models --json  |  newsbeam models pull quality",
    rich_markup_mode="rich",
)
app.add_typer(models, name="models")

Lock = Annotated[
    str | None, typer.Option("--lock", metavar="FILE", help="Lock file; default: of the config.")
]

_SPELT_OUT = 6
"""Languages that the table names; of more, it gives the number."""


def _settings(config: str | None, lock: str | None) -> "Config":
    return read_config(config, (), {"engines.lock": lock} if lock else {})


@models.callback(invoke_without_command=True)
def _default(context: typer.Context, as_json: Json = False) -> None:
    if context.invoked_subcommand is None:
        list_models(as_json=as_json)


@models.command("list", epilog="Example:  newsbeam models list quality --json")
def list_models(config: ConfigPath = None, lock: Lock = None, as_json: Json = False) -> None:
    """List the models that a config uses: hash, licence, whether each is here.

    Exit code 2 if one is not.
    """
    rows = _rows(_settings(config, lock))
    if as_json:
        print_json(rows)
    else:
        terminal().print(_table(rows))
    if not all(row["present"] for row in rows):
        raise typer.Exit(Exit.USAGE)


@models.command(epilog="Example:  newsbeam models pull quality")
def pull(config: ConfigPath = None, lock: Lock = None) -> None:
    """Fetch the models that a config uses, and pin what is not pinned in the lock file."""
    from pipeline.model_pins import configured_models, store_folder
    from transforms.models.hub import pull as fetch
    from transforms.models.store import read_lock, write_lock

    settings = _settings(config, lock)
    entries = read_lock(settings.engines.lock)
    found = list(configured_models(settings))
    for _, model in found:
        entry = fetch(model, store_folder(settings), entries.get(model.key, {}))
        entries[model.key] = entry
        write_lock(settings.engines.lock, entries)
        at = f" at {entry['revision']}" if "revision" in entry else ""
        say(f"{model.key}{at}: {counted(len(entry['files']), 'file')}, licence {entry['license']}")
    if not found:
        say("The config uses no model but the embedded one, which is installed with newsbeam.")
    else:
        say(f"Pinned in {settings.engines.lock}; keep it with your config.")


@models.command(epilog="Example:  newsbeam models verify quality --json")
def verify(config: ConfigPath = None, lock: Lock = None, as_json: Json = False) -> None:
    """Check every weight file against its pin; exit code 2 if one differs."""
    rows = _rows(_settings(config, lock))
    problems = [row["problem"] for row in rows if not row["present"]]
    if problems and not as_json:
        raise ConfigError("\n".join(problems))
    if as_json:
        print_json(rows)
    else:
        say(f"{len(rows)} models are the pinned ones.")
    if problems:
        raise typer.Exit(Exit.USAGE)


def _rows(config: "Config") -> list[dict[str, Any]]:
    from pipeline.model_pins import configured_models, second_encoder, store_folder
    from transforms.models.loaders import OTHER_LANGUAGES, VECTORS
    from transforms.models.pinned import EMBEDDED
    from transforms.models.store import read_lock

    lock, store = read_lock(config.engines.lock), store_folder(config)
    found = list(configured_models(config))
    if not config.encoder.model:
        found = [(VECTORS, EMBEDDED), *found]
    if second := second_encoder(config):
        found.append((OTHER_LANGUAGES, second))
    return [_row(use, model, lock, store) for use, model in found]


def _row(use: str, model: "PinnedModel", lock: Mapping[str, Any], store: str) -> dict[str, Any]:
    from transforms.models.pinned import folder_of
    from transforms.models.store import license_of, pin

    row = {
        "name": model.name,
        "use": use,
        "source": model.source,
        "revision": model.revision or lock.get(model.key, {}).get("revision"),
        "sha256": model.sha256 or "",
        "license": lock.get(model.key, {}).get("license", "unknown"),
        "present": False,
        "languages": list(model.languages),
        "where": "",
        "problem": "",
    }
    try:
        pinned = pin(model, lock, store)
    except ConfigError as error:
        return row | {"problem": str(error)}
    folder = folder_of(pinned)
    return row | {
        "present": True,
        "where": str(folder),
        "sha256": pinned.digest,
        "license": license_of(model, folder),
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    table = plain_table(None, "model", "used for", "languages", "licence", "sha256", "present")
    for row in rows:
        present = Text("yes")
        if not row["present"]:
            present = Text.assemble(("no", "red"), f": {row['problem']}")
        languages = " ".join(row["languages"]) or "all"
        if len(row["languages"]) > _SPELT_OUT:
            languages = counted(len(row["languages"]), "language")
        table.add_row(
            row["name"], row["use"], languages, row["license"], row["sha256"][:16], present
        )
    return table


@app.command(
    "train-topics",
    epilog="Example:  newsbeam train-topics labelled.csv -o head.safetensors; then "
    "--set topics.engine=linear --set topics.head=head.safetensors",
)
def train_topics(
    labelled: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV or JSONL with title, text and label.")
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where the head is written.")
    ] = "head.safetensors",
    config: Annotated[
        str | None,
        typer.Option("--config", metavar="FILE", help="Config that names the encoder, if any."),
    ] = None,
) -> None:
    """Train topics on your own labelled articles, for `topics.engine: linear`."""
    from pipeline.train import train_topics as train
    from transforms.models.linear import write_head

    head = train(labelled, read_config(config, (), {}))
    write_head(head, output)
    say(f"{counted(len(head.labels), 'topic')} in {output}: {', '.join(head.labels)}")
