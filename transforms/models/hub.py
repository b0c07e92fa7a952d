"""Fetching models: the only place that talks to a model hub, run by `newsbeam models pull`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RepositoryNotFoundError

from transforms.errors import ConfigError
from transforms.models.pinned import PinnedModel, folder_of, split_source
from transforms.models.store import hash_weights, license_of

_BESIDE_WEIGHTS = ("*.json", "*.txt", "*.model", "*.jinja", "LICENSE*", "README.md")
"""What a model needs besides its weights: no pickles, no code."""


def pull(model: PinnedModel, store: str, known: dict[str, Any]) -> dict[str, Any]:
    """Return the model's entry for the lock file, its files fetched if they are not here.

    Args:
        model: as the config names it.
        store: folder for models of the hub.
        known: its present entry, whose revision is fetched where the config names none.

    Raises:
        ConfigError: it cannot be fetched, or is not the one that the config pins.
    """
    provider, location = split_source(model.source)
    revision = None
    if provider == "hub":
        revision = model.revision or known.get("revision") or _resolve(location)
    found = replace(model, revision=revision, store=store)
    if provider == "hub":
        _fetch(location, found)
    hashes = hash_weights(found)
    entry: dict[str, Any] = {"files": hashes, "license": license_of(found, folder_of(found))}
    if known.get("revision") == revision and revision and known.get("files") != hashes:
        raise ConfigError(
            f"model {model.key}: revision {revision} is not what the lock file pins; "
            "the hub or a file here was changed: nothing was written. If you changed it on "
            f"purpose, take its entry {model.key!r} out of the lock file"
        )
    return entry | ({"revision": revision} if revision else {})


def _asked(repository: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except RepositoryNotFoundError as error:
        raise ConfigError(f"model hub:{repository}: the hub has none of this name") from error
    except (HfHubHTTPError, HFValidationError, httpx2.HTTPError, OSError) as error:
        raise ConfigError(
            f"model hub:{repository} cannot be fetched: {type(error).__name__}: {error}. Without "
            "a network, copy its folder here and name it as path:/folder"
        ) from error


def _resolve(repository: str) -> str:
    revision: str = _asked(repository, lambda: HfApi().model_info(repository)).sha
    return revision


def _fetch(repository: str, model: PinnedModel) -> None:
    weights = [model.file] if model.file else ["*.safetensors"]
    _asked(
        repository,
        lambda: snapshot_download(
            repository,
            revision=model.revision,
            local_dir=folder_of(model),
            allow_patterns=[*weights, *_BESIDE_WEIGHTS],
        ),
    )
