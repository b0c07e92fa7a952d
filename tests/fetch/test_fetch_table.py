"""Each row of the tables in docs/operations.md, against a real server that does what it says."""

import contextlib
import gzip
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import brotli
import pytest
import trustme
from backports import zstd
from fetch_server import Handler, Route, Site, serve

from transforms.fetch import (
    Failed,
    Fetched,
    Fetcher,
    FetchSettings,
    NotModified,
    PollOutcome,
    PollSettings,
    poll_feeds,
    unreadable,
)
from transforms.fetch.feed_state import FeedState
from transforms.fetch.health import backoff, digest
from transforms.fetch.outcomes import PASSING, Request
from transforms.redaction import Address

NOW = datetime(2026, 10, 1, 6, 30, tzinfo=UTC)
FEED = b"<rss version='2.0'><channel><item><title>News</title></item></channel></rss>"
TABLE = Path(__file__).parents[2] / "docs/operations.md"
POLL = PollSettings()
MOST = 64 << 10
HURRIED = {"silence_seconds": 0.3, "total_seconds": 0.8}
PATIENT = FetchSettings(max_bytes=MOST, max_redirects=3, host_delay_seconds=0, version="1")

Check = Callable[[Site, PollOutcome], None]


def no_check(site: Site, outcome: PollOutcome) -> None:
    """The reason and the next poll say all."""


@dataclass(frozen=True)
class Case:
    """What the server does at /feed and elsewhere, and what else is to be seen."""

    routes: dict[str, Route]
    settings: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    check: Check = no_check


def reply(status: int, body: bytes = b"", **headers: str) -> Route:
    return lambda handler: handler.reply(status, body, **headers)


def feed(*routes: Route, settings: dict[str, Any] | None = None, **before: Any) -> Case:
    """Return the case of a server with one feed."""
    return Case({"/feed": routes[0]}, settings or {}, before)


def content_is(content: bytes) -> Check:
    def check(site: Site, outcome: PollOutcome) -> None:
        assert isinstance(outcome.result, Fetched)
        assert outcome.result.content == content

    return check


def encoded(coding: str, body: bytes, check: Check = no_check) -> Case:
    return Case({"/feed": reply(200, body, Content_Encoding=coding)}, check=check)


def bare_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def silent(handler: Handler) -> None:
    handler.site.stop.wait()
    handler.close_connection = True


def slow_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    handler.drip(b"X-More: 1\r\n", every=0.02)


def started(then: Route) -> Route:
    """Answer with headers and a first part, then go on with `then`."""

    def route(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "50000")
        handler.end_headers()
        handler.wfile.write(FEED)
        handler.wfile.flush()
        then(handler)

    return route


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    while not handler.site.stop.is_set():
        handler.wfile.write(b"x" * 8192)


def no_http(handler: Handler) -> None:
    handler.wfile.write(b"220 mail.example ESMTP\r\n")
    handler.close_connection = True


def to(path: str, status: int = 301) -> Route:
    return lambda handler: handler.reply(status, Location=path)


def to_other_loopback(handler: Handler) -> None:
    handler.reply(302, Location=handler.site.url("/inside", host="localhost"))


def slow_redirect(handler: Handler) -> None:
    handler.site.stop.wait(0.2)
    further(handler)


def late(handler: Handler) -> None:
    handler.site.stop.wait(0.2)
    handler.reply(200, FEED)


def further(handler: Handler) -> None:
    handler.reply(302, Location=f"{handler.path}x")


def moved(site: Site, outcome: PollOutcome) -> None:
    assert outcome.state.permanent_url == site.url("/new")
    assert outcome.state.url == site.url("/feed")


def not_moved(site: Site, outcome: PollOutcome) -> None:
    assert isinstance(outcome.result, Fetched)
    assert outcome.result.final_url == site.url("/new")
    assert outcome.state.permanent_url is None


def validators_kept(site: Site, outcome: PollOutcome) -> None:
    assert (outcome.state.etag, outcome.state.last_modified) == ('"2"', "yesterday")
    content_is(FEED)(site, outcome)


def was_conditional(site: Site, outcome: PollOutcome) -> None:
    assert isinstance(outcome.result, NotModified)
    assert site.headers[-1]["if-none-match"] == '"1"'
    assert site.headers[-1]["if-modified-since"] == "before"
    assert outcome.state.etag == '"1"'
    assert site.bodies == 0


def not_modified(site: Site, outcome: PollOutcome) -> None:
    assert isinstance(outcome.result, NotModified)


def only_asked_for_feed(site: Site, outcome: PollOutcome) -> None:
    assert site.seen == ["/feed"]


def asked_nothing(site: Site, outcome: PollOutcome) -> None:
    assert site.seen == []


def retired(site: Site, outcome: PollOutcome) -> None:
    assert outcome.state.retired


def bytes_untouched(site: Site, outcome: PollOutcome) -> None:
    assert isinstance(outcome.result, Fetched)
    assert (outcome.result.content, outcome.result.charset) == ("Œuvre".encode(), "iso-8859-1")


BOMB = bytes(200 * MOST)
GZIPPED, BROTLIED, ZSTD = gzip.compress(FEED), brotli.compress(FEED), zstd.compress(FEED)

CASES: dict[str, Case] = {
    "ok": Case(
        {"/feed": reply(200, FEED, ETag='"2"', Last_Modified="yesterday")}, check=validators_kept
    ),
    "unchanged": Case(
        {"/feed": reply(304)},
        before={"etag": '"1"', "last_modified": "before"},
        check=was_conditional,
    ),
    "same_content": Case(
        {"/feed": reply(200, FEED)},
        before={"sha256": digest(FEED)},
        check=not_modified,
    ),
    "odd_headers": feed(
        reply(
            200,
            FEED,
            Age="\xb2",
            Cache_Control="max-age=\xb2",
            Content_Type="text/xml; charset*0*=utf-8''a; charset*0*=b",
            Expires="Mon, 99 Foo 99999 99:99:99 +9999",
            ETag="x" * 5000,
        )
    ),
    "max_age": feed(reply(200, FEED, Cache_Control="public, max-age=3600")),
    "expires": feed(
        reply(
            200,
            FEED,
            Date=format_datetime(NOW - timedelta(days=3), usegmt=True),
            Expires=format_datetime(NOW - timedelta(days=3) + timedelta(hours=2), usegmt=True),
        )
    ),
    "unasked_304": feed(reply(304)),
    "moved": Case(
        {"/feed": to("/middle", 301), "/middle": to("/new", 308), "/new": reply(200, FEED)},
        check=moved,
    ),
    "moved_for_now": Case(
        {"/feed": to("/middle", 301), "/middle": to("/new", 302), "/new": reply(200, FEED)},
        check=not_moved,
    ),
    "redirect_loop": Case({"/feed": to("/a"), "/a": to("/b"), "/b": to("/a")}),
    "too_many_redirects": Case({"": further}),
    "no_location": feed(reply(302)),
    "bad_url": feed(to("http://two words.example/")),
    "to_private": Case({"": to_other_loopback}, check=only_asked_for_feed),
    "to_file": feed(to("file:///etc/passwd")),
    "private": Case({}, {"allowed_hosts": ()}, check=asked_nothing),
    "denied": feed(reply(403, b"no")),
    "not_found": feed(reply(404, b"no")),
    "gone": Case({"/feed": reply(410)}, check=retired),
    "client_error": feed(reply(418, b"no coffee")),
    "rate_limited": feed(reply(429, Retry_After="7200")),
    "rate_limited_date": feed(
        reply(429, Retry_After=format_datetime(NOW + timedelta(hours=2), usegmt=True))
    ),
    "host_paused": Case({}),
    "host_slow": Case({}, {"host_seconds": 0.05, "per_host": 1}, {"etag": '"1"'}),
    "pass_over": Case({}, {"pass_seconds": 1e-9}, {"etag": '"1"'}, asked_nothing),
    "server_error": feed(reply(500, b"oh"), failures=3),
    "unavailable": feed(reply(503, Retry_After="7200")),
    "no_server": Case({}),
    "connect_timeout": Case({}, {"connect_seconds": 0.3}),
    "no_name": Case({}),
    "silent": feed(silent, settings=HURRIED),
    "slow_headers": feed(slow_headers, settings=HURRIED),
    "slow_redirects": Case({"": slow_redirect}, {"total_seconds": 0.8, "max_redirects": 20}),
    "stalled_body": feed(started(silent), settings=HURRIED),
    "slow_body": feed(started(lambda handler: handler.drip(b"x", 0.02)), settings=HURRIED),
    "endless_body": feed(endless),
    "announced_too_large": feed(reply(200, Content_Length=str(10 << 30))),
    "short_body": feed(started(hang_up)),
    "gzip": encoded("gzip", GZIPPED, content_is(FEED)),
    "deflate": encoded("deflate", bare_deflate(FEED), content_is(FEED)),
    "br": encoded("br", BROTLIED, content_is(FEED)),
    "zstd": encoded("zstd", ZSTD, content_is(FEED)),
    "gzip_file": Case(
        {"/feed": reply(200, GZIPPED, Content_Type="application/gzip")}, check=content_is(FEED)
    ),
    "truncated_gzip": encoded("gzip", GZIPPED[:-9]),
    "truncated_br": encoded("br", BROTLIED[:-3]),
    "truncated_zstd": encoded("zstd", ZSTD[:-5]),
    "gzip_bomb": encoded("gzip", gzip.compress(BOMB)),
    "br_bomb": encoded("br", brotli.compress(BOMB)),
    "zstd_bomb": encoded("zstd", zstd.compress(BOMB)),
    "bad_gzip": encoded("gzip", FEED),
    "unknown_encoding": encoded("compress", FEED),
    "wrong_charset": Case(
        {"/feed": reply(200, "Œuvre".encode(), Content_Type="text/xml; charset=ISO-8859-1")},
        check=bytes_untouched,
    ),
    "no_http": feed(no_http),
    "untrusted": Case({}, check=asked_nothing),
    "wrong_name": Case({}, check=asked_nothing),
    "no_tls": Case({}, check=asked_nothing),
    "no_feed": Case({"/feed": to("/new"), "/new": reply(200, b"<html>", ETag='"2"')}),
    "recovered": feed(reply(200, FEED), failures=5, last_error="stalled", last_detail="silent"),
    "move_failed": Case(
        {"/new": reply(404)}, before={"failures": 2, "permanent_url": "/new", "etag": '"1"'}
    ),
}


def rows(first: str) -> dict[str, list[str]]:
    """Return the cells of each row, by its case, of the table that begins with `first`."""
    lines = TABLE.read_text("utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| `{first}`"))
    found: dict[str, list[str]] = {}
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        case, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        found |= dict.fromkeys(re.findall(r"`([^`]+)`", case), cells)
    return found


ROWS = rows("ok")


def test_every_row_has_a_case_and_every_case_a_row() -> None:
    assert list(ROWS) == list(CASES)
    assert list(rows("robots_refused")) == list(PAGES)


def test_the_reasons_that_may_pass_are_listed() -> None:
    page = TABLE.read_text("utf-8")
    [listed] = re.findall(r"Where the reason may pass \(([^)]+)\)", page)
    assert sorted(re.findall(r"`(\w+)`", listed)) == sorted(PASSING)


def settings_for(site: Site, **changes: Any) -> FetchSettings:
    return replace(PATIENT, **{"allowed_hosts": (site.host,), **changes})


def poll(
    urls: list[str], settings: FetchSettings, states: dict[str, FeedState] | None = None
) -> dict[str, PollOutcome]:
    with Fetcher(settings, lambda: NOW) as fetcher:
        return {o.url: o for o in poll_feeds(map(Address, urls), states or {}, fetcher, POLL)}


def state_before(site: Site, case: Case) -> FeedState:
    before = dict(case.before)
    if "permanent_url" in before:
        before["permanent_url"] = site.url(before["permanent_url"])
    return FeedState(site.url("/feed"), **before)


def expected_poll(text: str, state: FeedState) -> datetime | None:
    """Return the next poll that the last cell of a row stands for."""
    failed = NOW + backoff(state.url, state.failures + 1, POLL)
    return {
        "healthy": NOW + timedelta(minutes=15),
        "an hour later": NOW + timedelta(hours=1),
        "two hours later": NOW + timedelta(hours=2),
        "back-off": failed,
        "as asked": NOW + timedelta(hours=2),
        "none": None,
        "the next pass": None,
    }[text]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls_context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def prepared(
    request: pytest.FixtureRequest, authority: trustme.CA, tmp_path: Path
) -> Iterator[tuple[str, Case, Site, dict[str, Any]]]:
    """The case, its server, and the settings to poll it with."""
    name = request.param
    case, tls = CASES[name], None
    changes = dict(case.settings)
    if name in ("untrusted", "wrong_name"):
        tls = tls_context(authority, "127.0.0.1" if name == "untrusted" else "other.example")
    if name == "wrong_name":
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        changes["ca_file"] = str(tmp_path / "ca.pem")
    with serve(case.routes, tls) as site:
        yield name, case, site, changes


@pytest.mark.parametrize("prepared", CASES, indirect=True)
def test_row(
    prepared: tuple[str, Case, Site, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, case, site, changes = prepared
    reason, _, wait = ROWS[name][1:]
    begun = time.monotonic()
    outcome = play(name, case, site, changes, monkeypatch)
    # The defaults, 20 and 60 seconds, would not do for the cases that are HURRIED.
    assert time.monotonic() - begun < 15
    result, state = outcome.result, outcome.state
    if reason == "" or name == "no_feed":
        assert isinstance(result, Fetched | NotModified), result
    else:
        assert isinstance(result, Failed), result
        assert f"`{result.reason}`" == reason or name == "move_failed", result
    if name == "no_feed":
        state = unreadable(outcome, "no_feed", "an HTML page", POLL)
        assert (state.etag, state.permanent_url, state.last_error) == (None, None, "no_feed")
    elif name == "move_failed":
        assert state.permanent_url is None
    assert state.next_poll == expected_poll(wait, outcome.before)
    if wait == "healthy":
        assert (state.failures, state.last_error, state.last_success) == (0, None, NOW)
    if wait == "back-off":
        assert state.failures == outcome.before.failures + 1
        assert state.last_error
    if wait == "the next pass":
        assert (state.failures, state.last_error, state.etag) == (0, None, '"1"')
    if "no further request" in ROWS[name][2]:
        assert site.seen == ["/feed"]
    case.check(site, outcome)


@contextlib.contextmanager
def full_queue() -> Iterator[str]:
    """Listen at an address where no connection is taken: the one that fits the queue is there."""
    with socket.socket() as listening, socket.socket() as waiting:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting.connect(listening.getsockname())
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def play(
    name: str, case: Case, site: Site, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> PollOutcome:
    """Poll the feed of a case, and return what came of it."""
    settings, url = settings_for(site, **changes), site.url("/feed")
    before = state_before(site, case)
    if name == "no_server":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{free.getsockname()[1]}"
            url = f"http://{host}/feed"
            return poll([url], replace(settings, allowed_hosts=(host,)))[url]
    if name == "connect_timeout":
        with full_queue() as host:
            url = f"http://{host}/feed"
            return poll([url], replace(settings, allowed_hosts=(host,)))[url]
    if name == "no_name":
        url = "http://nowhere.invalid/feed"

        def no_address(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", no_address)
    if name == "no_tls":
        url = url.replace("http:", "https:")
    if name == "host_paused":
        site.routes["/first"] = reply(429, Retry_After="7200")
        outcomes = poll([site.url("/first"), url], replace(settings, per_host=1))
        assert site.seen == ["/first"]
        assert outcomes[url].state.failures == 0
        return outcomes[url]
    if name == "host_slow":
        site.routes["/first"] = late
        outcomes = poll([site.url("/first"), url], settings, {url: before})
        assert site.seen == ["/first"]
        return outcomes[url]
    if "no further request" in ROWS[name][2]:
        others = [site.url("/other1"), site.url("/other2")]
        return poll([url, *others], replace(settings, per_host=1))[url]
    return poll([url], settings, {url: replace(before, url=url)})[url]


STATUSES = [
    (name, int(status))
    for name, (does, *_) in ROWS.items()
    for status in re.findall(r"\b[45]\d\d\b", does)
]


@pytest.mark.parametrize(("name", "status"), STATUSES)
def test_every_status_that_a_row_names(name: str, status: int) -> None:
    with serve({"/feed": reply(status)}) as site:
        result = poll([site.url("/feed")], settings_for(site))[site.url("/feed")].result
    assert isinstance(result, Failed)
    assert (f"`{result.reason}`", result.status) == (ROWS[name][1], status)


PAGE = b"<html><head><title>x</title></head><body>News</body></html>"


def page_with(meta: bytes) -> bytes:
    return PAGE.replace(b"<title>", meta + b"<title>")


PAGES: dict[str, dict[str, Route]] = {
    "robots_refused": {
        "/robots.txt": reply(200, b"User-agent: newsbeam\nDisallow: /page"),
        "/page": reply(200, PAGE),
    },
    "robots_unavailable": {"/robots.txt": reply(500), "/page": reply(200, PAGE)},
    "noai_header": {"/page": reply(200, PAGE, X_Robots_Tag="noai, noimageai")},
    "noai_meta": {"/page": reply(200, page_with(b"<meta name='robots' content='NoAI'>"))},
    "tdm_header": {"/page": reply(200, PAGE, tdm_reservation="1")},
    "tdm_meta": {"/page": reply(200, page_with(b"<meta name='tdm-reservation' content='1'>"))},
    "tdm_file": {
        "/.well-known/tdmrep.json": reply(200, b'[{"location": "/p*", "tdm-reservation": 1}]'),
        "/page": reply(200, PAGE),
    },
}


@pytest.mark.parametrize("name", PAGES)
def test_page_row(name: str) -> None:
    reason = rows("robots_refused")[name][1]
    with serve(PAGES[name]) as site, Fetcher(settings_for(site), lambda: NOW) as fetcher:
        outcome = fetcher.fetch(Request(site.url("/page"), page=True))
        assert isinstance(outcome, Failed)
        assert f"`{outcome.reason}`" == reason
        if name.startswith("robots"):
            assert site.count("/page") == 0
