"""Fetching models: the only place that talks to a model hub, run by `newsbeam models pull`."""

from collections.abc import Callable
from typing import Any

import httpx2
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RepositoryNotFoundError

from transforms.errors import ConfigError
from transforms.models.store import ModelRef, folder_of, hash_weights, hub_folder, license_of
from transforms.models.store import split_source as split

_BESIDE_WEIGHTS = ("*.json", "*.txt", "*.model", "*.jinja", "LICENSE*", "README.md")
"""What a model needs besides its weights: no pickles, no code."""


def pull(ref: ModelRef, store: str, known: dict[str, Any]) -> dict[str, Any]:
    """Return the model's entry for the lock file, its files fetched if they are not here.

    Args:
        ref: the model.
        store: folder for models of the hub.
        known: its present entry, whose revision is fetched where the config names none.

    Raises:
        ConfigError: it cannot be fetched, or is not the one that the config pins.
    """
    provider, location = split(ref.source)
    revision = None
    if provider == "hub":
        revision = ref.revision or known.get("revision") or _resolve(location)
        _fetch(location, revision, ref, store)
    hashes = hash_weights(ref, revision, store)
    entry: dict[str, Any] = {
        "files": hashes,
        "license": license_of(ref, folder_of(ref, revision, store)),
    }
    if known.get("revision") == revision and revision and known.get("files") != hashes:
        raise ConfigError(
            f"model {ref.key}: revision {revision} is not what the lock file pins; "
            "the hub or a file here was changed: nothing was written. If you changed it on "
            f"purpose, take its entry {ref.key!r} out of the lock file"
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


def _fetch(repository: str, revision: str, ref: ModelRef, store: str) -> None:
    weights = [ref.file] if ref.file else ["*.safetensors"]
    folder = hub_folder(store, repository, revision)
    _asked(
        repository,
        lambda: snapshot_download(
            repository,
            revision=revision,
            local_dir=folder,
            allow_patterns=[*weights, *_BESIDE_WEIGHTS],
        ),
    )
