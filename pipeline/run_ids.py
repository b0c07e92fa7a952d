"""The ids of runs."""

from datetime import datetime

_made: list[str] = []


def new_run_id(now: datetime) -> str:
    """Return the id of the run that starts at `now`: its UTC time, to the microsecond.

    >>> from datetime import UTC
    >>> new_run_id(datetime(2026, 10, 1, 6, 30, tzinfo=UTC))
    '20261001T063000.000000Z'
    """
    _made[:] = [f"{now:%Y%m%dT%H%M%S.%f}Z"]
    return _made[0]


def latest_run_id() -> str | None:
    """Return the id of the run that this process began last, which the log names."""
    return _made[0] if _made else None
