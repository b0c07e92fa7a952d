"""The engines that a config names, as the steps take them."""

from collections.abc import Iterator

from pipeline.config import Config, ModelConfig
from transforms.classify.judge import NliOptions
from transforms.classify.topics import load_topics
from transforms.errors import ConfigError
from transforms.models.cache import FOLDER, ResultCache
from transforms.models.contract import Compute, Instruction
from transforms.models.encoder_files import read_encoder_files
from transforms.models.linear import read_head
from transforms.models.loaders import (
    EncoderLoader,
    JudgeLoader,
    LoadWriter,
    RemoteLoader,
    WriterLoader,
)
from transforms.models.pinned import EMBEDDED, PinnedModel, find_model
from transforms.models.remote import Endpoint, require_key
from transforms.models.store import default_store, pin, read_lock
from transforms.output.storage import is_local, join, local_path
from transforms.summarize.drafts import AbstractOptions
from transforms.summarize.extractive import SummaryOptions
from transforms.summarize.faithfulness import VerifyOptions


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
            yield use, PinnedModel(**model.model_dump())


def store_folder(config: Config) -> str:
    """Return where models of the hub are kept."""
    return config.engines.store or default_store()


def pinned(config: Config, model: ModelConfig) -> PinnedModel:
    """Return the model with its pins, its files checked.

    Raises:
        ConfigError: as `store.pin`.
    """
    lock = read_lock(config.engines.lock)
    return pin(PinnedModel(**model.model_dump()), lock, store_folder(config))


def encoder_model(config: Config) -> PinnedModel:
    """Return the sentence encoder.

    Raises:
        ConfigError: it is missing, not the pinned one, or cannot be used.
    """
    if config.encoder.model is None:
        return EMBEDDED
    model = pinned(config, config.encoder.model)
    read_encoder_files(find_model(model))
    return model


def encoder_pin(config: Config) -> tuple[str, str | None]:
    """Return name and sha256 of the encoder, as the config or the lock file pin it."""
    if config.encoder.model is None:
        return EMBEDDED.name, EMBEDDED.digest
    model = PinnedModel(**config.encoder.model.model_dump())
    files = read_lock(config.engines.lock).get(model.key, {}).get("files", {})
    return model.name, model.sha256 or next(iter(files.values()), None)


def encoder_loader(config: Config) -> EncoderLoader:
    """Return what loads the encoder.

    Raises:
        ConfigError: as `encoder_model`.
    """
    return EncoderLoader(encoder_model(config), config.encoder.number_format)


def own_summary(config: Config) -> SummaryOptions:
    """Return the settings of the extractive summary.

    Raises:
        ConfigError: as `encoder_model`.
    """
    spec = encoder_model(config)
    return SummaryOptions(config.summary.max_words, spec.name, spec.languages)


def check_engines(config: Config) -> None:
    """Check that every model is here and the pinned one, and that the endpoint's key is set.

    Raises:
        ConfigError: as `store.pin`, all problems together, or a GGUF file where none is read; or
            the encoder cannot be used, or the key is missing.
    """
    found = []
    lock = read_lock(config.engines.lock)
    for use, ref in configured_models(config):
        try:
            _check_format(use, ref, config)
            pin(ref, lock, store_folder(config))
        except ConfigError as error:
            found.append(f"{use}: {error}")
    if found:
        raise ConfigError("\n".join(found))
    if config.summary.remote:
        require_key(endpoint(config))
    spec = encoder_model(config)
    find_model(spec)
    if config.topics.head and read_head(config.topics.head).encoder != spec.digest:
        raise ConfigError(
            f"topics.head: {config.topics.head} was trained on vectors of another encoder; "
            f"train it again: newsbeam train-topics FILE --config CONFIG -o {config.topics.head}"
        )


def _check_format(use: str, ref: PinnedModel, config: Config) -> None:
    if ref.file and (use, config.summary.engine) != ("summaries", "causal"):
        raise ConfigError(
            f"model {ref.key}: GGUF (`file`) is for summary.engine causal only; leave `file` out, "
            "and name a folder of safetensors"
        )


def compute(config: Config) -> Compute:
    """Return how local models are run."""
    engines = config.engines
    return Compute(engines.device, engines.number_format, engines.batch_tokens, engines.compile)


def endpoint(config: Config) -> Endpoint:
    """Return the endpoint of `summary.remote`."""
    assert config.summary.remote is not None
    return Endpoint(**config.summary.remote.model_dump())


def result_cache(config: Config) -> ResultCache | None:
    """Return where results are kept; `None` if nowhere.

    An output on an object store needs `cache.folder`: SQLite works on disks only.
    """
    cache, root = config.cache, config.output.path
    folder = cache.folder or (str(local_path(join(root, FOLDER))) if is_local(root) else None)
    return ResultCache(folder, cache.max_mb * 2**20) if cache.enabled and folder else None


def writer(config: Config) -> tuple[LoadWriter, str, str, tuple[str, ...]]:
    """Return what loads the writer, its name, what determines its answers, and its languages.

    Raises:
        ConfigError: its model is missing or not the pinned one.
    """
    summary = config.summary
    if summary.remote:
        place = endpoint(config)
        return RemoteLoader(place), place.model, f"{place.url} {place.model}", ()
    assert summary.model is not None
    model = pinned(config, summary.model)
    load = WriterLoader(summary.engine, model, compute(config), summary.beams, summary.prefix)
    answers = f"{model.digest} {summary.beams} {summary.prefix!r} {config.engines.number_format}"
    return load, model.name, answers, model.languages


def abstract_options(
    config: Config, name: str, answers: str, languages: tuple[str, ...], own: SummaryOptions
) -> AbstractOptions:
    """Return the settings of the step that writes drafts."""
    summary = config.summary
    instruction = Instruction(summary.style, summary.max_words, summary.language)
    return AbstractOptions(summary.engine, name, answers, instruction, own, languages)


def verify_options(config: Config, own: SummaryOptions) -> VerifyOptions:
    """Return the settings of the check of drafts."""
    summary = config.summary
    return VerifyOptions(
        summary.style, summary.max_words, own, summary.verify.threshold, summary.max_sentences
    )


def judge(config: Config, model: ModelConfig | None) -> JudgeLoader | None:
    """Return what loads a model of entailment, if one is configured.

    Raises:
        ConfigError: it is missing or not the pinned one.
    """
    return JudgeLoader(pinned(config, model), compute(config)) if model else None


def nli_options(config: Config) -> NliOptions:
    """Return the settings of topics by entailment.

    Raises:
        ConfigError: the topic file or the model cannot be used.
    """
    topics = config.topics
    assert topics.model is not None
    model = pinned(config, topics.model)
    answers = f"{model.digest} {config.engines.number_format}"
    return NliOptions(
        load_topics(topics.file), topics.hypothesis, topics.candidates, answers,
        model.languages, encoder_model(config).languages,
    )  # fmt: skip
