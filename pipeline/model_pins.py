"""The models that a config names, with their pins; what others wrote in their place."""

from collections.abc import Iterator, Mapping

from pipeline.config import Config, ModelConfig
from transforms.errors import ConfigError
from transforms.formats import read_formats_of_others
from transforms.models.encoder_files import read_encoder_files
from transforms.models.loaders import OTHER_LANGUAGES, VECTORS, EncoderLoader, Encoders
from transforms.models.pinned import (
    EMBEDDED,
    MULTILINGUAL,
    PinnedModel,
    find_model,
    is_installed,
    weight_files,
)
from transforms.models.plugins import PluginLoader, plugin_loader
from transforms.models.store import default_store, pin, read_lock

Models = Mapping[str, PinnedModel]
"""What for (`vectors`, `other_languages`, `summaries`, `verify`, `topics`) -> the model."""
Plugins = Mapping[str, PluginLoader]
"""Setting -> what makes the class of others that it names."""


def second_encoder(config: Config) -> PinnedModel | None:
    """Return the encoder for languages that the first one does not know, if it is to be used."""
    wanted = config.encoder.multilingual
    is_used = wanted == "on" or (wanted == "auto" and is_installed(MULTILINGUAL))
    return MULTILINGUAL if is_used else None


def known_languages(config: Config) -> frozenset[str]:
    """Return the ISO 639-1 codes that one of the encoders knows."""
    first, second = config.encoder.model or EMBEDDED, second_encoder(config)
    return frozenset(first.languages) | frozenset(second.languages if second else ())


def configured_models(config: Config) -> Iterator[tuple[str, PinnedModel]]:
    """Yield each model that `config` names besides the embedded one, and what for."""
    named = (
        (VECTORS, config.encoder.model),
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
    models, problems = {VECTORS: EMBEDDED}, []
    for use, model in configured_models(config):
        try:
            _check_format(use, model, config)
            models[use] = pin(model, lock, store)
        except ConfigError as error:
            problems.append(f"{use}: {error}")
    if second := second_encoder(config):
        try:
            weight_files(second)  # hashed when it is loaded, which most runs never do
            models[OTHER_LANGUAGES] = second
        except ConfigError as error:
            problems.append(f"{OTHER_LANGUAGES}: {error}")
    if problems:
        raise ConfigError(*problems)
    read_encoder_files(find_model(models[VECTORS]))
    return models


def encoders_of(config: Config, models: Models) -> Encoders:
    """Return what loads the encoders."""
    settings = config.encoder.number_format, config.engines.device
    second = models.get(OTHER_LANGUAGES)
    return Encoders(
        EncoderLoader(models[VECTORS], *settings),
        EncoderLoader(second, *settings) if second else None,
    )


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


def plugins_of(config: Config) -> Plugins:
    """Return what makes the classes of others, by setting; their formats are read from now on.

    Raises:
        ConfigError: one is not there, or not what it has to be.
    """
    if config.input.formats and config.run.runner.name != "local":
        raise ConfigError("input.formats: engines do not know them; leave run.runner.name local")
    read_formats_of_others("input.formats", config.input.formats)
    named = {"summary.plugin": config.summary.plugin, "topics.plugin": config.topics.plugin}
    return {setting: plugin_loader(setting, name) for setting, name in named.items() if name}
