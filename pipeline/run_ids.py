"""The ids of runs, in whose order the runs began."""

from datetime import UTC, datetime, timedelta

from transforms.output.storage import join, list_files

_FORM = "%Y%m%dT%H%M%S.%fZ"
_LENGTH = len("20261001T063000.000000Z")

_made: list[str] = []


def new_run_id(now: datetime, root: str) -> str:
    """Return the id of the run that starts at `now`: its UTC time, to the microsecond.

    Of two runs on one output the later one has the higher id, also where a clock was wrong: an id
    that would not be higher than all that are there is the next after the highest.

    Args:
        now: the time, by this machine's clock.
        root: the output, whose lock is held.
    """
    manifests = reversed(list_files(join(root, "_runs/*.json")))
    highest = next((time for time in map(_time_of, manifests) if time), None)
    if highest is not None:
        now = max(now, highest + timedelta(microseconds=1))
    _made[:] = [f"{now:{_FORM}}"]
    return _made[0]


def _time_of(path: str) -> datetime | None:
    """Return the time that the name of a manifest begins with, `None` if that is none."""
    try:
        return datetime.strptime(path.rpartition("/")[2][:_LENGTH], _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def latest_run_id() -> str | None:
    """Return the id of the run that this process began last, which the log names."""
    return _made[0] if _made else None
