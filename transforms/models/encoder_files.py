"""What the files of a sentence encoder say of it: how its vectors are made of its tokens.

The layout is that of sentence-transformers: `modules.json` names the steps, and each has a config.
Whatever cannot be computed here as the model's makers meant it is refused: vectors that are
computed otherwise look like vectors all the same.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from transforms.errors import ConfigError
from transforms.models.pinned import WEIGHTS

_STEPS = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
"""All vectors are given unit length here, as `Normalize` does."""

_OFFSET_POSITIONS = frozenset({"camembert", "mpnet", "roberta", "xlm-roberta", "xlm-roberta-xl"})
"""Kinds of model whose first position comes after that of padding: they read so many tokens less
than their table of positions has rows."""

_POOLINGS = ("mean", "cls")
_MODE = "pooling_mode_"
_OLD_MODES = {"mean_tokens": "mean", "cls_token": "cls"}


class EncoderFiles(NamedTuple):
    """How the vectors are made.

    Attributes:
        pooling: `mean` of the vectors of its tokens, or `cls`, the first one's.
        max_tokens: longest input in tokens, special tokens included.
        dim: length of the vectors.
        prompt: put before each text.
        lower_case: whether texts are lower-cased first.
    """

    pooling: str
    max_tokens: int
    dim: int
    prompt: str
    lower_case: bool


def read_encoder_files(folder: Path) -> EncoderFiles:
    """Return how the encoder in `folder` makes its vectors.

    Raises:
        ConfigError: it is no sentence encoder, or one that is not computed here; the message says
            what it lacks or needs.
    """
    for name in ("modules.json", "config.json", "tokenizer.json", WEIGHTS):
        if not (folder / name).is_file():
            raise ConfigError(
                f"encoder.model: {folder} has no {name}; name a model in the layout of "
                "sentence-transformers, with weights in one file"
            )
    architecture = _read(folder / "config.json")
    if "auto_map" in architecture or architecture.get("is_encoder_decoder"):
        raise _refused(
            folder,
            "it needs its own code" if "auto_map" in architecture else "it writes text as well",
        )
    pooling = _pooling_folder(folder)
    settings = _read(folder / pooling / "config.json")
    text = _read(folder / "sentence_bert_config.json", {})
    prompts = _read(folder / "config_sentence_transformers.json", {})
    prompt = (prompts.get("prompts") or {}).get(prompts.get("default_prompt_name") or "", "")
    if prompt and not settings.get("include_prompt", True):
        raise _refused(folder, "it leaves its prompt out of the vectors")
    return EncoderFiles(
        _pooling(settings, folder),
        _max_tokens(architecture, text, _read(folder / "tokenizer_config.json", {})),
        _dim(settings, architecture, folder),
        prompt,
        bool(text.get("do_lower_case")),
    )


def _refused(folder: Path, what: str) -> ConfigError:
    return ConfigError(f"encoder.model: {folder} cannot be used: {what}; choose another model")


def _read(path: Path, otherwise: dict[str, Any] | None = None) -> Any:
    if otherwise is not None and not path.is_file():
        return otherwise
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"encoder.model: {path} cannot be read: {error}") from error


def _pooling_folder(folder: Path) -> str:
    modules = _read(folder / "modules.json")
    try:
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
        paths = [str(module["path"]) for module in modules]
    except (LookupError, TypeError) as error:
        raise _refused(folder, f"modules.json does not list its steps ({error!r})") from error
    if kinds not in _STEPS or paths[0]:
        steps = ", ".join(
            f"{kind} in {path or '.'}" for kind, path in zip(kinds, paths, strict=True)
        )
        raise _refused(folder, f"its steps are {steps}, not Transformer, Pooling and Normalize")
    return paths[1]


def _pooling(settings: dict[str, Any], folder: Path) -> str:
    """Return the one mode: newer files name it, older ones have a switch for each."""
    stated = settings.get("pooling_mode")
    modes = [stated] if isinstance(stated, str) else list(stated or ())
    if not modes:
        on = [key.removeprefix(_MODE) for key, value in settings.items() if value is True]
        modes = [_OLD_MODES.get(key, key) for key in on if key != "include_prompt"]
    if len(modes) != 1 or modes[0] not in _POOLINGS:
        raise _refused(folder, f"pooling {', '.join(modes) or 'unknown'}, not mean or cls")
    return str(modes[0])


def _max_tokens(
    architecture: dict[str, Any], text: dict[str, Any], tokenizer: dict[str, Any]
) -> int:
    limits = [text.get("max_seq_length"), tokenizer.get("model_max_length")]
    positions = int(architecture.get("max_position_embeddings") or 512)
    if architecture.get("model_type") in _OFFSET_POSITIONS:
        positions -= int(architecture.get("pad_token_id") or 0) + 1
    return min(positions, *(int(limit) for limit in limits if limit))


def _dim(settings: dict[str, Any], architecture: dict[str, Any], folder: Path) -> int:
    stated = settings.get("embedding_dimension") or settings.get("word_embedding_dimension")
    hidden = architecture.get("hidden_size") or architecture.get("dim")
    if not stated or stated != hidden:
        raise _refused(folder, f"pooling makes {stated} numbers of {hidden}")
    return int(stated)
