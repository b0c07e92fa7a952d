"""The health of the feeds of an output, as `newsbeam feeds` shows it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.table import Table

from pipeline.plain_table import plain_table
from transforms.fetch import load_states
from transforms.redaction import redacted


def feed_rows(output: str, *, failing: bool) -> list[dict[str, Any]]:
    """Return the state of each feed known in `output`; only those with a fault if `failing`."""
    states = sorted(load_states(output).values(), key=lambda state: state.url)
    shown = (state for state in states if state.last_error or not failing)
    return [asdict(s) | {"permanent_url": redacted(s.permanent_url or "") or None} for s in shown]


def feeds_table(rows: list[dict[str, Any]]) -> Table:
    """Return the table of `feed_rows`; times are UTC."""
    table = plain_table(None, "feed", "last success", "new items", "next poll", "last error")
    for row in rows:
        fault = f"{row['last_error']} ({row['failures']} in a row)" if row["last_error"] else ""
        following = "never: retired" if row["retired"] else _minute(row["next_poll"])
        new_items = str(row["new_items"])
        table.add_row(row["url"], _minute(row["last_success"]), new_items, following, fault)
    return table


def _minute(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M}" if time else "-"
