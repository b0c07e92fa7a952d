"""Chat models with their own template, from safetensors or GGUF: SmolLM2, Qwen, Llama."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, LogitsProcessorList

from transforms.errors import ConfigError
from transforms.models.contract import Compute, Instruction, Written, output_tokens
from transforms.models.local import Generation, LocalWriter, input_limit
from transforms.models.prompt import messages
from transforms.models.runtime import FiniteWatch, load_pretrained

_MOST_INPUT = 4096
"""Tokens read at once, whatever the model allows: memory grows with them, attention fades."""
_LONGEST = Instruction("bullets", 500)


class CausalWriter(LocalWriter):
    """A `Writer`; make it with `load_causal`."""

    def __init__(self, tokenizer: Any, model: Any, compute: Compute, generation: Generation):
        super().__init__(tokenizer, model, compute, generation)
        self._control = tuple({*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()})
        # Half of a small window, at least, is for the article.
        window = min(input_limit(model.config, tokenizer), _MOST_INPUT)
        around = len(self._rows([""], _LONGEST)[0]) + output_tokens(100)
        self.max_input = max(window - around, window // 2)

    def _rows(self, texts: Sequence[str], instruction: Instruction) -> list[list[int]]:
        prompts = [
            self._tokenizer.apply_chat_template(
                messages(text, instruction, self._control),
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=False,  # templates that know no such switch ignore it
            )
            for text in texts
        ]
        # The template has its special tokens already.
        rows: list[list[int]] = self._tokenizer(prompts, add_special_tokens=False)["input_ids"]
        return rows

    def write(self, texts: Sequence[str], instruction: Instruction) -> list[Written]:
        """Return a summary of each text, of at most `max_input` tokens."""
        if not texts:
            return []
        return self._write_rows(self._rows(texts, instruction), instruction)

    def _generate(self, rows: list[list[int]], instruction: Instruction) -> list[Written]:
        inputs = self._tokenizer.pad({"input_ids": rows}, return_tensors="pt")
        width = inputs["input_ids"].shape[1]
        watch = FiniteWatch(len(rows))
        output = self._model.generate(
            input_ids=inputs["input_ids"].to(self._model.device),
            attention_mask=inputs["attention_mask"].to(self._model.device),
            num_beams=self._generation.beams,
            do_sample=False,
            max_new_tokens=output_tokens(instruction.max_words),
            pad_token_id=self._tokenizer.pad_token_id,
            logits_processor=LogitsProcessorList([watch]),
        )[:, width:]
        return self._written(rows, output, watch)


def load_causal(
    folder: str, gguf: str | None, compute: Compute, generation: Generation
) -> CausalWriter:
    """Return the writer for the model in `folder`; `gguf` names its weights there, if in GGUF.

    Raises:
        ConfigError: the model has no chat template, or what reads GGUF is not installed.
    """
    if gguf and not (find_spec("gguf") and find_spec("accelerate")):
        raise ConfigError("a model in GGUF needs `pip install 'newsbeam[gguf]'`")
    options: dict[str, Any] = {"gguf_file": gguf} if gguf else {}
    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, **options
    )
    if not tokenizer.chat_template:
        raise ConfigError(f"model in {folder} has no chat template; use a chat model")
    tokenizer.padding_side = "left"  # what is generated follows the prompt
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if gguf:
        # Packed weights would be computed by code that is fetched from the hub.
        options["quantization_config"] = GgufConfig(dequantize=True)
    model = load_pretrained(AutoModelForCausalLM, folder, compute, **options)
    model.generation_config.max_length = None
    for sampling in ("temperature", "top_p", "top_k"):
        setattr(model.generation_config, sampling, None)
    return CausalWriter(tokenizer, model, compute, generation)
