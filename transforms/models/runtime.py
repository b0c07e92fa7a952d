"""Running a local model of transformers: device, number format, batches by length."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch
from transformers import LogitsProcessor
from transformers.utils import logging

from transforms.models.contract import Compute
from transforms.models.device import DTYPES, choose_device, choose_format
from transforms.models.halving import halving

_LANE_TOKENS = 2048
"""Padded tokens that a batch holds at least, where there are so many: smaller ones would read all
weights for little work."""

_T = TypeVar("_T")


def load_pretrained(model_class: Any, folder: str, compute: Compute, **options: Any) -> Any:
    """Return the model in `folder`, ready to run: safetensors or GGUF, no remote code."""
    logging.disable_progress_bar()
    device = choose_device(compute.device)
    if "gguf_file" not in options:
        options["use_safetensors"] = True
    model = model_class.from_pretrained(
        folder,
        local_files_only=True,
        trust_remote_code=False,
        dtype=DTYPES[choose_format(compute.number_format, device)],
        **options,
    )
    model = model.to(device).eval()
    if compute.compile:
        model.forward = torch.compile(model.forward, dynamic=True)
    return model


def token_batches(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Return indices in batches of at most `most` padded tokens, or one text; the longest first.

    >>> token_batches([3, 9, 4, 8], 18)
    [[1, 3], [2, 0]]
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batches and lengths[batches[-1][0]] * (len(batches[-1]) + 1) <= most:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def in_batches(
    lengths: Sequence[int],
    compute: Compute,
    call: Callable[[Sequence[int]], Sequence[_T]],
    failed: _T,
    cpu_tokens: int | None = None,
) -> Iterator[tuple[int, _T]]:
    """Yield the index of each text with its result, in batches by length; see `halving`.

    On a CPU, batches run beside each other and share the cores and the budget of tokens. That is
    faster than all cores on one batch, and many times faster on a busy machine: the threads of one
    operation wait for each other.

    Args:
        lengths: tokens of each text.
        compute: how the model is run.
        call: see `halving`.
        failed: see `halving`.
        cpu_tokens: of a batch at the most on a CPU; `None`: as many as `compute` allows.
    """
    cores = len(os.sched_getaffinity(0))
    lanes = 1
    most = min(compute.batch_tokens, sum(lengths))
    if choose_device(compute.device) == "cpu" and not compute.compile:
        lanes = max(1, min(cores, compute.batch_tokens // (cpu_tokens or _LANE_TOKENS)))
        most = min(max(1, most // lanes), cpu_tokens or most)

    def run(batch: Sequence[int]) -> list[tuple[int, _T]]:
        torch.set_num_threads(max(1, cores // lanes))  # of this thread
        with torch.inference_mode():
            return list(halving(batch, call, failed))

    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(lanes, "engine") as pool:
            for results in pool.map(run, token_batches(lengths, most)):
                yield from results
    finally:
        torch.set_num_threads(before)


class FiniteWatch(LogitsProcessor):
    """Notes which texts of a batch the model gave a NaN for, and lets the others go on."""

    def __init__(self, texts: int) -> None:
        self.bad = torch.zeros(texts, dtype=torch.bool)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the scores with zeros for NaN; rows of a text's beams stand together."""
        rows = scores.isnan().any(-1)
        if rows.any():
            self.bad |= rows.view(len(self.bad), -1).any(-1).cpu()
            scores = scores.nan_to_num(0.0)
        return scores
