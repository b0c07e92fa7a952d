"""How far work in this process is, for those who wait for it.

Beam tells nobody how far a bundle is, and its workers know nothing of who runs them. So the places
that do the work note it here, once for the whole process: each step its documents, and models,
endpoints and pages that they still move.
"""

import math
import time
from collections import Counter
from typing import ClassVar


class _Pulse:
    at = -math.inf
    step = ""
    documents: ClassVar[Counter[str]] = Counter()
    texts = 0


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
