"""Entailment, by any sequence classifier with a label for it: all pairs together, by length."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from transforms.errors import ConfigError
from transforms.models.contract import Compute
from transforms.models.local import input_limit
from transforms.models.runtime import in_batches, load_pretrained

_CPU_TOKENS = 1024
"""Of a batch on a CPU: what a larger one computes in between fits no cache, and that costs more
than it saves."""

_FAILED = (float("nan"), float("nan"))


class NliJudge:
    """A `Judge`; make it with `load_nli`."""

    def __init__(self, tokenizer: Any, model: Any, compute: Compute, entails: int) -> None:
        self._tokenizer, self._model = tokenizer, model
        self._compute, self._entails = compute, entails
        self._limit = min(input_limit(model.config, tokenizer), 512)

    def entailment(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Return the logit of entailment and that against it: shape (pairs, 2).

        A premise is read as far as the model reaches. The sigmoid of their difference is the
        model's probability of entailment.
        """
        logits = np.full((len(pairs), 2), np.nan)
        if not pairs:
            return logits
        encoded = self._tokenizer(
            [premise for premise, _ in pairs],
            [hypothesis for _, hypothesis in pairs],
            truncation="only_first",
            max_length=self._limit,
        )
        rows = [{key: encoded[key][i] for key in encoded} for i in range(len(pairs))]
        lengths = [len(row["input_ids"]) for row in rows]

        def call(batch: Sequence[int]) -> list[tuple[float, float]]:
            return self._forward([rows[index] for index in batch])

        for index, values in in_batches(lengths, self._compute, call, _FAILED, _CPU_TOKENS):
            logits[index] = values
        return logits

    def _forward(self, rows: list[dict[str, list[int]]]) -> list[tuple[float, float]]:
        inputs = self._tokenizer.pad(rows, return_tensors="pt").to(self._model.device)
        scores = self._model(**inputs).logits.float()
        others = [i for i in range(scores.shape[1]) if i != self._entails]
        against = torch.logsumexp(scores[:, others], dim=1)
        pairs = torch.stack([scores[:, self._entails], against], dim=1)
        return [(float(a), float(b)) for a, b in pairs.tolist()]


def entailment_label(id2label: dict[int, str], folder: str) -> int:
    """Return the class that stands for entailment.

    Raises:
        ConfigError: there is none.

    >>> entailment_label({0: "not_entailment", 1: "entailment"}, "")
    1
    """
    for index, label in id2label.items():
        if label.lower().startswith("entail"):
            return int(index)
    raise ConfigError(
        f"model in {folder} has no label for entailment, but {', '.join(id2label.values())}; "
        "use a model for natural language inference"
    )


def load_nli(folder: str, compute: Compute) -> NliJudge:
    """Return the judge with the model in `folder`.

    Raises:
        ConfigError: it has no label for entailment.
    """
    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    model = load_pretrained(AutoModelForSequenceClassification, folder, compute)
    return NliJudge(tokenizer, model, compute, entailment_label(model.config.id2label, folder))
