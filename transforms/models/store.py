"""Which files a model is, where they are, and that they are the pinned ones.

A model is named `provider:location`: `hub:org/name` (fetched once by `newsbeam models pull`),
`package:import_name/folder` or `path:/folder`. Weights are safetensors or GGUF, never pickles, and
no code from a model's folder is run. Every weight file is pinned by its sha256: in the config
(`sha256`, where there is one file), or in the lock file that `newsbeam models pull` writes, with
the revision of the hub. Without a pin, nothing is loaded.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from transforms.errors import ConfigError
from transforms.models.pinned import file_sha256

_SOURCE = re.compile(r"(hub|package|path):(.+)")
_PULL = "run `newsbeam models pull CONFIG`"


@dataclass(frozen=True)
class ModelRef:
    """A model as the config names it.

    Attributes:
        source: `provider:location`.
        revision: of the hub, 40 hex digits.
        file: its weights within the folder, if they are GGUF.
        sha256: of its one weight file.
        languages: ISO 639-1 codes that it understands; empty: all.
    """

    source: str
    revision: str | None = None
    file: str | None = None
    sha256: str | None = None
    languages: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name in the lock file."""
        return f"{self.source}#{self.file}" if self.file else self.source

    @property
    def is_of_hub(self) -> bool:
        """Whether it can be pulled."""
        return split_source(self.source)[0] == "hub"

    @property
    def name(self) -> str:
        """What `summary_model` and manifests call it.

        >>> ModelRef("hub:org/name").name, ModelRef("path:/m/tiny/").name
        ('org/name', 'tiny')
        """
        _, location = split_source(self.source)
        if self.file:
            return self.file.rpartition("/")[2].removesuffix(".gguf")
        return location if self.is_of_hub else location.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True)
class PinnedModel:
    """A model whose every weight file is known by its hash; hashable, picklable, loads nothing.

    Attributes:
        ref: as the config names it.
        revision: of the hub.
        hashes: (file, sha256) of every weight file, sorted.
        store: folder that hub models are kept in.
    """

    ref: ModelRef
    revision: str | None
    hashes: tuple[tuple[str, str], ...]
    store: str

    @property
    def digest(self) -> str:
        """One value for all its weights."""
        return self.hashes[0][1] if len(self.hashes) == 1 else str(self.hashes)


def split_source(source: str) -> tuple[str, str]:
    """Return provider and location.

    Raises:
        ConfigError: `source` is not written so.
    """
    match = _SOURCE.fullmatch(source)
    if not match:
        raise ConfigError(
            f"model {source!r}: write hub:org/name, package:import_name/folder or path:/folder"
        )
    return match[1], match[2]


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


def hub_folder(store: str, repository: str, revision: str) -> Path:
    """Return where a revision of a hub model is kept.

    >>> str(hub_folder("/s", "org/name", "ab"))
    '/s/org--name/ab'
    """
    return Path(store) / repository.replace("/", "--") / revision


def folder_of(ref: ModelRef, revision: str | None, store: str) -> Path:
    """Return the folder of the model, which may not exist.

    Raises:
        ConfigError: its package is not installed, or its revision not known.
    """
    provider, location = split_source(ref.source)
    if provider == "path":
        return Path(location).expanduser()
    if provider == "hub":
        if revision is None:
            raise ConfigError(f"model {ref.source} is not here; {_PULL}")
        return hub_folder(store, location, revision)
    package, _, folder = location.partition("/")
    found = find_spec(package)  # of a top-level package: runs none of its code
    if found is None or found.origin is None:
        name = package.replace("_", "-")
        raise ConfigError(
            f"model {ref.source}: package {package} is not installed; run `pip install {name}`"
        )
    return Path(found.origin).parent / folder


def weight_files(folder: Path, ref: ModelRef) -> list[str]:
    """Return the model's weight files, relative to its folder.

    Raises:
        ConfigError: there is none, or it is not to be seen which of several are meant.
    """
    if ref.file:
        # Of safetensors, the library loads what it finds in the folder, whatever is named here.
        if not ref.file.endswith(".gguf"):
            raise ConfigError(
                f"model {ref.key}: `file` names a GGUF file; leave it out for safetensors, all of "
                "which in the folder are the model's"
            )
        if not (folder / ref.file).is_file():
            raise ConfigError(f"model {ref.key}: {folder / ref.file} does not exist; check `file`")
        return [ref.file]
    if not folder.is_dir():
        raise ConfigError(f"model {ref.key}: {folder} does not exist; check `source`")
    found = sorted(path.name for path in folder.glob("*.safetensors"))
    if not found:
        ggufs = sorted(path.name for path in folder.glob("*.gguf"))
        hint = f"name one as `file`: {', '.join(ggufs)}" if ggufs else "other formats are not read"
        raise ConfigError(f"model {ref.key}: {folder} holds no safetensors; {hint}")
    return found


def pin(ref: ModelRef, lock: Mapping[str, Any], store: str) -> PinnedModel:
    """Return the model with the hashes that the config or the lock file give, its files checked.

    Raises:
        ConfigError: no pin, a file that is missing or not the pinned one, or two pins that differ;
            the message names the fix.
    """
    entry = lock.get(ref.key, {})
    revision = ref.revision or entry.get("revision")
    if ref.revision and entry.get("revision") not in (None, ref.revision):
        raise ConfigError(
            f"model {ref.key}: the config names revision {ref.revision}, the lock file "
            f"{entry['revision']}; if you changed it on purpose, {_PULL}"
        )
    files = weight_files_or_pull(ref, revision, store)
    hashes: dict[str, str] = entry.get("files", {})
    if ref.sha256:
        if len(files) != 1:
            raise ConfigError(f"model {ref.key}: sha256 pins one file, here are {len(files)}")
        hashes = {files[0]: ref.sha256}
    if not hashes:
        raise ConfigError(
            f"model {ref.key} is not pinned; {_PULL}, which writes the lock file, or set its sha256"
        )
    pinned = PinnedModel(ref, revision, tuple(sorted(hashes.items())), store)
    find_pinned(pinned)
    return pinned


def weight_files_or_pull(ref: ModelRef, revision: str | None, store: str) -> list[str]:
    """`weight_files`, which for a hub model that is not here says how to get it.

    Raises:
        ConfigError: as `weight_files`.
    """
    folder = folder_of(ref, revision, store)
    if ref.is_of_hub and not folder.is_dir():
        raise ConfigError(f"model {ref.key} is not in {store}; {_PULL}")
    return weight_files(folder, ref)


def find_pinned(model: PinnedModel) -> Path:
    """Return the folder of the model, every weight file checked against its hash.

    Raises:
        ConfigError: a file is missing, not the pinned one, or not pinned.
    """
    ref = model.ref
    folder = folder_of(ref, model.revision, model.store)
    pinned = dict(model.hashes)
    files = weight_files(folder, ref)
    if strange := sorted(set(files) ^ set(pinned)):
        raise ConfigError(
            f"model {ref.key}: {', '.join(strange)} in {folder} or among the pinned files, not in "
            f"both; if you changed the model on purpose, {_new_pin(ref)}"
        )
    for name in files:
        digest = file_sha256(folder / name)
        if digest != pinned[name]:
            raise ConfigError(
                f"model {ref.key}: {folder / name} has sha256 {digest}, pinned is {pinned[name]}; "
                f"restore the original file{_by_pulling(ref)}, or, if you changed it on purpose, "
                f"{_new_pin(ref)}"
            )
    return folder


def _by_pulling(ref: ModelRef) -> str:
    """Return how the original of a file that was changed is had again, where newsbeam can do it."""
    return f" (delete the one here and {_PULL})" if ref.is_of_hub else ""


def _new_pin(ref: ModelRef) -> str:
    """Return what to do about the pin of a model that was changed on purpose."""
    if ref.sha256:
        return "change its `sha256` in the config"
    if ref.is_of_hub:  # pulling a revision does not change its pin
        return f"take its entry {ref.key!r} out of the lock file and {_PULL}"
    return _PULL


def hash_weights(ref: ModelRef, revision: str | None, store: str) -> dict[str, str]:
    """Return the sha256 of every weight file, for the lock file.

    Raises:
        ConfigError: there are none, or one is not what the config pins.
    """
    folder = folder_of(ref, revision, store)
    hashes = {name: file_sha256(folder / name) for name in weight_files(folder, ref)}
    for name, digest in hashes.items():
        if ref.sha256 and digest != ref.sha256:
            raise ConfigError(
                f"model {ref.key}: {folder / name} has sha256 {digest}, the config pins "
                f"{ref.sha256}; nothing was written. Restore the original file, or, if you "
                f"changed it on purpose, {_new_pin(ref)}"
            )
    return hashes


def license_of(ref: ModelRef, folder: Path) -> str:
    """Return the model's licence: as its card says, else its package; `unknown` otherwise."""
    return next(_licenses(ref, folder), "unknown")


def _licenses(ref: ModelRef, folder: Path) -> Iterator[str]:
    card = folder / "README.md"
    if card.is_file() and (found := re.search(r"^license: *(\S+)", card.read_text("utf-8"), re.M)):
        yield found[1]
    provider, location = split_source(ref.source)
    if provider == "package":
        name = location.partition("/")[0]
        for distribution in metadata.packages_distributions().get(name, ()):
            about = metadata.metadata(distribution)
            yield from (about[key] for key in ("License-Expression", "License") if key in about)
