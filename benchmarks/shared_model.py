"""`newsbeam` with one encoder for all worker processes, for scale.py: PYTHONPATH=benchmarks.

The encoder lives in a process of its own, by Beam's MultiProcessShared; every call goes there.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from apache_beam.utils.multi_process_shared import MultiProcessShared

from pipeline import cli, settings
from transforms.models.contract import Vectors
from transforms.models.loaders import EncoderLoader, cached_model


class SharedEncoder:
    """What stands in a worker for the encoder."""

    def __init__(self, loader: EncoderLoader) -> None:
        self._loader = loader

    @cached_property
    def _encoder(self) -> Any:
        shared = MultiProcessShared(self._loader, "newsbeam-encoder", spawn_process=True)
        return shared.acquire()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of `texts`; see `Encoder.encode`."""
        vectors: Vectors = self._encoder.encode(list(texts))
        return vectors


class SharedLoader(EncoderLoader):
    """Makes `SharedEncoder`, one in each process."""

    def __call__(self) -> Any:
        """Return this process's way to the encoder."""
        loader = EncoderLoader(self.model, self.number_format)
        return cached_model(("shared", loader), lambda: SharedEncoder(loader))


def main() -> None:
    """Run the command with the encoder shared."""
    settings.EncoderLoader = SharedLoader  # type: ignore[attr-defined]
    cli.main()


if __name__ == "__main__":
    import shared_model  # workers find the classes there, not in __main__

    shared_model.main()
