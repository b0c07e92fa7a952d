"""Polling feeds in two steps, so that a crash loses no item.

`poll_feeds` yields what each feed sent together with the state that it will then have; the caller
publishes the items, and only then commits the state. A run killed in between asks again without the
new ETag, gets the same items, and publishes them: nothing is lost, and the ids double nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Literal

import httpx2

from transforms.fetch.fetcher import Fetcher
from transforms.fetch.health import PollSettings, after, digest, settled_by
from transforms.fetch.outcomes import Failed, Fetched, FetchError, NotModified, Outcome, Request
from transforms.fetch.urls import parse_url, same_owner, without_credentials
from transforms.output.state import FeedState
from transforms.redaction import Address, redacted

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Skipped:
    """The feed was not asked: it is not due yet, or retired."""

    reason: Literal["not_due", "retired"]


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What came of one feed.

    Attributes:
        url: as configured, without credentials.
        result: what it sent, or why nothing; only `Fetched` has something to read.
        state: to be committed once the items of `result` are published; at once where there are
            none; as it was where the feed was skipped.
        before: the state until then.
    """

    url: str
    result: Outcome | Skipped
    state: FeedState
    before: FeedState


def poll_feeds(
    urls: Iterable[Address],
    states: Mapping[str, FeedState],
    fetcher: Fetcher,
    settings: PollSettings,
    *,
    force: bool = False,
) -> Iterator[PollOutcome]:
    """Yield an outcome for each feed, as `poll_or_wait` does."""
    return filter(None, poll_or_wait(urls, states, fetcher, settings, None, force=force))


def poll_or_wait(  # noqa: PLR0913 (as `poll_feeds`)
    urls: Iterable[Address],
    states: Mapping[str, FeedState],
    fetcher: Fetcher,
    settings: PollSettings,
    patience: float | None,
    *,
    force: bool = False,
) -> Iterator[PollOutcome | None]:
    """Yield an outcome for each feed: the skipped ones first, the others as they answer.

    Those asked longest ago are asked first.

    Args:
        urls: of the feeds; one named twice is polled once.
        states: of the feeds that are known.
        fetcher: makes the requests.
        settings: when feeds are due.
        patience: after so many seconds without an answer, `None` is yielded.
        force: ask feeds that are not due, and retired ones too.
    """
    now = fetcher.clock()
    known: dict[str, FeedState] = {}
    asked: list[tuple[Address, FeedState]] = []
    for configured in urls:
        url = feed_key(configured)
        if url in known:
            continue
        known[url] = state = states.get(url, FeedState(url))
        reason = None if force else skip_reason(state, now, settings)
        if reason:
            yield PollOutcome(url, Skipped(reason), state, state)
        else:
            asked.append((configured, state))
    due: dict[Request, list[str]] = {}  # feeds that moved to one address share a request
    for configured, state in sorted(asked, key=lambda feed: feed[1].last_poll or _NEVER):
        due.setdefault(request_for(configured, state), []).append(state.url)
    for answered in fetcher.fetch_or_wait(interleave(due), patience):
        if answered is None:
            yield None
            continue
        request, outcome = answered
        for url in due[request]:
            result = _unchanged(outcome, known[url])
            yield PollOutcome(url, result, after(known[url], result, settings), known[url])


def feed_key(configured: Address) -> str:
    """Return the URL that a feed is known by: redacted, as the client writes it."""
    try:
        return redacted(str(without_credentials(parse_url(configured.get_secret_value()))))
    except FetchError:  # polled nevertheless: its fault then shows among the others
        return str(configured)


def skip_reason(
    state: FeedState, now: datetime, settings: PollSettings
) -> Literal["not_due", "retired"] | None:
    """Return why a feed is not asked at `now`, or `None` where it is."""
    if state.retired:
        return "retired"
    if state.refused_by and state.refused_by != settled_by(state.last_error or "", settings.fetch):
        return None
    return "not_due" if state.next_poll and now < state.next_poll else None


def request_for(configured: Address, state: FeedState) -> Request:
    """Return the request for a feed: conditional, and to the address it moved to."""
    url = configured.get_secret_value()
    if state.permanent_url:
        owner, moved = httpx2.URL(url), httpx2.URL(state.permanent_url)
        url = state.permanent_url
        if owner.userinfo and same_owner(owner, moved):
            url = str(moved.copy_with(userinfo=owner.userinfo))
    return Request(url, state.etag, state.last_modified)


def interleave(requests: Iterable[Request]) -> list[Request]:
    """Return `requests` with the hosts taking turns, so that no one host holds up the others.

    >>> [r.url for r in interleave(map(Request, ("//a/1", "//a/2", "//b/1")))]
    ['//a/1', '//b/1', '//a/2']
    """
    hosts: dict[str, list[Request]] = {}
    for request in requests:
        hosts.setdefault(request.url.partition("//")[2].partition("/")[0], []).append(request)
    rounds = zip_longest(*hosts.values())
    return [request for turn in rounds for request in turn if request is not None]


def published(outcome: PollOutcome, new_items: int, *, waiting: bool = False) -> FeedState:
    """Return the state to commit once the items of `outcome` are published.

    A feed with an item that waits for its page is read whole again next time.

    Args:
        outcome: of the feed.
        new_items: how many of its items became new rows or revisions.
        waiting: whether the page of an item is to be tried again.
    """
    state = replace(outcome.state, new_items=new_items)
    if new_items:
        state = replace(state, last_new=outcome.state.last_poll)
    return replace(state, etag=None, last_modified=None, sha256=None) if waiting else state


def unreadable(outcome: PollOutcome, reason: str, detail: str, settings: PollSettings) -> FeedState:
    """Return the state to commit where what was fetched turns out to be no feed.

    A parking page or a login form answers 200 too: neither its ETag nor its address is kept.
    """
    assert isinstance(outcome.result, Fetched)
    failed = Failed(outcome.url, reason, detail, outcome.result.fetched_at, 200)
    return after(outcome.before, failed, settings)


def _unchanged(outcome: Outcome, state: FeedState) -> Outcome:
    """Return `NotModified` for content that is the same as last time, sent needlessly."""
    if not isinstance(outcome, Fetched) or digest(outcome.content) != state.sha256:
        return outcome
    return NotModified(
        outcome.url, outcome.final_url, outcome.permanent_url, outcome.etag,
        outcome.last_modified, outcome.fresh_until, outcome.fetched_at,
    )  # fmt: skip
