"""Models as values: picklable and hashable, light until called, one of each per process."""

import hashlib
import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, TypeVar

from transforms.models.contract import AUTO, Compute, Judge, Writer
from transforms.models.pinned import EMBEDDED, PinnedModel, find_model
from transforms.records import Article
from transforms.under_way import nothing_under_way

if TYPE_CHECKING:
    from transforms.models.encoder import Encoder
    from transforms.models.endpoint import Endpoint

LoadEncoder = Callable[[], "Encoder"]
LoadWriter = Callable[[], Writer]
LoadJudge = Callable[[], Judge]

VECTORS, OTHER_LANGUAGES = "vectors", "other_languages"
"""What the first and the second encoder are for."""

_T = TypeVar("_T")

_cache: dict[Hashable, Any] = {}
_cache_lock = threading.RLock()  # re-entrant: a loader may need another model


def cached_model(key: Hashable, load: Callable[[], _T]) -> _T:
    """Return what `load` returned the first time this process asked for `key`.

    The one piece of process-wide state: several steps share a model, and `watch` runs many short
    pipelines in a process that should stay warm. Everything
    that determines the result must be in `key`. Concurrent callers wait for the first one.
    """
    with _cache_lock:
        if key not in _cache:
            with nothing_under_way():
                _cache[key] = load()
        value: _T = _cache[key]
        return value


class ModelRecord(TypedDict, total=False):
    """What a run's manifest says of a model; format and device once it has been used."""

    name: str
    sha256: str
    url: str
    number_format: str
    device: str


class Loader(Protocol):
    """What loads a model."""

    def record(self, *, used: bool) -> ModelRecord:
        """Return what a manifest says of the model."""


def _record(model: PinnedModel, compute: Compute, *, used: bool) -> ModelRecord:
    record = ModelRecord(name=model.name, sha256=model.digest)
    if used:
        # Here, not above: torch takes seconds to import, wasted on a run with nothing new.
        from transforms.models.device import choose_device, choose_format  # noqa: PLC0415

        record["device"] = choose_device(compute.device)
        record["number_format"] = choose_format(compute.number_format, record["device"])
    return record


@dataclass(frozen=True)
class EncoderLoader:
    """Loads the sentence encoder.

    Attributes:
        model: its files.
        number_format: `auto`, `fp32` or `bf16`.
        device: `auto`, `cpu` or `cuda`.
    """

    model: PinnedModel
    number_format: str = AUTO
    device: str = AUTO

    def __call__(self) -> "Encoder":
        """Return this process's encoder."""
        # Here, not above: transformers takes seconds to import, wasted if nothing is encoded.
        from transforms.models.encoder import load_encoder  # noqa: PLC0415

        return load_encoder(self.model, self.number_format, self.device)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes that it knows; empty: all."""
        return self.model.languages

    @property
    def mark(self) -> bytes:
        """What tells its vectors from those of other encoders; empty for the embedded one."""
        if self.model == EMBEDDED:
            return b""
        return hashlib.sha256(self.model.digest.encode()).digest()[:8]

    def record(self, *, used: bool) -> ModelRecord:
        """Return what a manifest says of it."""
        return _record(self.model, Compute(self.device, self.number_format), used=used)


@dataclass(frozen=True)
class Encoders:
    """The encoders of a run: which one reads an article depends on its language.

    Attributes:
        first: reads what it knows, articles of unknown language, and what nobody knows.
        second: reads articles in languages that only it knows.
    """

    first: EncoderLoader
    second: EncoderLoader | None = None

    @property
    def by_use(self) -> dict[str, EncoderLoader | None]:
        """What each is for, as manifests call it."""
        return {VECTORS: self.first, OTHER_LANGUAGES: self.second}

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes that one of them knows; empty: all."""
        first, second = self.first.languages, self.second
        return first + second.languages if first and second else first

    def of(self, language: str | None) -> EncoderLoader:
        """Return the encoder that reads articles in `language`."""
        if self.second is None or language is None:
            return self.first
        known = self.first.languages
        is_for_second = known and language not in known and language in self.second.languages
        return self.second if is_for_second else self.first

    def groups(self, articles: Iterable[Article]) -> list[tuple[EncoderLoader, list[Article]]]:
        """Return the articles by the encoder that reads them."""
        found: dict[EncoderLoader, list[Article]] = {}
        for article in articles:
            found.setdefault(self.of(article.language), []).append(article)
        return list(found.items())


@dataclass(frozen=True)
class WriterLoader:
    """Loads a `Writer` that runs here.

    Attributes:
        engine: `seq2seq` or `causal`.
        model: its files.
        compute: how it is run.
        beams: see `local.Generation`.
        prefix: see `local.Generation`.
    """

    engine: str
    model: PinnedModel
    compute: Compute
    beams: int
    prefix: str = ""

    def __call__(self) -> Writer:
        """Return this process's writer.

        Raises:
            ConfigError: its files are missing or not the pinned ones.
        """
        return cached_model(self, self._load)

    def _load(self) -> Writer:
        from transforms.models.causal import load_causal  # noqa: PLC0415
        from transforms.models.local import Generation  # noqa: PLC0415
        from transforms.models.seq2seq import load_seq2seq  # noqa: PLC0415

        folder, generation = str(find_model(self.model)), Generation(self.beams, self.prefix)
        if self.engine == "seq2seq":
            return load_seq2seq(folder, self.compute, generation)
        return load_causal(folder, self.model.file, self.compute, generation)

    def record(self, *, used: bool) -> ModelRecord:
        """Return what a manifest says of it."""
        return _record(self.model, self.compute, used=used)


@dataclass(frozen=True)
class RemoteLoader:
    """Makes a `Writer` that asks an endpoint."""

    endpoint: "Endpoint"

    def __call__(self) -> Writer:
        """Return this process's writer."""
        from transforms.models.remote import RemoteWriter  # noqa: PLC0415

        return cached_model(self, lambda: RemoteWriter(self.endpoint))

    def record(self, *, used: bool) -> ModelRecord:
        """Return what a manifest says of it, used or not."""
        return ModelRecord(name=self.endpoint.model, url=str(self.endpoint.url))


@dataclass(frozen=True)
class JudgeLoader:
    """Loads a `Judge`.

    Attributes:
        model: its files.
        compute: how it is run.
    """

    model: PinnedModel
    compute: Compute

    def __call__(self) -> Judge:
        """Return this process's judge.

        Raises:
            ConfigError: its files are missing, not the pinned ones, or know no entailment.
        """
        return cached_model(self, self._load)

    def _load(self) -> Judge:
        from transforms.models.nli import load_nli  # noqa: PLC0415

        return load_nli(str(find_model(self.model)), self.compute)

    def record(self, *, used: bool) -> ModelRecord:
        """Return what a manifest says of it."""
        return _record(self.model, self.compute, used=used)
