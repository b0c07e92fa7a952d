"""When work in this process last went on, for who asks whether it is stuck.

Beam tells nobody how far a bundle is, and its workers know nothing of who runs them. So the places
that take long note it here, once for the whole process: models, endpoints, pages.
"""

import math
import time


class _Pulse:
    at = -math.inf


def beat() -> None:
    """Note that a batch of a model has come to an end, or a request; safe in any thread."""
    _Pulse.at = time.monotonic()


def last_beat() -> float:
    """Return the `time.monotonic()` of the last beat; minus infinity before the first."""
    return _Pulse.at
