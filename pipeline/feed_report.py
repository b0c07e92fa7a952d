"""The health of the feeds of an output, as `newsbeam feeds` shows it."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from pipeline.time_spans import span_text
from transforms.fetch import load_states
from transforms.redaction import redacted


def feed_rows(
    output: str, *, failing: bool = False, silent: timedelta | None = None, now: datetime
) -> list[dict[str, Any]]:
    """Return the state of each feed known in `output`, by its folder and address.

    `silent_since` is when it brought something new last, or was asked first if it never did.

    Args:
        output: of the runs.
        failing: only those with a fault.
        silent: only those that brought nothing new for so long.
        now: when it is asked.
    """
    states = sorted(load_states(output).values(), key=lambda state: (state.folder, state.url))
    rows = [
        asdict(state)
        | {
            "permanent_url": redacted(state.permanent_url or "") or None,
            "silent_since": state.last_new or state.first_poll or state.last_poll,
        }
        for state in states
    ]
    return [
        row
        for row in rows
        if (row["last_error"] or not failing)
        and (silent is None or row["silent_since"] is None or now - row["silent_since"] >= silent)
    ]


def print_feeds(console: Console, rows: list[dict[str, Any]], now: datetime) -> None:
    """Print `feed_rows`: the whole address of each, and below it what is known; times are UTC."""
    folder: tuple[str, ...] = ()
    for row in rows:
        if row["folder"] != folder:
            folder = row["folder"]
            console.print(Text(" / ".join(folder), style="bold underline"), soft_wrap=True)
        console.print(Text(row["url"], style="bold"), soft_wrap=True)
        facts = [
            row["title"],
            f"last new item {_ago(row['last_new'], now)}" if row["last_new"] else "nothing new yet",
            f"{row['new_items']} new",
            f"last success {_ago(row['last_success'], now)}",
            "never asked again: it is gone" if row["retired"] else _next(row["next_poll"], now),
        ]
        if row["permanent_url"]:
            facts.append(f"read at {row['permanent_url']}")
        console.print(Text("  " + " · ".join(filter(None, facts)), style="dim"), soft_wrap=True)
        if row["last_error"]:
            times = f" ({row['failures']} in a row)" if row["failures"] > 1 else ""
            fault = f"  {row['last_error']}{times}: {row['last_detail']}"
            console.print(Text(fault, style="red"), soft_wrap=True)


def _next(time: datetime | None, now: datetime) -> str:
    return f"next poll {time:%Y-%m-%d %H:%M}" if time and time > now else "due now"


def _ago(time: datetime | None, now: datetime) -> str:
    """Return a time, and how long ago that was.

    >>> from datetime import UTC
    >>> now = datetime(2026, 10, 5, 12, tzinfo=UTC)
    >>> _ago(now - timedelta(days=3), now), _ago(None, now)
    ('2026-10-02 12:00 (3 d ago)', 'never')
    """
    return (
        f"{time:%Y-%m-%d %H:%M} ({span_text((now - time).total_seconds())} ago)"
        if time
        else "never"
    )
