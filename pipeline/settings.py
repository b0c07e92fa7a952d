"""The plan of a run: all that a config settles, as the plain values that the steps take.

`make_plan` makes it once, before any work; `build_graph` only wires it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

from pipeline import __version__
from pipeline.config import Config, FetchConfig, TableConfig
from pipeline.config_files import installed
from pipeline.model_pins import Models, Plugins, encoders_of, pinned_models, plugins_of
from transforms.bounds import Bounds
from transforms.classify.judge import NliOptions
from transforms.classify.topics import TopicSet, load_topics
from transforms.clean import CleanOptions
from transforms.errors import ConfigError
from transforms.fetch import FetchSettings, PollSettings
from transforms.formats.base import ParseOptions
from transforms.models.cache import FOLDER, ResultCache
from transforms.models.contract import Compute, Instruction
from transforms.models.endpoint import Endpoint, check_endpoint
from transforms.models.linear import read_head
from transforms.models.loaders import (
    Encoders,
    JudgeLoader,
    Loader,
    RemoteLoader,
    WriterLoader,
)
from transforms.models.pinned import PinnedModel, file_sha256
from transforms.models.plugins import PluginLoader
from transforms.output.storage import is_local, join, local_path
from transforms.output.tables import TableSettings, default_path
from transforms.relate.near.nodes import NearOptions
from transforms.relate.stories import StoryOptions
from transforms.summarize.drafts import AbstractOptions
from transforms.summarize.extractive import SummaryOptions
from transforms.summarize.faithfulness import VerifyOptions

_T = TypeVar("_T")


class Drafts(NamedTuple):
    """Summaries that a model writes: what loads it, how it is asked, how its text is checked."""

    load: WriterLoader | RemoteLoader | PluginLoader
    options: AbstractOptions
    check: VerifyOptions
    judge: JudgeLoader | None


class Judged(NamedTuple):
    """Topics by a model of entailment: what loads it, and what it is asked."""

    load: JudgeLoader | PluginLoader
    options: NliOptions


class Trained(NamedTuple):
    """Topics by a head that `newsbeam train-topics` wrote: its file, and the hash of that."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Plan:
    """Everything that the graph is made of. Picklable; nothing is loaded.

    Attributes:
        config: the settings as they were read: inputs, batches, the output.
        parse: for the parsers.
        clean: for `clean`.
        fetch: how feeds and pages are fetched.
        poll: when feeds are asked.
        bounds: on what one document may cost.
        encoders: load the sentence encoders.
        summary: the extractive summary.
        drafts: summaries that a model writes, if any does.
        topics: how topics are chosen; a topic set is chosen from by its phrases.
        cache: where results of models are kept; `None`: nowhere.
        near: what counts as a near-duplicate; `None`: they are not looked for.
        stories: what counts as one event; `None`: stories are off.
        table: the table that follows the output, if any.
    """

    config: Config
    parse: ParseOptions
    clean: CleanOptions
    fetch: FetchSettings
    poll: PollSettings
    bounds: Bounds
    encoders: Encoders
    summary: SummaryOptions
    drafts: Drafts | None
    topics: TopicSet | Judged | Trained
    cache: ResultCache | None
    near: NearOptions | None
    stories: StoryOptions | None
    table: TableSettings | None

    @property
    def models(self) -> dict[str, Loader]:
        """What for -> what loads the model."""
        drafts, topics = self.drafts, self.topics
        found: dict[str, Loader | None] = {
            **self.encoders.by_use,
            "summaries": drafts.load if drafts else None,
            "verify": drafts.judge if drafts else None,
            "topics": topics.load if isinstance(topics, Judged) else None,
        }
        return {use: loader for use, loader in found.items() if loader}


_ALL_NEWS = "topics/iptc.yaml"
"""Topics for news of every kind, which others compete with."""


def make_plan(config: Config) -> Plan:
    """Return the plan of `config`; reads the files that it names, and checks every model.

    Raises:
        ConfigError: a model, its pin, the topic file, the head or a key is missing or wrong; all
            problems, an argument each.
    """
    problems: list[str] = []

    def attempt(make: Callable[[Config], _T]) -> _T | None:
        try:
            return make(config)
        except ConfigError as error:
            problems.extend(error.args)
            return None

    topic_set = attempt(_topic_set)
    models = attempt(pinned_models)
    attempt(_endpoint)
    plugins = attempt(plugins_of) or {}
    head = attempt(lambda config: _head(config, models["vectors"])) if models else None
    if problems or topic_set is None or models is None:
        raise ConfigError(*problems)
    encoders = encoders_of(config, models)
    first = encoders.first.model
    summary = SummaryOptions(config.summary.max_words, first.name, first.languages)
    return Plan(
        config,
        ParseOptions(
            {str(field): names for field, names in config.input.fields.items()},
            config.input.earliest_time,
            config.input.id_scope,
        ),
        CleanOptions(config.clean.min_words, keep_teasers=config.fetch.full_text),
        fetch_settings(config.fetch),
        _poll_settings(config.fetch),
        Bounds(config.input.cpu_seconds, config.input.memory_mb * 2**20),
        encoders,
        summary,
        _drafts(config, models, plugins, summary),
        head or _judged(config, models, plugins, topic_set, encoders.languages) or topic_set,
        _cache(config),
        _near_options(config),
        _story_options(config),
        table_settings(config.output.path, config.output.table),
    )


def _topic_set(config: Config) -> TopicSet:
    """Return the topics; those that may cover only a part compete with other news."""
    topics = load_topics(config.topics.file)
    if topics.covers == "all":
        return topics
    return replace(topics, rivals=load_topics(installed(_ALL_NEWS)).topics)


def table_settings(root: str, table: TableConfig) -> TableSettings | None:
    """Return which table follows the output `root`, if any."""
    if table.format == "none":
        return None
    path = table.path or default_path(root)
    return TableSettings(table.format, path, table.catalog, table.name)


def fetch_settings(config: FetchConfig) -> FetchSettings:
    """Return how feeds and pages are fetched, as plain values."""
    values = config.model_dump(exclude={"interval_minutes", "max_interval_hours", "full_text"})
    return FetchSettings(version=__version__, **values)


def _poll_settings(config: FetchConfig) -> PollSettings:
    return PollSettings(
        timedelta(minutes=config.interval_minutes),
        timedelta(hours=config.max_interval_hours),
        fetch_settings(config),
    )


def _compute(config: Config) -> Compute:
    engines = config.engines
    return Compute(engines.device, engines.number_format, engines.batch_tokens, engines.compile)


def endpoint_of(config: Config) -> Endpoint | None:
    """Return the endpoint of `summary.remote`, if one is configured."""
    return Endpoint(**config.summary.remote.model_dump()) if config.summary.remote else None


def _endpoint(config: Config) -> None:
    if endpoint := endpoint_of(config):
        check_endpoint(endpoint)


def _cache(config: Config) -> ResultCache | None:
    """Return where results are kept.

    An output on an object store needs `cache.folder`: SQLite works on disks only.
    """
    cache, root = config.cache, config.output.path
    folder = cache.folder or (str(local_path(join(root, FOLDER))) if is_local(root) else None)
    return ResultCache(folder, cache.max_mb * 2**20) if cache.enabled and folder else None


def _drafts(config: Config, models: Models, plugins: Plugins, own: SummaryOptions) -> Drafts | None:
    summary = config.summary
    load: WriterLoader | RemoteLoader | PluginLoader
    languages: tuple[str, ...] = ()
    if endpoint := endpoint_of(config):
        load = RemoteLoader(endpoint)
        name, answers = endpoint.model, f"{endpoint.url} {endpoint.model}"
    elif plugin := plugins.get("summary.plugin"):
        load, name, answers = plugin, plugin.name, plugin.answers
    elif model := models.get("summaries"):
        load = WriterLoader(summary.engine, model, _compute(config), summary.beams, summary.prefix)
        form = config.engines.number_format
        name, answers = model.name, f"{model.digest} {summary.beams} {summary.prefix!r} {form}"
        languages = model.languages
    else:
        return None
    instruction = Instruction(summary.style, summary.max_words, summary.language)
    threshold, most = summary.verify.threshold, summary.max_sentences
    judge = models.get("verify")
    return Drafts(
        load,
        AbstractOptions(summary.engine, name, answers, instruction, own, languages),
        VerifyOptions(summary.style, summary.max_words, own, threshold, most),
        JudgeLoader(judge, _compute(config)) if judge else None,
    )


def _judged(
    config: Config, models: Models, plugins: Plugins, topic_set: TopicSet, known: tuple[str, ...]
) -> Judged | None:
    """Return the judge of topics, if there is one; `known` are the languages of the encoders."""
    load: JudgeLoader | PluginLoader
    languages: tuple[str, ...] = ()
    if plugin := plugins.get("topics.plugin"):
        load, answers = plugin, plugin.answers
    elif model := models.get("topics"):
        load, languages = JudgeLoader(model, _compute(config)), model.languages
        answers = f"{model.digest} {config.engines.number_format}"
    else:
        return None
    hypothesis, candidates = config.topics.hypothesis, config.topics.candidates
    options = NliOptions(topic_set, hypothesis, candidates, answers, languages, known)
    return Judged(load, options)


def _head(config: Config, encoder: PinnedModel) -> Trained | None:
    path = config.topics.head
    if path is None:
        return None
    if read_head(path).encoder != encoder.digest:
        raise ConfigError(
            f"topics.head: {path} was trained on vectors of another encoder; "
            f"train it again: newsbeam train-topics FILE --config CONFIG -o {path}"
        )
    return Trained(path, file_sha256(Path(path)))


def _near_options(config: Config) -> NearOptions | None:
    near = config.near
    if near.policy == "keep":
        return None
    return NearOptions(near.days, near.contained, near.jaccard, drop=near.policy == "drop")


def _story_options(config: Config) -> StoryOptions | None:
    stories = config.stories
    if not stories.enabled:
        return None
    return StoryOptions(
        stories.days,
        stories.threshold,
        min_cosine=stories.min_cosine,
        min_names=stories.min_names,
    )
