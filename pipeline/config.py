"""The configuration: one frozen tree; `config_files` reads it from YAML.

Every key has a default, an unknown key is an error. Paths of inputs and of the output are relative
to the working directory, `topics.file` to the config file. Credentials are never here: the
filesystems take them from the environment.
"""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from transforms.redaction import Address

_Fraction = Annotated[float, Field(ge=0, le=1)]
_ArticleField = Literal[
    "id", "title", "text", "summary", "date", "time", "modified", "url", "authors", "source",
    "section", "language", "feed",
]  # fmt: skip


_Plugin = Annotated[str, Field(pattern=r"^\w+(\.\w+)*:\w+(\.\w+)*$|^[\w.-]+$")]
"""What others wrote: `module:name`, or the name of an entry point; see docs/plugins.md."""


_NEEDS = {"seq2seq": "model", "causal": "model", "nli": "model", "linear": "head"}
"""Engine -> the setting that it needs, where that is not called as the engine."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def _require_own(self, section: str, engine: str, keys: tuple[str, ...]) -> None:
        """Raise unless of these keys just the one is set that the engine needs, if it needs one."""
        needed = _NEEDS.get(engine, engine)
        for key in keys:
            if (getattr(self, key) is not None) != (key == needed):
                verb = "needs" if key == needed else "does not use"
                raise ValueError(f"engine {engine} {verb} {section}.{key}")


class InputConfig(_Section):
    """What is read."""

    paths: tuple[str, ...] = ()
    """Files, folders and globs, on any filesystem Beam reads."""
    feeds: tuple[Address, ...] = ()
    """Addresses of feeds, and OPML files that list some."""
    fields: dict[_ArticleField, tuple[str, ...]] = {}
    """For records: article field -> names to look for, before the default names."""
    formats: tuple[_Plugin, ...] = ()
    """Formats of your own: `module:name` of a `transforms.formats.Format`, or an entry point."""
    id_scope: Literal["file", "folder", "global"] = "file"
    """How far an item's own id is unique, where the item has no URL."""
    max_bytes: int = Field(20 * 2**20, gt=0)
    """A document larger than this, decompressed, is rejected."""
    follow_links: bool = False
    """Follow symbolic links that lead out of the input, and those to folders."""
    cpu_seconds: float = Field(300, gt=0)
    """Processor time that one document may take in one step; a feed is one until it is split."""
    memory_mb: int = Field(1024, ge=64)
    """Memory by which the process may grow meanwhile."""
    earliest: date = date(1990, 1, 1)
    """A date before this is not believed."""

    @field_validator("fields", mode="before")
    @classmethod
    def _one_name_or_many(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: (names,) if isinstance(names, str) else names for key, names in value.items()}

    @property
    def earliest_time(self) -> datetime:
        """Return the first moment of `earliest`."""
        return datetime.combine(self.earliest, time(), UTC)


class FetchConfig(_Section):
    """How feeds and pages are fetched."""

    full_text: bool = False
    """Fetch the page of a feed item that brings only a teaser."""
    contact: str = ""
    """Address of a page or mailbox, for the owners of sites: ends up in the User-Agent."""
    interval_minutes: float = Field(15, gt=0)
    """Time between two polls of a feed, where its server does not say."""
    max_interval_hours: float = Field(24, gt=0)
    """Longest time between two polls, whatever the server says and however often it failed."""
    connect_seconds: float = Field(10, gt=0)
    """Time to find, connect to and greet a host."""
    silence_seconds: float = Field(20, gt=0)
    """Longest pause of a server while it answers."""
    total_seconds: float = Field(60, gt=0)
    """Time for the answer to one address, those of its redirects included."""
    host_seconds: float = Field(120, gt=0)
    """Time that one host may take in a pass, to answer and as its robots.txt wants between two
    requests; what is left of its addresses waits for the next pass."""
    pass_seconds: float = Field(900, gt=0)
    """Time for a pass: all feeds that are due, or the pages of a batch; what is left waits."""
    max_bytes: int = Field(15 * 2**20, gt=0)
    """Largest answer, both as sent and decompressed."""
    max_redirects: int = Field(10, ge=0)
    """Redirects followed for one address."""
    concurrency: int = Field(16, ge=1)
    """Requests under way at once."""
    per_host: int = Field(2, ge=1)
    """Of those, to one host."""
    host_delay_seconds: float = Field(0.5, ge=0)
    """Least time between the starts of two requests to one host."""
    robots: bool = True
    """Ask robots.txt before a page is fetched."""
    respect: tuple[Literal["noai", "noindex", "tdm_reserved"], ...] = ("noai", "tdm_reserved")
    """Reservations of a site that make its page be left alone."""
    allowed_hosts: tuple[str, ...] = ()
    """`host` or `host:port` that may have an address which is not public."""
    ca_file: str | None = None
    """Certificate authorities to believe besides the system's."""


class CleanConfig(_Section):
    """What is cut and what is refused."""

    min_words: int = Field(5, ge=1)
    """An article with fewer words is rejected."""


class ModelConfig(_Section):
    """A model that is not the embedded one."""

    source: str = Field(pattern=r"^(hub|package|path):.+")
    """`hub:org/name`, `package:import_name/folder` or `path:/folder`."""
    revision: str | None = Field(None, pattern=r"^[0-9a-f]{40}$")
    """Commit of the hub; without it, the one in the lock file."""
    file: str | None = None
    """Its weights within the folder, if they are GGUF; for `summary.engine: causal` only."""
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    """Of its weight file; without it, those in the lock file."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes that it understands; empty: all."""


class EnginesConfig(_Section):
    """How models are kept and run."""

    store: str | None = None
    """Folder of models from the hub; by default $NEWSBEAM_MODELS or ~/.cache/newsbeam/models."""
    lock: str = "models.lock.json"
    """Lock file that `newsbeam models pull` writes; relative to the working directory."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Of all models, the encoder included; `auto` is a GPU where there is one."""
    number_format: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """`auto` is bf16 where the processor has instructions for it."""
    batch_tokens: int = Field(8192, ge=1)
    """Padded tokens of input that are computed at once."""
    compile: bool = False
    """Compile a model first: pays on long runs on a GPU."""


class RemoteConfig(_Section):
    """An endpoint that speaks the OpenAI protocol: vLLM, llama.cpp and others."""

    url: Address
    """Base address, such as `http://localhost:8000/v1`."""
    model: str
    """Its name there."""
    key_variable: str = ""
    """Environment variable that holds the key; empty: no key."""
    timeout_seconds: float = Field(60, gt=0)
    """Time for one request."""
    attempts: int = Field(4, ge=1)
    """Of one request, the first included."""
    per_minute: float = Field(0, ge=0)
    """Requests in a minute at the most; 0: no limit."""
    concurrency: int = Field(4, ge=1)
    """Requests at once."""
    context_tokens: int = Field(3000, ge=100)
    """Tokens of text in one request; a longer text is summarised in parts."""

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: Address) -> Address:
        if not re.match(r"https?://.", url.get_secret_value()):
            raise ValueError("write an address that begins with http:// or https://")
        return url

    @model_validator(mode="after")
    def _one_authorization(self) -> "RemoteConfig":
        if self.key_variable and self.url.has_userinfo:
            raise ValueError(
                "user:password@ in url would go in the place of the key in key_variable; leave one "
                "of the two out"
            )
        return self


class CacheConfig(_Section):
    """Results of engines, kept, so that nothing is computed twice."""

    enabled: bool = True
    """Keep them."""
    folder: str | None = None
    """A local folder; by default `_cache` in the output, if that is local."""
    max_mb: int = Field(256, ge=1)
    """Size at the most; the least recently used results go first."""


class VerifyConfig(_Section):
    """How what an engine wrote is held against the article."""

    threshold: _Fraction = 0.8
    """Support that a sentence needs."""
    model: ModelConfig | None = None
    """A model for natural language inference, which then has a say too."""


class EncoderConfig(_Section):
    """The sentence encoder."""

    model: ModelConfig | None = None
    """Instead of the embedded one, which knows English: any in the layout of
    sentence-transformers. Its `languages` must be named."""
    multilingual: Literal["auto", "on", "off"] = "auto"
    """multilingual-e5-small for articles in languages that the encoder does not know: `auto` where
    it is installed (`pip install 'newsbeam[multilingual]'`). Without it, only `topics.engine: nli`
    gives them topics."""
    number_format: Literal["auto", "fp32", "bf16"] = "auto"
    """`auto` is the fastest one on this processor that keeps the quality."""
    max_sentences: int = Field(30, ge=1)
    """Sentences of an article that are read, from the first."""
    batch_articles: int = Field(512, ge=1)
    """Articles whose sentences are sorted by length together."""

    @model_validator(mode="after")
    def _languages_are_named(self) -> "EncoderConfig":
        if self.model and not self.model.languages:
            raise ValueError("model.languages: name those that the encoder knows, such as [en, de]")
        return self


class SummaryConfig(_Section):
    """The summary."""

    max_words: int = Field(70, ge=10)
    """Words of a summary at the most."""
    engine: Literal["extractive", "seq2seq", "causal", "remote", "plugin"] = "extractive"
    """Who writes it; what is not `extractive` is verified sentence by sentence."""
    model: ModelConfig | None = None
    """For `seq2seq` and `causal`."""
    remote: RemoteConfig | None = None
    """For `remote`."""
    plugin: _Plugin | None = None
    """For `plugin`: `module:Class` of a summariser of your own, or an entry point."""
    style: Literal["plain", "headline", "brief", "bullets"] = "plain"
    """`headline` is one sentence, `brief` at most two; not for `extractive`."""
    max_sentences: int | None = Field(None, ge=1)
    """Sentences at the most; not for `extractive`."""
    language: str | None = None
    """Language to write in, for `causal`, `remote` and `plugin`; by default the article's own."""
    beams: int = Field(1, ge=1)
    """Of beam search; 1 is greedy. Summarisers such as BART are made for 4."""
    prefix: str = ""
    """Put before the text for `seq2seq`, as T5 models expect."""
    verify: VerifyConfig = VerifyConfig()

    @model_validator(mode="after")
    def _engine_has_its_settings(self) -> "SummaryConfig":
        self._require_own("summary", self.engine, ("model", "remote", "plugin"))
        if self.engine == "extractive" and (self.style != "plain" or self.max_sentences):
            raise ValueError("style and max_sentences need an engine other than extractive")
        if self.language and self.engine not in {"causal", "remote", "plugin"}:
            raise ValueError("language needs engine causal, remote or plugin: the others keep it")
        return self


class TopicsConfig(_Section):
    """The topics."""

    file: str = "topics/iptc.yaml"
    """Topic labels and their phrases; relative to the config file."""
    engine: Literal["phrases", "nli", "linear", "plugin"] = "phrases"
    """Who chooses: phrases by their vectors, a model of inference, a head trained by you, or a
    class of your own."""
    model: ModelConfig | None = None
    """For `nli`: a model for natural language inference."""
    candidates: int = Field(5, ge=0)
    """For `nli` and `plugin`: labels that it is asked about, the best by their phrases; 0: all."""
    hypothesis: str = Field("This text is about {}.", pattern=r"^[^{}]*\{\}[^{}]*$")
    """For `nli` and `plugin`: what is to follow from the text."""
    plugin: _Plugin | None = None
    """For `plugin`: `module:Class` of a judge of your own, or an entry point."""
    head: str | None = None
    """For `linear`: file that `newsbeam train-topics` wrote; relative to the working directory."""

    @model_validator(mode="after")
    def _engine_has_its_settings(self) -> "TopicsConfig":
        self._require_own("topics", self.engine, ("model", "head", "plugin"))
        return self


class NearConfig(_Section):
    """Near-duplicates: articles that repeat an earlier one with light edits."""

    policy: Literal["keep", "drop", "mark"] = "mark"
    """`mark` links them to the first one (`duplicate_of`), `drop` gives them no row, `keep` looks
    for none."""
    days: int = Field(3, ge=0, le=30)
    """How far apart the two may be published."""
    contained: _Fraction = 0.55
    """Least part of the shorter text that the other one holds too."""
    jaccard: _Fraction = 0.25
    """Least part of both texts together that they share."""


class StoriesConfig(_Section):
    """Stories: articles that report one event in their own words."""

    enabled: bool = True
    """Give every article a `story_id`."""
    days: int = Field(5, ge=0, le=30)
    """How far apart two articles on one event may be published."""
    threshold: float = Field(1.0, ge=0)
    """Least similarity: cosine of the vectors + three quarters of the share of names and rare words
    in common; short English texts need up to a quarter less. Less joins more articles, and more on
    different events; more keeps apart what is told very differently. Figures: docs/schema.md."""
    min_cosine: _Fraction = 0.55
    """Least cosine of the vectors."""
    min_names: int = Field(2, ge=1)
    """Least number of names in common; a rare name counts as two, other words do not count."""


class TableConfig(_Section):
    """A table in a lakehouse format beside the plain files, with the same rows."""

    format: Literal["none", "iceberg", "delta"] = "none"
    """Needs the extra of the same name: `pip install 'newsbeam[delta]'`."""
    path: str | None = None
    """Folder or prefix of the table; by default beside the output, such as `out-table`."""
    name: str = "newsbeam.articles"
    """Iceberg: namespace and name of the table."""
    catalog: dict[str, str] = {}
    """Iceberg: properties of the catalog, such as `{type: rest, uri: https://...}`, but for its
    credentials (PYICEBERG_CATALOG__NEWSBEAM__...); by default a SQLite file at `path`."""


class OutputConfig(_Section):
    """What is published, and where."""

    path: str = "out"
    """Folder or object-store prefix."""
    buckets: int = Field(1, ge=1, le=1000)
    """Files per day; more for days of millions of articles."""
    embedding: bool = False
    """Publish the article vectors too."""
    revisions: bool = False
    """Keep the versions of articles that are replaced, in `_revisions/`."""
    table: TableConfig = TableConfig()


def _days(value: Any) -> Any:
    """Return the days that `30d`, `6w` or `2y` stands for; a year has 365."""
    if not isinstance(value, str):
        return value
    if match := re.fullmatch(r"(\d+)\s*([dwy])", value):
        return int(match[1]) * {"d": 1, "w": 7, "y": 365}[match[2]]
    raise ValueError("write a number of days, weeks or years, such as 30d, 6w or 2y")


_AGES: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": r"^\d+\s*[dwy]$"},
        {"type": "null"},
    ]
}
_Age = Annotated[
    int | None, Field(ge=0), BeforeValidator(_days), WithJsonSchema(_AGES, mode="validation")
]


class RetentionConfig(_Section):
    """How long articles are kept after the day of their publication; `newsbeam retain` removes."""

    text: _Age = None
    """Texts, such as `30d`; the row with its summary stays. Dead letters go with them."""
    rows: _Age = None
    """Whole rows, such as `2y`; older articles that are read are only counted."""

    @model_validator(mode="after")
    def _text_goes_first(self) -> "RetentionConfig":
        if self.text is not None and self.rows is not None and self.text > self.rows:
            raise ValueError("text cannot be kept longer than rows")
        return self


class RunnerConfig(_Section):
    """Where the graph runs; the keys below `name` are for engines other than this process."""

    name: Literal["local", "portable", "flink", "spark", "dataflow"] = "local"
    """`local` is this process; `portable` a job service of Beam."""
    job_endpoint: str | None = None
    """For `portable`: `host:port` of the job service."""
    master: str | None = None
    """For `flink`: `host:port` of its REST service; for `spark`: `http://host:6066`, likewise."""
    job_server_jar: str | None = None
    """For `flink` and `spark`: Beam's job server for it, a path or an address."""
    parallelism: int | None = Field(None, ge=1)
    """For `flink`: bundles at once, over all machines."""
    environment: Literal["docker", "external", "loopback"] = "docker"
    """Workers: containers of `image`, the `worker_pool` on each machine, or this process."""
    image: str | None = None
    """Container image with newsbeam and Beam's `boot`."""
    worker_pool: str | None = None
    """`host:port` of a worker pool, as the engine's machines reach it."""
    project: str | None = None
    """For `dataflow`, as the two below."""
    region: str | None = None
    """Such as `europe-west1`."""
    temp_location: str | None = None
    """A `gs://` folder."""


class RunConfig(_Section):
    """How the work is cut."""

    batch_documents: int = Field(1000, ge=1)
    """Documents in one bounded batch, after which rows are published."""
    metrics_file: str | None = None
    """File of metrics, `.prom`, that each run writes for node_exporter's textfile collector."""
    strict: bool = False
    """End with exit code 1 if inputs met a fault of newsbeam or of a plug-in; all is published."""
    lock_wait_seconds: float = Field(0, ge=0)
    """How long to wait for another process that writes to the output."""
    batch_bytes: int = Field(32 * 2**20, ge=2**10)
    """Bytes of documents that end a batch early."""
    runner: RunnerConfig = RunnerConfig()


_OWN_KAFKA_PROPERTIES = {
    "bootstrap.servers": "bootstrap_servers",
    "group.id": "group_id",
    "auto.offset.reset": "start",
    "enable.auto.commit": "nothing: offsets are committed once the engine has the messages",
}


class KafkaConfig(_Section):
    """Topics of Kafka; Beam's source of them is written in Java."""

    bootstrap_servers: str = Field(min_length=1)
    """`host:port` of some brokers, commas between them, as the engine's machines reach them."""
    topics: tuple[str, ...] = Field(min_length=1)
    """Names of topics."""
    group_id: str = Field(min_length=1)
    """Consumer group: the brokers keep for it how far it has read."""
    start: Literal["earliest", "latest"] = "earliest"
    """Where a group begins that the brokers do not know."""
    properties: dict[str, str] = {}
    """More of the consumer's, such as `security.protocol: SASL_SSL`; no credentials."""
    variables: dict[str, str] = {}
    """Property -> environment variable that holds it, for credentials: `sasl.jaas.config: JAAS`."""
    expansion_service: str | None = None
    """Path of Beam's jar of that name, which is then started, or `host:port` of one that runs."""

    @model_validator(mode="after")
    def _properties_are_free(self) -> "KafkaConfig":
        for name in (*self.properties, *self.variables):
            if own := _OWN_KAFKA_PROPERTIES.get(name):
                raise ValueError(f"property {name}: use {own}")
        for name in self.properties:
            if re.search(r"password|secret|jaas", name):
                raise ValueError(
                    f"property {name} holds a credential: name an environment variable for it in "
                    "stream.kafka.variables"
                )
        return self


class PubSubConfig(_Section):
    """Google Cloud Pub/Sub: a subscription, or a topic."""

    subscription: str | None = Field(None, pattern=r"^projects/[^/]+/subscriptions/[^/]+$")
    """`projects/PROJECT/subscriptions/NAME`."""
    topic: str | None = Field(None, pattern=r"^projects/[^/]+/topics/[^/]+$")
    """`projects/PROJECT/topics/NAME`: with a subscription that lasts as long as the run."""
    id_attribute: str | None = None
    """Attribute with the sender's own id of a message, by which the engine drops repeats."""

    @model_validator(mode="after")
    def _one_of_the_two(self) -> "PubSubConfig":
        if (self.subscription is None) == (self.topic is None):
            raise ValueError("needs subscription or topic, one of the two")
        return self


class StreamConfig(_Section):
    """Unbounded input on another engine (`run.runner`); here there is `newsbeam watch`."""

    enabled: bool = False
    """Run on until cancelled, and read the files that appear, and messages."""
    kafka: KafkaConfig | None = None
    """Topics to read besides `input.paths`."""
    pubsub: PubSubConfig | None = None
    """Likewise."""
    poll_seconds: float = Field(30, gt=0)
    """Time between two looks for new files."""
    window_seconds: float = Field(30, gt=0)
    """Articles that arrive in one such time are published together."""
    lateness_hours: float = Field(24, ge=0)
    """How late an element may come, by the engine's watermark; later ones are dropped."""
    repeat_hours: float = Field(24, gt=0)
    """How long an article is remembered, so that the models need not see it again."""

    @model_validator(mode="after")
    def _messages_never_end(self) -> "StreamConfig":
        for key in ("kafka", "pubsub"):
            if getattr(self, key) is not None and not self.enabled:
                raise ValueError(f"{key} is input that never ends: it needs stream.enabled: true")
        return self


class WatchConfig(_Section):
    """`newsbeam watch`: a process that keeps up with feeds and folders."""

    max_batch: int = Field(256, ge=1)
    """Documents in one batch, and those read ahead of it, at the most."""
    max_wait_seconds: float = Field(2, ge=0)
    """How long a document waits for others to come into its batch."""
    poll_seconds: float = Field(2, gt=0)
    """Time between two looks for new files, and for feeds that are due."""
    port: int | None = Field(None, ge=0, le=65535)
    """Port of `/healthz`, `/readyz` and `/metrics`; none of them unless it is set, 0: any free."""
    host: str = "127.0.0.1"
    """Address that `port` is on. Nothing protects it: leave it on the loopback, or in a pod."""


class Config(_Section):
    """All settings of a run."""

    input: InputConfig = InputConfig()
    fetch: FetchConfig = FetchConfig()
    clean: CleanConfig = CleanConfig()
    engines: EnginesConfig = EnginesConfig()
    cache: CacheConfig = CacheConfig()
    encoder: EncoderConfig = EncoderConfig()
    summary: SummaryConfig = SummaryConfig()
    topics: TopicsConfig = TopicsConfig()
    near: NearConfig = NearConfig()
    stories: StoriesConfig = StoriesConfig()
    output: OutputConfig = OutputConfig()
    retention: RetentionConfig = RetentionConfig()
    run: RunConfig = RunConfig()
    watch: WatchConfig = WatchConfig()
    stream: StreamConfig = StreamConfig()
    _source: str = PrivateAttr("")

    @property
    def source(self) -> str:
        """The file that names `input.paths`, for messages; "" where none of the user's does."""
        return self._source

    def read_from(self, source: str) -> "Config":
        """Return this config, with `source` as its file."""
        config = self.model_copy()
        config._source = source
        return config

    @model_validator(mode="after")
    def _phrases_are_english(self) -> "Config":
        model = self.encoder.model
        if model and "en" not in model.languages and self.topics.engine != "linear":
            raise ValueError(
                "encoder.model.languages lacks en, but topic phrases are read within English "
                "sentences; use a multilingual encoder, or topics.engine linear"
            )
        return self
