"""What work costs in processor time, so told that a busy machine cannot fail a test."""

import time
from collections.abc import Callable
from typing import Any

ROUNDS = 5
FEW_MS = 0.02
"""Seconds of work that are too few to be compared."""


def seconds(work: Callable[..., object], *arguments: object) -> float:
    """Return the seconds of processor time that this thread spends on `work(*arguments)`.

    The process's own clock would add what threads of earlier tests still do.
    """
    started = time.thread_time()
    work(*arguments)
    return time.thread_time() - started


def assert_linear(
    work: Callable[[Any], object], make: Callable[[int], Any], small: int, large: int
) -> None:
    """Assert that the time of `work(make(size))` grows with the size, not with its square.

    The least of a few rounds counts, as what else the machine does can only add to it. `large` is
    8 times `small` at least, so that twice and a half of what is linear is far from a square.
    """
    times = large / small
    assert times >= 8
    inputs = make(small), make(large)
    least = [float("inf")] * 2
    for _ in range(ROUNDS):
        least = [min(known, seconds(work, made)) for known, made in zip(least, inputs, strict=True)]
        if least[1] < 2.5 * times * max(least[0], FEW_MS / times):
            return
    raise AssertionError(f"{least[0]:.3f} s for {small:,}, {least[1]:.3f} s for {large:,}")
