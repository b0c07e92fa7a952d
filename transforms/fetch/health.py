"""What an outcome does to the state of a feed: when it is asked next, and where."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from transforms.fetch.fetch_options import FetchSettings
from transforms.fetch.outcomes import Failed, Fetched, NotModified, Outcome
from transforms.output.state import FeedState

_JITTER = 0.2
"""Feeds that failed together come back spread over this part of their wait, either way."""

_MOVE_DOUBTED = 3
"""Faults in a row after which the address a feed moved to is forgotten, and the first one asked."""

_NOT_ITS_FAULT = ("host_paused", "host_slow", "pass_over")
"""Reasons that tell nothing about the feed: it was not asked."""


@dataclass(frozen=True)
class PollSettings:
    """When feeds are asked.

    Attributes:
        interval: between two requests, where the server does not say.
        max_interval: longest time between two requests, whatever Cache-Control or Expires say and
            however often it failed. Retry-After may be longer.
        fetch: how they are asked: a fault that rests on a setting is gone when that changes.
    """

    interval: timedelta = timedelta(minutes=15)
    max_interval: timedelta = timedelta(hours=24)
    fetch: FetchSettings = field(default_factory=FetchSettings)


def after(state: FeedState, outcome: Outcome, settings: PollSettings) -> FeedState:
    """Return the state of a feed after `outcome`."""
    if isinstance(outcome, Failed):
        return _after_fault(state, outcome, settings)
    moved = outcome.permanent_url or state.permanent_url
    healthy = replace(
        state,
        permanent_url=moved if moved != state.url else None,
        next_poll=next_poll(outcome, settings),
        last_poll=outcome.fetched_at,
        last_success=outcome.fetched_at,
        first_poll=state.first_poll or outcome.fetched_at,
        last_error=None,
        last_detail=None,
        refused_by=None,
        failures=0,
        new_items=0,
        retired=False,
    )
    if isinstance(outcome, NotModified):  # a 304 need not repeat them
        etag, modified = outcome.etag or state.etag, outcome.last_modified or state.last_modified
        return replace(healthy, etag=etag, last_modified=modified)
    copy = digest(outcome.content)
    return replace(healthy, etag=outcome.etag, last_modified=outcome.last_modified, sha256=copy)


_SETTLED_BY = {
    "address_refused": ("allowed_hosts",),
    "body_too_large": ("max_bytes",),
    "connect_timeout": ("connect_seconds",),
    "stalled": ("silence_seconds",),
    "tls_failed": ("ca_file",),
    "too_many_redirects": ("max_redirects",),
    "too_slow": ("total_seconds",),
}
"""Reason -> the settings that would make it another one."""


def settled_by(reason: str, settings: FetchSettings) -> str | None:
    """Return the settings that a fault rests on, with their values; `None` if on none.

    >>> settled_by("body_too_large", FetchSettings(max_bytes=1000))
    'max_bytes=1000'
    """
    values = [f"{name}={getattr(settings, name)!r}" for name in _SETTLED_BY.get(reason, ())]
    return ", ".join(values) or None


def digest(content: bytes) -> str:
    """Return the hex SHA-256 of `content`."""
    return hashlib.sha256(content).hexdigest()


def _after_fault(state: FeedState, outcome: Failed, settings: PollSettings) -> FeedState:
    if outcome.reason in _NOT_ITS_FAULT:
        return replace(state, next_poll=outcome.retry_at)
    failures, retired = state.failures + 1, state.retired or outcome.gone
    wait = outcome.fetched_at + backoff(state.url, failures, settings)
    return replace(
        state,
        permanent_url=state.permanent_url if failures < _MOVE_DOUBTED else None,
        next_poll=None if retired else max(wait, outcome.retry_at or wait),
        last_poll=outcome.fetched_at,
        first_poll=state.first_poll or outcome.fetched_at,
        last_error=outcome.reason,
        last_detail=outcome.detail,
        refused_by=settled_by(outcome.reason, settings.fetch),
        failures=failures,
        new_items=0,
        retired=retired,
    )


def next_poll(outcome: Fetched | NotModified, settings: PollSettings) -> datetime:
    """Return when a healthy feed is asked next: when it is stale, within the settings' bounds."""
    now = outcome.fetched_at
    wanted = max(outcome.fresh_until or now, now + settings.interval)
    return min(wanted, now + settings.max_interval)


def backoff(url: str, failures: int, settings: PollSettings) -> timedelta:
    """Return the wait after so many `failures` in a row: doubled each time, with jitter.

    The jitter depends on the URL and the count alone, so a test or a second run sees the same.

    >>> backoff("https://example.org/feed", 3, PollSettings()) // timedelta(minutes=1)
    68
    """
    hashed = hashlib.sha256(f"{url}\0{failures}".encode()).digest()
    unit = int.from_bytes(hashed[:8], "big") / 2**64
    factor = 1 + _JITTER * (2 * unit - 1)
    doubled: timedelta = settings.interval * (1 << min(failures - 1, 20))
    return min(doubled * factor, settings.max_interval)
