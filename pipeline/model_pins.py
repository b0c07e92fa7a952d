"""The models that a config names, with their pins."""

from collections.abc import Iterator, Mapping

from pipeline.config import Config, ModelConfig
from transforms.errors import ConfigError
from transforms.models.encoder_files import read_encoder_files
from transforms.models.loaders import EncoderLoader
from transforms.models.pinned import EMBEDDED, PinnedModel, find_model
from transforms.models.store import default_store, pin, read_lock

Models = Mapping[str, PinnedModel]
"""What for (`vectors`, `summaries`, `verify`, `topics`) -> the model."""


def configured_models(config: Config) -> Iterator[tuple[str, PinnedModel]]:
    """Yield each model that `config` names besides the embedded one, and what for."""
    named = (
        ("vectors", config.encoder.model),
        ("summaries", config.summary.model),
        ("verify", config.summary.verify.model),
        ("topics", config.topics.model),
    )
    for use, model in named:
        if model:
            yield use, _as_named(model)


def _as_named(model: ModelConfig) -> PinnedModel:
    return PinnedModel(**model.model_dump())


def store_folder(config: Config) -> str:
    """Return where models of the hub are kept."""
    return config.engines.store or default_store()


def pinned_models(config: Config) -> Models:
    """Return every model with its pins, its files checked.

    Raises:
        ConfigError: as `store.pin`, all problems together; or a GGUF file where none is read, or an
            encoder that cannot be used.
    """
    lock, store = read_lock(config.engines.lock), store_folder(config)
    models, problems = {"vectors": EMBEDDED}, []
    for use, model in configured_models(config):
        try:
            _check_format(use, model, config)
            models[use] = pin(model, lock, store)
        except ConfigError as error:
            problems.append(f"{use}: {error}")
    if problems:
        raise ConfigError(*problems)
    read_encoder_files(find_model(models["vectors"]))
    return models


def _check_format(use: str, model: PinnedModel, config: Config) -> None:
    if model.file and (use, config.summary.engine) != ("summaries", "causal"):
        raise ConfigError(
            f"model {model.key}: GGUF (`file`) is for summary.engine causal only; leave `file` "
            "out, and name a folder of safetensors"
        )


def encoder_loader(config: Config) -> EncoderLoader:
    """Return what loads the encoder.

    Raises:
        ConfigError: it is missing, not the pinned one, or cannot be used.
    """
    model, lock = EMBEDDED, read_lock(config.engines.lock)
    if config.encoder.model:
        model = pin(_as_named(config.encoder.model), lock, store_folder(config))
    read_encoder_files(find_model(model))
    return EncoderLoader(model, config.encoder.number_format, config.engines.device)
