import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fetch_server import Handler, Site, serve
from hypothesis import given
from hypothesis import strategies as st

from transforms.fetch import (
    Failed,
    FeedState,
    Fetched,
    Fetcher,
    FetchSettings,
    NotModified,
    PollOutcome,
    PollSettings,
    Skipped,
    commit_states,
    load_states,
    poll_feeds,
    published,
)
from transforms.fetch.health import after, backoff
from transforms.fetch.poll import feed_key, request_for
from transforms.redaction import Address

NOW = datetime(2026, 10, 1, 6, 30, tzinfo=UTC)
POLL = PollSettings()
FEED = "https://example.org/feed"
FULL = FeedState(
    FEED,
    "https://example.org/new",
    '"ä"',
    "Thu, 01 Oct 2026 06:30:00 GMT",
    "ab" * 32,
    NOW + timedelta(hours=1),
    NOW,
    NOW - timedelta(hours=1),
    "stalled",
    "the server was silent",
    3,
    7,
    True,
)


def ok(handler: Handler) -> None:
    handler.reply(200, handler.path.encode() * 100, ETag=f'"{handler.path}"')


def conditional(handler: Handler) -> None:
    if handler.headers["If-None-Match"] == f'"{handler.path}"':
        handler.reply(304)
    else:
        ok(handler)


def poll(
    site: Site,
    urls: list[str],
    states: dict[str, FeedState],
    clock: Callable[[], datetime] = lambda: NOW,
    *,
    force: bool = False,
) -> dict[str, PollOutcome]:
    settings = FetchSettings(host_delay_seconds=0, allowed_hosts=(site.host,))
    with Fetcher(settings, clock) as fetcher:
        return {
            o.url: o for o in poll_feeds(map(Address, urls), states, fetcher, POLL, force=force)
        }


def test_states_survive(tmp_path: Path) -> None:
    out = str(tmp_path)
    assert load_states(out) == {}
    plain = FeedState("https://example.org/other")
    commit_states(out, [FULL, plain])
    changed = replace(plain, etag='"2"')
    assert commit_states(out, [changed]) == {FULL.url: FULL, plain.url: changed}
    assert load_states(out) == {FULL.url: FULL, plain.url: changed}
    text = (tmp_path / "_state/feeds.json").read_text("utf-8")
    assert json.loads(text)["feeds"][0]["new_items"] == 7


def test_a_crash_before_the_commit_reads_the_items_again(tmp_path: Path) -> None:
    out = str(tmp_path)
    with serve({"": conditional}) as site:
        url = site.url("/feed")
        first = poll(site, [url], load_states(out))  # and nothing committed
        again = poll(site, [url], load_states(out))
        assert isinstance(first[url].result, Fetched)
        assert isinstance(again[url].result, Fetched)
        commit_states(out, [published(again[url], 30)])
        assert load_states(out)[url].new_items == 30
        third = poll(site, [url], load_states(out), force=True)
    assert isinstance(third[url].result, NotModified)
    assert third[url].state.new_items == 0


def test_only_due_feeds_are_asked() -> None:
    with serve({"": ok}) as site:
        urls = [site.url(f"/{name}") for name in ("due", "later", "retired", "new", "new")]
        states = {
            urls[0]: FeedState(urls[0], next_poll=NOW),
            urls[1]: FeedState(urls[1], next_poll=NOW + timedelta(seconds=1)),
            urls[2]: FeedState(urls[2], retired=True),
        }
        outcomes = poll(site, urls, states)
        assert sorted(site.seen) == ["/due", "/new"]
        assert outcomes[urls[1]].result == Skipped("not_due")
        assert outcomes[urls[2]].result == Skipped("retired")
        assert outcomes[urls[2]].state == states[urls[2]]
        forced = poll(site, urls, states, force=True)
    assert all(isinstance(outcome.result, Fetched) for outcome in forced.values())
    assert not forced[urls[2]].state.retired


def test_a_retired_feed_stays_retired_when_forced_in_vain() -> None:
    failed = Failed(FEED, "not_found", "answered 404", NOW, 404)
    state = after(FeedState(FEED, retired=True), failed, POLL)
    assert (state.retired, state.next_poll) == (True, None)


def test_the_new_address_is_asked() -> None:
    with serve({"/new": ok}) as site:
        url = site.url("/old")
        outcomes = poll(site, [url], {url: FeedState(url, permanent_url=site.url("/new"))})
    assert site.seen == ["/new"]
    assert outcomes[url].state.permanent_url == site.url("/new")


def test_feeds_that_moved_together_share_a_request() -> None:
    with serve({"/new": ok}) as site:
        urls = [site.url("/a"), site.url("/b")]
        states = {url: FeedState(url, permanent_url=site.url("/new")) for url in urls}
        outcomes = poll(site, urls, states)
    assert site.seen == ["/new"]
    assert list(outcomes) == urls


@pytest.mark.parametrize(
    ("configured", "moved", "asked"),
    [
        ("http://me:pw@a.org/x", "https://a.org/x", "https://me:pw@a.org/x"),
        ("http://me:pw@a.org/x", "https://b.org/x", "https://b.org/x"),
        ("http://a.org/x", "https://b.org/x", "https://b.org/x"),
        ("http://me:pw@a.org/x", None, "http://me:pw@a.org/x"),
    ],
)
def test_credentials_follow_a_move_within_the_host(
    configured: str, moved: str | None, asked: str
) -> None:
    configured = Address(configured)
    key = feed_key(configured)
    assert "pw" not in key
    assert request_for(configured, FeedState(key, permanent_url=moved)).url == asked


def test_a_bad_url_is_a_fault_of_its_feed() -> None:
    with serve({"": ok}) as site:
        outcomes = poll(site, ["no url", site.url("/feed")], {})
    assert outcomes["no url"].state.last_error == "scheme_refused"
    assert isinstance(outcomes[site.url("/feed")].result, Fetched)


@given(failures=st.integers(1, 10_000), url=st.text(max_size=20))
def test_backoff_bounds(failures: int, url: str) -> None:
    wait = backoff(url, failures, POLL)
    doubled = min(POLL.interval * 2 ** min(failures - 1, 20), POLL.max_interval)
    assert 0.8 * doubled <= wait <= min(1.2 * doubled, POLL.max_interval)
    assert wait == backoff(url, failures, POLL)


def test_feeds_that_fail_together_return_apart() -> None:
    waits = {backoff(f"{FEED}/{i}", 1, POLL) for i in range(100)}
    assert max(waits) - min(waits) > 0.3 * POLL.interval


def test_faults_and_recovery() -> None:
    state = FeedState(FEED, etag='"1"')
    for count in range(1, 5):
        state = after(state, Failed(FEED, "server_error", "answered 500", NOW, 500), POLL)
        assert (state.failures, state.etag, state.last_error) == (count, '"1"', "server_error")
    healthy = after(state, NotModified(FEED, FEED, None, None, None, None, NOW), POLL)
    assert (healthy.failures, healthy.last_error, healthy.etag) == (0, None, '"1"')
    assert healthy.next_poll == NOW + POLL.interval


@pytest.mark.parametrize(
    ("fresh", "wait"),
    [
        (None, timedelta(minutes=15)),
        (timedelta(minutes=1), timedelta(minutes=15)),
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(days=3), timedelta(hours=24)),
    ],
)
def test_next_poll(fresh: timedelta | None, wait: timedelta) -> None:
    fresh_until = NOW + fresh if fresh else None
    outcome = NotModified(FEED, FEED, None, None, None, fresh_until, NOW)
    assert after(FeedState(FEED), outcome, POLL).next_poll == NOW + wait


def test_a_thousand_feeds(tmp_path: Path) -> None:
    body = b"<rss>" + b"<item>thirty items of a feed</item>" * 300 + b"</rss>"  # 10 kB

    def large(handler: Handler) -> None:
        if handler.headers["If-None-Match"] == f'"{handler.path}"':
            handler.reply(304)
        else:
            handler.reply(200, body, ETag=f'"{handler.path}"')

    out = str(tmp_path)
    with serve({"": large}) as site:
        urls = [site.url(f"/{i}") for i in range(1000)]
        tracemalloc.start()
        commit_states(out, [outcome.state for outcome in each(site, urls, out)])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (site.bodies, len(site.seen), site.most_at_once) == (1000 * len(body), 1000, 2)
        assert peak < 8 << 20  # of 10 MB received
        site.seen.clear()
        site.headers.clear()
        site.bodies = 0
        second = list(each(site, urls, out))
        assert all(isinstance(outcome.result, NotModified) for outcome in second)
        assert (site.bodies, len(site.seen), site.most_at_once) == (0, 1000, 2)
        assert all(headers["if-none-match"] for headers in site.headers)


def each(site: Site, urls: list[str], out: str) -> Iterator[PollOutcome]:
    """Yield the outcomes of one run, an hour after the one before."""
    hours = timedelta(hours=1 if load_states(out) else 0)
    settings = FetchSettings(host_delay_seconds=0, allowed_hosts=(site.host,), host_seconds=600)
    with Fetcher(settings, lambda: NOW + hours) as fetcher:
        yield from poll_feeds(map(Address, urls), load_states(out), fetcher, POLL)
