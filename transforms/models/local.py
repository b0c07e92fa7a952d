"""What the writers that run here have in common: tokens, batches, and what came of a batch."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transforms.models.contract import (
    EMPTY,
    NOT_FINITE,
    OUT_OF_MEMORY,
    Compute,
    Instruction,
    Written,
)
from transforms.models.runtime import FiniteWatch, in_batches

_POSITIONS = ("max_encoder_position_embeddings", "max_position_embeddings", "n_positions")
_DEFAULT_INPUT = 1024
"""Tokens read where the model's config states no limit, as with newer T5 models."""


@dataclass(frozen=True)
class Generation:
    """How text is generated.

    Attributes:
        beams: of beam search; 1 is greedy.
        prefix: put before the text, as T5 models expect ("summarize: ").
    """

    beams: int = 4
    prefix: str = ""


class LocalWriter:
    """The base of a `Writer` whose model runs in this process."""

    fault = ""

    def __init__(self, tokenizer: Any, model: Any, compute: Compute, generation: Generation):
        self.usage: dict[str, int] = {"input_tokens": 0, "output_tokens": 0}
        self._lock = threading.Lock()  # batches run beside each other
        self._tokenizer, self._model = tokenizer, model
        self._compute, self._generation = compute, generation

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, without what is put around it."""
        if not texts:
            return []
        rows = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
        return [len(row) for row in rows]

    def _generate(self, rows: list[list[int]], instruction: Instruction) -> list[Written]:
        """Return what the model writes for each row of tokens, in one batch."""
        raise NotImplementedError

    def _write_rows(self, rows: list[list[int]], instruction: Instruction) -> list[Written]:
        """Return what the model writes for each row, in batches of bounded size."""
        results = [Written("", EMPTY)] * len(rows)

        def call(batch: Sequence[int]) -> list[Written]:
            return self._generate([rows[index] for index in batch], instruction)

        lengths = [len(row) for row in rows]
        for index, one in in_batches(lengths, self._compute, call, Written("", OUT_OF_MEMORY)):
            results[index] = one
        return results

    def _written(self, rows: list[list[int]], output: Any, watch: FiniteWatch) -> list[Written]:
        """Return what was generated for `rows`, as text; counts the tokens."""
        with self._lock:
            self.usage["input_tokens"] += sum(map(len, rows))
            self.usage["output_tokens"] += output.numel()
        texts = self._tokenizer.batch_decode(output, skip_special_tokens=True)
        return [judged(text, bad) for text, bad in zip(texts, watch.bad.tolist(), strict=True)]


def judged(text: str, not_finite: bool) -> Written:
    """Return what was written, or why it is none."""
    if not_finite:
        return Written("", NOT_FINITE)
    return Written(text.strip()) if text.strip() else Written("", EMPTY)


def input_limit(config: Any, tokenizer: Any) -> int:
    """Return the tokens that the model reads, special tokens included."""
    stated = [getattr(config, name, None) for name in _POSITIONS]
    limit = next((int(value) for value in stated if value), _DEFAULT_INPUT)
    return min(limit, int(tokenizer.model_max_length))
