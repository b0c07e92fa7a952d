"""How far work in this process is, for those who wait for it.

Beam tells nobody how far a bundle is, and its workers know nothing of who runs them. So the places
that do the work note it here, once for the whole process: each step its documents, and models,
endpoints and pages that they still move.
"""

import contextlib
import heapq
import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

SLOWEST = 10
"""Documents that are remembered as those that took longest."""


class Slow(NamedTuple):
    """A document that took long: how many seconds, in which step, where it was read."""

    seconds: float
    step: str
    place: str


class _Pulse:
    at = -math.inf
    step = ""
    documents: ClassVar[Counter[str]] = Counter()
    texts = 0
    seconds: ClassVar[defaultdict[str, float]] = defaultdict(float)
    slowest: ClassVar[list[Slow]] = []


def restart_clock() -> None:
    """Begin to measure what the steps take: a run begins."""
    _Pulse.seconds.clear()
    _Pulse.slowest.clear()


@contextlib.contextmanager
def timed(step: str, place: str = "") -> Iterator[None]:
    """Count what the body takes for `step`; one document of it, if a `place` is named."""
    began = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - began
        _Pulse.seconds[step] += seconds
        if place:
            push = heapq.heappush if len(_Pulse.slowest) < SLOWEST else heapq.heappushpop
            push(_Pulse.slowest, Slow(seconds, step, place))


def seconds_by_step() -> dict[str, float]:
    """Return what each step took since the clock began; steps beside each other count each."""
    return dict(_Pulse.seconds)


def slowest_documents() -> list[Slow]:
    """Return the documents that took longest since the clock began, the longest first."""
    return sorted(_Pulse.slowest, reverse=True)


def beat(texts: int = 0) -> None:
    """Note that a batch of a model has come to an end, or a request; safe in any thread.

    Args:
        texts: that the batch held.
    """
    _Pulse.at = time.monotonic()
    _Pulse.texts += texts


def advance(step: str) -> None:
    """Note that a step has done one more document."""
    _Pulse.step = step
    _Pulse.documents[step] += 1


def last_beat() -> float:
    """Return the `time.monotonic()` of the last beat; minus infinity before the first."""
    return _Pulse.at


def work_done() -> tuple[str, Counter[str], int]:
    """Return the step that went on last, the documents that each has done, and texts by models.

    They count from the start of the process; a few may be missing where threads count at once.
    """
    return _Pulse.step, Counter(_Pulse.documents), _Pulse.texts
