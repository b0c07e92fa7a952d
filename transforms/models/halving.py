"""Batches in halves where memory is short."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

from transforms.pulse import beat

_T = TypeVar("_T")


def _is_out_of_memory(error: BaseException) -> bool:
    # On a CPU, torch raises a plain RuntimeError.
    text = str(error).lower()
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or (
        isinstance(error, RuntimeError)
        and ("out of memory" in text or "can't allocate memory" in text)
    )


def in_halves(
    batch: Sequence[int], call: Callable[[Sequence[int]], _T]
) -> Iterator[tuple[Sequence[int], _T | None]]:
    """Yield `batch` with its result; where memory is short, in parts, each with its own.

    Args:
        batch: what to run together.
        call: returns the result of a part. Of an index that does not even fit alone it is `None`.
    """
    try:
        result: _T | None = call(batch)
    except (RuntimeError, MemoryError) as error:
        if not _is_out_of_memory(error):
            raise
        result = None
    if result is not None or len(batch) == 1:
        beat(len(batch))
        yield batch, result
        return
    # Outside the except block, which would keep the tensors of the failed call alive.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    middle = len(batch) // 2
    yield from in_halves(batch[:middle], call)
    yield from in_halves(batch[middle:], call)


def halving(
    batch: Sequence[int], call: Callable[[Sequence[int]], Sequence[_T]], failed: _T
) -> Iterator[tuple[int, _T]]:
    """Yield each index of `batch` with its result; see `in_halves`.

    Args:
        batch: what to run together.
        call: returns one result per index.
        failed: the result of an index that does not even fit alone.
    """
    for part, results in in_halves(batch, call):
        yield from zip(part, [failed] if results is None else results, strict=True)
