"""Times as they are typed on the command line; all are UTC."""

import re
from datetime import UTC, datetime, timedelta

from transforms.errors import ConfigError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PERIOD = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")


def span_of(text: str, option: str) -> timedelta:
    """Return the time that `text`, the value of `option`, stands for.

    >>> span_of("36h", "--silent")
    datetime.timedelta(days=1, seconds=43200)
    """
    if match := re.fullmatch(r"([0-9]{1,5})([mhdw])", text.strip().lower()):
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    raise ConfigError(f"{option} {text}: write 30m, 12h, 2d or 1w")


def start_of(text: str, now: datetime) -> datetime:
    """Return the moment that `--since` names: so long before `now`, or the start of a period.

    >>> start_of("7d", datetime(2026, 10, 8, tzinfo=UTC)).isoformat()
    '2026-10-01T00:00:00+00:00'
    """
    try:
        return period_of(text)[0] if "-" in text else now - span_of(text, "--since")
    except (ConfigError, OverflowError) as error:
        raise ConfigError(f"--since {text}: write 12h, 7d, 2w or 2026-10-01") from error


def period_of(text: str) -> tuple[datetime, datetime]:
    """Return the first moment of a day, month or year, and the first after it.

    >>> [moment.date().isoformat() for moment in period_of("2026-10")]
    ['2026-10-01', '2026-11-01']
    """
    fault = ConfigError(
        f"--date {text}: write a day, 2026-10-01, a month, 2026-10, or a year, 2026"
    )
    if not (match := _PERIOD.fullmatch(text.strip())):
        raise fault
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        start = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
        if day:
            return start, start + timedelta(days=1)
        months = 1 if month else 12
        following = start.year * 12 + start.month - 1 + months
        return start, datetime(following // 12, following % 12 + 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise fault from error
