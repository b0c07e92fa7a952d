"""Encoder-decoder summarisers: BART, distilBART, PEGASUS, T5, LED."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    DynamicCache,
    EncoderDecoderCache,
    LogitsProcessorList,
)

from transforms.models.contract import Compute, Instruction, Written, output_tokens
from transforms.models.local import Generation, LocalWriter, input_limit
from transforms.models.prompt import neutralised
from transforms.models.runtime import FiniteWatch, load_pretrained


class BeamCache(EncoderDecoderCache):
    """Keys and values of past tokens, of which only the decoder's own follow the beams.

    All beams of a text attend to the same encoded text, so what moves from beam to beam there is
    equal; to copy it at each step takes most of the time of beam search.
    """

    def reorder_cache(self, beam_idx: torch.Tensor) -> None:
        """Give each beam the past of the one that it continues."""
        self.self_attention_cache.reorder_cache(beam_idx)


class Seq2SeqWriter(LocalWriter):
    """A `Writer`; make it with `load_seq2seq`."""

    def __init__(self, tokenizer: Any, model: Any, compute: Compute, generation: Generation):
        super().__init__(tokenizer, model, compute, generation)
        self._control = tuple(tokenizer.all_special_tokens)
        around = len(tokenizer(generation.prefix)["input_ids"])
        self.max_input = input_limit(model.config, tokenizer) - around

    def write(self, texts: Sequence[str], instruction: Instruction) -> list[Written]:
        """Return a summary of each text, of at most `max_input` tokens."""
        if not texts:
            return []
        prefix = self._generation.prefix
        prepared = [prefix + neutralised(text, self._control) for text in texts]
        rows: list[list[int]] = self._tokenizer(
            prepared, truncation=True, max_length=self.max_input + self._margin(prefix)
        )["input_ids"]
        return self._write_rows(rows, instruction)

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
        decoder = self._model.config.get_text_config(decoder=True)
        shortest = self._model.generation_config.min_length or 0
        output = self._model.generate(
            **inputs,
            past_key_values=BeamCache(DynamicCache(config=decoder), DynamicCache(config=decoder)),
            num_beams=self._generation.beams,
            do_sample=False,
            max_new_tokens=most,
            min_length=min(shortest, most // 2),
            logits_processor=LogitsProcessorList([watch]),
        )
        return self._written(rows, output, watch)


def load_seq2seq(folder: str, compute: Compute, generation: Generation) -> Seq2SeqWriter:
    """Return the writer for the model in `folder`."""
    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    model = load_pretrained(AutoModelForSeq2SeqLM, folder, compute)
    model.generation_config.max_length = None  # `max_new_tokens` takes its place
    return Seq2SeqWriter(tokenizer, model, compute, generation)
