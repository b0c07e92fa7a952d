"""The pins of models: the lock file, and the folder that models of the hub are kept in.

The hash of each weight file stands in the config (`sha256`, where there is one file), or in the
lock file that `newsbeam models pull` writes, with the revision of the hub.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from transforms.errors import ConfigError
from transforms.models.pinned import (
    PULL,
    PinnedModel,
    file_sha256,
    find_model,
    folder_of,
    new_pin,
    split_source,
    weight_files,
)


def default_store() -> str:
    """Return the folder for hub models: $NEWSBEAM_MODELS, or one in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return os.environ.get("NEWSBEAM_MODELS") or f"{base}/newsbeam/models"


def read_lock(path: str) -> dict[str, Any]:
    """Return the entries of the lock file; none where there is no file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        entries = json.loads(Path(path).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"lock file {path} cannot be read: {error}; restore it") from error
    if not isinstance(entries, dict):
        raise ConfigError(f"lock file {path}: must hold a JSON object; restore it")
    return entries


def write_lock(path: str, entries: Mapping[str, Any]) -> None:
    """Write the lock file in one step."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    temporary.write_text(json.dumps(entries, indent=2, sort_keys=True) + "\n", "utf-8")
    temporary.replace(target)


def pin(model: PinnedModel, lock: Mapping[str, Any], store: str) -> PinnedModel:
    """Return the model with the hashes that the config or the lock file give, its files checked.

    Args:
        model: as the config names it.
        lock: entries of the lock file.
        store: folder that models of the hub are kept in.

    Raises:
        ConfigError: no pin, a file that is missing or not the pinned one, or two pins that differ;
            the message names the fix.
    """
    entry = lock.get(model.key, {})
    revision = model.revision or entry.get("revision")
    if model.revision and entry.get("revision") not in (None, model.revision):
        raise ConfigError(
            f"model {model.key}: the config names revision {model.revision}, the lock file "
            f"{entry['revision']}; if you changed it on purpose, {PULL}"
        )
    found = replace(model, revision=revision, store=store)
    files = weight_files(found)
    hashes: dict[str, str] = dict(model.hashes) or entry.get("files", {})
    if model.sha256:
        if len(files) != 1:
            raise ConfigError(f"model {model.key}: sha256 pins one file, here are {len(files)}")
        hashes = {files[0]: model.sha256}
    if not hashes:
        raise ConfigError(
            f"model {model.key} is not pinned; {PULL}, which writes the lock file, or set its "
            "sha256"
        )
    pinned = replace(found, hashes=tuple(sorted(hashes.items())))
    find_model(pinned)
    return pinned


def hash_weights(model: PinnedModel) -> dict[str, str]:
    """Return the sha256 of every weight file, for the lock file.

    Raises:
        ConfigError: there are none, or one is not what the config pins.
    """
    folder = folder_of(model)
    hashes = {name: file_sha256(folder / name) for name in weight_files(model)}
    for name, digest in hashes.items():
        if model.sha256 and digest != model.sha256:
            raise ConfigError(
                f"model {model.key}: {folder / name} has sha256 {digest}, the config pins "
                f"{model.sha256}; nothing was written. Restore the original file, or, if you "
                f"changed it on purpose, {new_pin(model)}"
            )
    return hashes


def license_of(model: PinnedModel, folder: Path) -> str:
    """Return the model's licence: as its card says, else its package; `unknown` otherwise."""
    return next(_licenses(model, folder), "unknown")


def _licenses(model: PinnedModel, folder: Path) -> Iterator[str]:
    card = folder / "README.md"
    if card.is_file() and (found := re.search(r"^license: *(\S+)", card.read_text("utf-8"), re.M)):
        yield found[1]
    provider, location = split_source(model.source)
    if provider == "package":
        name = location.partition("/")[0]
        for distribution in metadata.packages_distributions().get(name, ()):
            about = metadata.metadata(distribution)
            yield from (about[key] for key in ("License-Expression", "License") if key in about)
