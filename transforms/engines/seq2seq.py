"""Encoder-decoder summarisers: BART, distilBART, PEGASUS, T5, LED."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, LogitsProcessorList

from transforms.engines.base import (
    EMPTY,
    NOT_FINITE,
    OUT_OF_MEMORY,
    Compute,
    Instruction,
    Written,
    output_tokens,
)
from transforms.engines.prompt import neutralised
from transforms.engines.runtime import (
    FiniteWatch,
    all_cores,
    halving,
    load_pretrained,
    token_batches,
)

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


class Seq2SeqWriter:
    """A `Writer`; make it with `load_seq2seq`."""

    def __init__(self, tokenizer: Any, model: Any, compute: Compute, generation: Generation):
        self.usage: dict[str, int] = {"input_tokens": 0, "output_tokens": 0}
        self._tokenizer, self._model = tokenizer, model
        self._compute, self._generation = compute, generation
        self._control = tuple(tokenizer.all_special_tokens)
        around = len(tokenizer(generation.prefix)["input_ids"])
        self.max_input = input_limit(model.config, tokenizer) - around

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, special tokens not counted."""
        if not texts:
            return []
        rows = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
        return [len(row) for row in rows]

    def write(self, texts: Sequence[str], instruction: Instruction) -> list[Written]:
        """Return a summary of each text, of at most `max_input` tokens."""
        if not texts:
            return []
        prefix = self._generation.prefix
        prepared = [prefix + neutralised(text, self._control) for text in texts]
        rows: list[list[int]] = self._tokenizer(
            prepared, truncation=True, max_length=self.max_input + self._margin(prefix)
        )["input_ids"]
        results = [Written("", EMPTY)] * len(texts)

        def call(batch: Sequence[int]) -> list[Written]:
            return self._generate([rows[index] for index in batch], instruction)

        with all_cores():
            for batch in token_batches([len(row) for row in rows], self._compute.batch_tokens):
                for index, written in halving(batch, call, Written("", OUT_OF_MEMORY)):
                    results[index] = written
        return results

    def _margin(self, prefix: str) -> int:
        return len(self._tokenizer(prefix)["input_ids"])

    def _generate(self, rows: list[list[int]], instruction: Instruction) -> list[Written]:
        inputs = self._tokenizer.pad({"input_ids": rows}, return_tensors="pt")
        inputs = {name: value.to(self._model.device) for name, value in inputs.items()}
        inputs.pop("token_type_ids", None)
        if self._model.config.model_type == "led":
            inputs["global_attention_mask"] = torch.zeros_like(inputs["input_ids"])
            inputs["global_attention_mask"][:, 0] = 1
        watch = FiniteWatch(len(rows))
        most = output_tokens(instruction.max_words)
        shortest = self._model.generation_config.min_length or 0
        output = self._model.generate(
            **inputs,
            num_beams=self._generation.beams,
            do_sample=False,
            max_new_tokens=most,
            min_length=min(shortest, most // 2),
            logits_processor=LogitsProcessorList([watch]),
        )
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


def load_seq2seq(folder: str, compute: Compute, generation: Generation) -> Seq2SeqWriter:
    """Return the writer for the model in `folder`."""
    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    model = load_pretrained(AutoModelForSeq2SeqLM, folder, compute)
    model.generation_config.max_length = None  # `max_new_tokens` takes its place
    return Seq2SeqWriter(tokenizer, model, compute, generation)
