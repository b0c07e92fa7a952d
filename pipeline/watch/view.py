"""What a watching process shows: a live table on a terminal, a line for each batch in a log."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipeline.outcome import Counts
from pipeline.watch.status import Done, Status
from transforms.errors import ConfigError
from transforms.fetch import FeedState, load_states
from transforms.text.counted import counted

_FEEDS = 10
_log = logging.getLogger(__name__)


def counts_line(counts: Counts) -> str:
    """Return what became of documents.

    >>> counts_line(Counts(read=3, written=2, unchanged=1))
    '3 in = 2 written + 1 unchanged + 0 duplicate + 0 rejected'
    """
    balance = counts.balance()
    total = balance.pop("in")
    return f"{total} in = " + " + ".join(f"{count} {name}" for name, count in balance.items())


def batch_line(done: Done, status: Status) -> str:
    """Return the line that the log has for a batch."""
    return (
        f"batch {status.batches}: {counts_line(done.counts)}, {done.seconds:.1f} s, "
        f"oldest {max(done.lags):.1f} s after it was read, {status.queued} waiting"
        + f", {done.counts.faults} FAULTS OF NEWSBEAM" * bool(done.counts.faults)
        + f", {done.counts.plugin_faults.total()} faults of plug-ins"
        * bool(done.counts.plugin_faults)
    )


@contextlib.contextmanager
def shown(status: Status, output: str, console: Console) -> Iterator[Callable[[Done], None]]:
    """Show `status` while the `with` lasts; yield what is to be called after each batch."""
    if not console.is_terminal:
        yield lambda done: _log.info("%s", batch_line(done, status))
        return
    view = Live(
        get_renderable=lambda: render(status, output), console=console, refresh_per_second=2
    )
    with view:
        yield lambda done: None


def render(status: Status, output: str) -> RenderableType:
    """Return the live table."""
    lag = status.lag(50), status.lag(95)
    facts = Table.grid(padding=(0, 2))
    now = datetime.now(UTC)
    phase = f"{status.phase} {status.detail}".strip()
    facts.add_row("state", phase)
    facts.add_row("since", f"{now - status.started_at}".partition(".")[0])
    facts.add_row("documents", counts_line(status.counts))
    facts.add_row(
        "rate", f"{status.rate:.1f} a second, {counted(status.batches, 'batch', 'batches')}"
    )
    if lag[0] is not None and lag[1] is not None:
        facts.add_row("lag", f"half within {lag[0]:.1f} s, 95 % within {lag[1]:.1f} s")
    facts.add_row(
        "queue", f"{counted(status.queued, 'document')}, {status.queued_bytes / 2**20:.1f} MiB"
    )
    facts.add_row("files", str(status.files))
    for name, fault in sorted(status.faults.items()):
        facts.add_row(name, Text(fault, style="red"))
    states = _feed_states(output)
    return Group(facts, *([_feed_table(states)] if states else []))


def _feed_states(output: str) -> list[FeedState]:
    with contextlib.suppress(ConfigError, OSError):
        return sorted(load_states(output).values(), key=_worst_first)
    return []


def _worst_first(state: FeedState) -> tuple[bool, float]:
    last = state.last_poll.timestamp() if state.last_poll else 0.0
    return state.last_error is None, -last


def _feed_table(states: list[FeedState]) -> Table:
    failing = sum(state.last_error is not None for state in states)
    title = f"{counted(len(states), 'feed')}, {failing} with a fault"
    table = Table("feed", "last success", "next poll", "fault", title=title, title_justify="left")
    for state in states[:_FEEDS]:
        table.add_row(
            state.url, _clock(state.last_success), _clock(state.next_poll), state.last_error or ""
        )
    return table


def _clock(time: datetime | None) -> str:
    return f"{time:%H:%M:%S}" if time else "-"
