"""Texts to unit-length vectors by a sentence encoder, in the fastest safe format.

Importing this module imports torch, which takes seconds: import it where the first text is encoded.
transformers, which takes longer, is imported for kinds of model that `bert` does not know.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from transforms.heaps import trim
from transforms.models.bert import Bert, read_bert
from transforms.models.contract import AUTO, Vectors, unit
from transforms.models.device import DTYPES, choose_device, choose_format
from transforms.models.encoder_files import EncoderFiles, read_encoder_files
from transforms.models.halving import in_halves
from transforms.models.known import KnownVectors, read_known, text_key
from transforms.models.loaders import cached_model
from transforms.models.multilingual import read_multilingual
from transforms.models.pinned import EMBEDDED, MULTILINGUAL, PinnedModel, find_model
from transforms.text.news_lines import news_lines

TOKENS_PER_BATCH = 1024
"""Padded tokens in one forward pass at the most. Fewer, and calls cost more than arithmetic; more,
and what is computed in between fits no cache: benchmarks/precision.py."""

_TESTED_ROWS = ((8, (1, 3, 5, 31), 128), (48, (1, 2, 3), 5), (256, (1, 3), 4))
"""Padded length, and the numbers of rows with which a text's vector is compared with that among
more rows. At few tokens in all, kernels for matrices change."""
_DEVICE_TOKENS = 16_384
"""The same on a GPU, where a call costs little and few rows leave it idle."""
_TOKEN_CHARACTERS = 128
"""More than a token stands for, but for a word of more than a hundred letters."""
_TEXTS_AT_ONCE = 256
"""Texts that are cut into tokens together."""

_ALIKE = 0.6
"""Length of the mean vector of lines of news from which it hides in what they differ
(benchmarks/languages.py prints that of both encoders)."""


def padded_length(length: int, max_tokens: int) -> int:
    """Return the length that a text of `length` tokens is padded to: few values, little waste.

    >>> [padded_length(length, 256) for length in (3, 8, 9, 70, 200, 256)]
    [8, 8, 16, 80, 224, 256]
    """
    step = 8 if length <= 64 else 16 if length <= 128 else 32
    return min(max_tokens, -(-length // step) * step)


def micro_batches(
    lengths: Sequence[int], tokens: int, max_tokens: int
) -> Iterator[tuple[int, int, list[int]]]:
    """Yield (most rows, padded length, indices of at most so many texts) for texts to run together.

    Rows times length is at most `tokens`, or one text.

    >>> list(micro_batches([5, 9, 2, 9, 11], 32, 256))
    [(4, 8, [0, 2]), (2, 16, [1, 3]), (2, 16, [4])]
    """
    groups: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        groups.setdefault(padded_length(length, max_tokens), []).append(index)
    for width, indices in sorted(groups.items()):
        rows = max(1, tokens // width)
        for start in range(0, len(indices), rows):
            yield rows, width, indices[start : start + rows]


class Encoder:
    """A tokenizer and a model in one number format, on one device; make it with `load_encoder`.

    Attributes:
        files: what its files say of how vectors are made.
        number_format: one of `FORMATS`.
        device: where the model is.
        tokens: padded ones in one forward pass, at the most.
        fills: whether every batch of a length gets the same number of rows, with blank ones.
        centre: what all vectors have in common and is taken from them, where it is much.
        known: vectors that need not be computed.
    """

    centre: Vectors | None = None
    known: KnownVectors = MappingProxyType({})

    def __init__(self, files: EncoderFiles, tokenizer: Any, model: Any, number_format: str) -> None:
        self.files = files
        self.number_format = number_format
        self.device: torch.device = model.device
        self.tokens = TOKENS_PER_BATCH if self.device.type == "cpu" else _DEVICE_TOKENS
        self._tokenizer = tokenizer
        self._model = model
        self.fills = not self._rounds_alike()
        if self.fills and isinstance(model, Bert):
            # With blank rows, numbers of tokens still differ.
            model.packs = False
            self.fills = not self._rounds_alike()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text: float32, shape (len(texts), dim), unit length.

        The mean of the last layer over all tokens, or its first token (`files.pooling`), as
        sentence-transformers computes it; only the first `files.max_tokens` tokens of a text are
        read. A text's vector is the same, bit by bit, whatever else is encoded with it, and
        whatever the number of cores. Pass many texts at once: a call for a few rows costs nearly
        as much as one for many, and what is given twice is computed once. A text that does not fit
        into memory alone has NaN for a vector.

        On a processor, micro-batches run beside each other, one core each: that is faster than all
        cores on one, and no core waits for another (benchmarks/speed.py). On a GPU one follows the
        other, and results are fetched while the next is computed.
        """
        keys = {text: text_key(text) for text in texts} if self.known else {}
        found = {text: self.known[key] for text, key in keys.items() if key in self.known}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        found |= zip(new, self.computed(new), strict=True)
        vectors = np.array([found[text] for text in texts], np.float32)
        vectors = vectors.reshape(len(texts), self.files.dim)
        return vectors if self.centre is None else unit(vectors - self.centre)

    def computed(self, texts: Sequence[str]) -> Vectors:
        """Return what the model gives for each text, known or not; the centre is not taken."""
        vectors = np.full((len(texts), self.files.dim), np.nan, np.float32)
        ids = list(self._ids(texts))
        lengths = [len(row) for row in ids]
        batches = list(micro_batches(lengths, self.tokens, self.files.max_tokens))

        def run(shaped: tuple[int, int, list[int]]) -> list[tuple[Sequence[int], Any]]:
            rows, width, batch = shaped

            def call(part: Sequence[int]) -> torch.Tensor:
                fill = rows if self.fills and len(part) == len(batch) else len(part)
                return self._forward([ids[index] for index in part], fill, width)[: len(part)]

            with torch.inference_mode():  # holds for one thread
                done = list(in_halves(batch, call))
            if rows * width > self.tokens // 2:
                trim()  # what is computed in between leaves more and more holes
            return done

        longest_first = reversed(batches)  # all cores end together
        with ThreadPoolExecutor(self._lanes(), "encode") as pool:
            for done in pool.map(run, longest_first):
                for part, found in done:
                    if found is not None:
                        vectors[part] = found.cpu().numpy()
        return vectors

    def find_centre(self) -> None:
        """Take from all vectors what lines of news have in common, where that is much.

        Unrelated texts then have low cosines, as the thresholds expect.
        """
        mean = self.encode(news_lines()).mean(axis=0)
        if np.linalg.norm(mean) >= _ALIKE:
            self.centre = mean

    def _forward(self, ids: Sequence[Sequence[int]], rows: int, width: int) -> torch.Tensor:
        return forward(self._model, ids, rows, width, self.files.pooling)

    def _lanes(self) -> int:
        return len(os.sched_getaffinity(0)) if self.device.type == "cpu" else 1

    def _rounds_alike(self) -> bool:
        """Return whether a text's vector is the same in batches of any number of rows.

        Kernels for matrices may round differently for different shapes, which depends on the
        device and the number format. Tried with a few shapes, in a fraction of a second: all layers
        are of the same shapes, so the first one tells.
        """
        with self._model.shallow() if isinstance(self._model, Bert) else nullcontext():
            return self._is_alike()

    def _is_alike(self) -> bool:
        for wanted_width, few, many in _TESTED_ROWS:
            width = min(wanted_width, self.files.max_tokens)
            ids = [[3 + row % 50] * (width - row % 7) for row in range(many)]
            with torch.inference_mode():
                wanted = self._forward(ids, many, width)
                alike = [torch.equal(self._forward(ids[:n], n, width), wanted[:n]) for n in few]
            if not all(alike):
                return False
        return True

    def _ids(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Yield the tokens of each text, some at a time: what a tokenizer says of each is much."""
        most = self.files.max_tokens * _TOKEN_CHARACTERS
        prompt, lower = self.files.prompt, self.files.lower_case
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            part = [text[:most] for text in texts[start : start + _TEXTS_AT_ONCE]]
            prepared = [prompt + (text.lower() if lower else text) for text in part]
            yield from (encoding.ids for encoding in self._tokenizer.encode_batch(prepared))


def forward(
    model: Any, ids: Sequence[Sequence[int]], rows: int, width: int, pooling: str
) -> torch.Tensor:
    """Return the vectors of one micro-batch: float32, shape (rows, dim), on the model's device.

    Args:
        model: on any device.
        ids: the tokens of some texts.
        rows: of the batch; those beyond the texts are blank.
        width: tokens of each row.
        pooling: see `pooled`.
    """
    tokens = np.full((rows, width), model.config.pad_token_id or 0, np.int64)
    mask = np.zeros_like(tokens)
    mask[:, 0] = 1  # A blank row needs one token to look at.
    for row, sequence in enumerate(ids):
        tokens[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
    inputs = torch.from_numpy(tokens).to(model.device)
    attention = torch.from_numpy(mask).to(model.device)
    return pooled(model(input_ids=inputs, attention_mask=attention)[0], attention, pooling)


def pooled(hidden: torch.Tensor, attention: torch.Tensor, pooling: str) -> torch.Tensor:
    """Return the vectors of rows of tokens: float32, shape (rows, dim), unit length.

    Args:
        hidden: the last layer, shape (rows, tokens, dim).
        attention: 1 for a token, 0 for what fills up; shape (rows, tokens), on the same device.
        pooling: `mean` or `cls`, see `EncoderFiles`.
    """
    if pooling == "cls":
        return torch.nn.functional.normalize(hidden[:, 0].float(), dim=1)
    weights = attention.unsqueeze(-1).float()
    mean = (hidden.float() * weights).sum(1) / weights.sum(1)
    return torch.nn.functional.normalize(mean, dim=1)


def _load(pinned: PinnedModel, number_format: str, device: str) -> Encoder:
    folder = find_model(pinned)
    torch.set_num_threads(1)  # of one operation: `encode` uses the cores
    if pinned == MULTILINGUAL:
        parts = read_multilingual(folder / str(pinned.file), DTYPES[number_format])
    else:
        parts = _read_folder(folder, number_format, mapped=pinned.provider != "path")
    files, tokenizer, model = parts
    encoder = Encoder(files, tokenizer, model.to(device).eval(), number_format)
    encoder.known = read_known(pinned, number_format)
    trim()  # reading a model takes more than keeping it
    if pinned != EMBEDDED:  # which is known to need none
        encoder.find_centre()
    return encoder


def _read_folder(
    folder: Path, number_format: str, *, mapped: bool
) -> tuple[EncoderFiles, Any, Any]:
    """Return how vectors are made, the tokenizer and the model in a folder."""
    files = read_encoder_files(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(files.max_tokens)
    dtype = DTYPES[number_format]
    return files, tokenizer, read_bert(folder, dtype, mapped=mapped) or _other_model(folder, dtype)


def _other_model(folder: Path, dtype: torch.dtype) -> Any:
    """Return a model of a kind that `bert` does not know."""
    from transformers import AutoModel  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()
    return AutoModel.from_pretrained(
        str(folder),
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        dtype=dtype,
    )


def load_encoder(model: PinnedModel, number_format: str = AUTO, device: str = "cpu") -> Encoder:
    """Return this process's encoder for these settings, loaded the first time it is asked for.

    Args:
        model: its files.
        number_format: `auto`, `fp32` or `bf16`.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        ConfigError: the model cannot be found or is not the pinned one, or `number_format` is
            unknown, or there is no such device.
    """
    where = choose_device(device)
    chosen = choose_format(number_format, where)
    return cached_model(("encoder", model, chosen, where), lambda: _load(model, chosen, where))
