"""Engines as values: picklable and hashable, light until called, one engine per process."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.models.contract import Compute, Judge, Writer
from transforms.models.pinned import cached_model
from transforms.models.store import PinnedModel, find_pinned

if TYPE_CHECKING:
    from transforms.models.remote import Endpoint


@dataclass(frozen=True)
class LocalWriter:
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
        # Here, not above: transformers takes seconds to import, wasted if nothing is written.
        from transforms.models.causal import load_causal  # noqa: PLC0415
        from transforms.models.local import Generation  # noqa: PLC0415
        from transforms.models.seq2seq import load_seq2seq  # noqa: PLC0415

        folder, generation = str(find_pinned(self.model)), Generation(self.beams, self.prefix)
        if self.engine == "seq2seq":
            return load_seq2seq(folder, self.compute, generation)
        return load_causal(folder, self.model.ref.file, self.compute, generation)


@dataclass(frozen=True)
class RemoteLoader:
    """Makes a `Writer` that asks an endpoint."""

    endpoint: "Endpoint"

    def __call__(self) -> Writer:
        """Return this process's writer."""
        from transforms.models.remote import RemoteWriter  # noqa: PLC0415

        return cached_model(self, lambda: RemoteWriter(self.endpoint))


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

        return load_nli(str(find_pinned(self.model)), self.compute)
