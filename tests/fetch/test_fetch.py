import contextlib
import gzip
import ipaddress
import re
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli
import httpcore2
import httpx2
import pytest
import trustme
from backports import zstd
from fetch_server import Handler, Site, serve
from hypothesis import given
from hypothesis import strategies as st

from transforms.fetch import Failed, Fetched, Fetcher, FetchSettings, NotModified
from transforms.fetch.addresses import Address, GuardedBackend, is_allowed, is_public
from transforms.fetch.freshness import LONGEST, fresh_until, retry_at
from transforms.fetch.headers import content_type
from transforms.fetch.limits import decode
from transforms.fetch.outcomes import FetchError, Request
from transforms.fetch.rights import page_signals, reserved, tdm_rules
from transforms.fetch.robots import crawl_delay, parse_robots
from transforms.fetch.urls import parse_url, same_owner

NOW = datetime(2026, 10, 1, 6, 30, tzinfo=UTC)
QUICK = FetchSettings(host_delay_seconds=0)


def received(headers: dict[str, str]) -> httpx2.Headers:
    """Return headers as they come from the network."""
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return httpx2.Headers(sent, encoding="latin-1")


def ok(handler: Handler) -> None:
    handler.reply(200, handler.path.encode(), Content_Type="text/plain")


def local(site: Site, **changes: Any) -> FetchSettings:
    return replace(QUICK, **{"allowed_hosts": (site.host,), **changes})


@contextlib.contextmanager
def fetching(settings: FetchSettings, **backend: Any) -> Iterator[Fetcher]:
    with Fetcher(settings, lambda: NOW, **backend) as fetcher:
        yield fetcher


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("64:ff9b::5db8:d822", True),  # NAT64 of a public address
        ("127.0.0.1", False),
        ("127.255.0.9", False),
        ("0.0.0.0", False),  # noqa: S104 (an address to refuse)
        ("10.1.2.3", False),
        ("172.31.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("100.64.0.1", False),
        ("100.100.100.200", False),
        ("192.0.0.8", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", False),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::1", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
        ("2001:db8::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("ff0e::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    ("host", "port", "entry", "allowed"),
    [
        ("Intranet.example", 443, "intranet.example", True),
        ("intranet.example", 443, "intranet.example:443", True),
        ("intranet.example", 80, "intranet.example:443", False),
        ("x.intranet.example", 443, "intranet.example", False),
        ("::1", 8080, "[::1]:8080", True),
    ],
)
def test_allowed_hosts(host: str, port: int, entry: str, allowed: bool) -> None:
    assert is_allowed(host, port, [entry]) is allowed


class Recorder(httpcore2.AsyncNetworkBackend):
    """Notes where a connection would go, and connects to `to` instead, if given."""

    def __init__(self, to: int | None = None, dead: tuple[str, ...] = ()) -> None:
        self.to, self.dead, self.hosts = to, dead, list[str]()

    async def connect_tcp(self, host: str, port: int, *rest: Any) -> Any:  # type: ignore[override]
        self.hosts.append(host)
        if self.to is None or host in self.dead:
            raise httpcore2.ConnectError("no such luck")
        return await httpcore2.AnyIOBackend().connect_tcp("127.0.0.1", self.to, *rest)


def guard(recorder: Recorder, *answers: list[str]) -> GuardedBackend:
    """Return a guard whose resolver gives one of `answers` after the other."""
    remaining = iter(answers)

    async def resolver(host: str, port: int) -> list[Address]:
        return [ipaddress.ip_address(address) for address in next(remaining)]

    return GuardedBackend((), recorder, resolver)


def test_the_checked_address_is_connected_to() -> None:
    recorder = Recorder()
    backend = guard(recorder, ["10.0.0.1", "93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"])
    with fetching(QUICK, backend=backend) as fetcher:
        first = fetcher.fetch(Request("http://news.example/feed"))
        second = fetcher.fetch(Request("http://news.example/feed"))
    assert isinstance(first, Failed)
    assert isinstance(second, Failed)
    assert (first.reason, second.reason) == ("connect_failed", "address_refused")
    assert recorder.hosts == ["93.184.216.34"]  # resolved once, never to what a second try says


def test_the_next_address_is_tried() -> None:
    with serve({"": ok}) as site:
        recorder = Recorder(site.port, dead=("2606:2800:220:1::1",))
        backend = guard(recorder, ["2606:2800:220:1::1", "93.184.216.34"])
        with fetching(QUICK, backend=backend) as fetcher:
            outcome = fetcher.fetch(Request("http://news.example/feed"))
    assert isinstance(outcome, Fetched)
    assert recorder.hosts == ["2606:2800:220:1::1", "93.184.216.34"]
    assert site.headers[0]["host"] == "news.example"


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:7f00:1]"])
def test_disguises_of_loopback_are_refused(host: str) -> None:
    with fetching(QUICK) as fetcher:
        outcome = fetcher.fetch(Request(f"http://{host}:9/"))
    assert isinstance(outcome, Failed)
    assert outcome.reason in ("address_refused", "bad_url")


def test_tls_keeps_the_name(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("news.example").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serve({"": ok}, context) as site:
        backend = guard(Recorder(site.port), ["93.184.216.34"])
        settings = replace(QUICK, ca_file=str(tmp_path / "ca.pem"))
        with fetching(settings, backend=backend) as fetcher:
            outcome = fetcher.fetch(Request("https://news.example/feed"))
    assert isinstance(outcome, Fetched), outcome
    assert site.headers[0]["host"] == "news.example"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ftp://example.org/", "scheme_refused"),
        ("file:///etc/passwd", "scheme_refused"),
        ("feeds/a.xml", "scheme_refused"),
        ("http:///feed", "bad_url"),
        ("http://a b/", "bad_url"),
        ("http://example.org:99999/", "bad_url"),
        ("https://" + "x" * 70000, "bad_url"),
    ],
)
def test_urls_that_are_refused(text: str, reason: str) -> None:
    with fetching(QUICK) as fetcher:
        outcome = fetcher.fetch(Request(text))
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason


def test_requests_say_who_asks_and_keep_no_cookies() -> None:
    def with_cookie(handler: Handler) -> None:
        handler.reply(200, b"x", Set_Cookie="id=1")

    with serve({"": with_cookie}) as site:
        settings = local(site, version="1.2", contact="https://example.org/bot")
        with fetching(settings) as fetcher:
            for _ in range(2):
                fetcher.fetch(Request(site.url("/feed")))
    assert [headers["user-agent"] for headers in site.headers] == [
        "newsbeam/1.2 (+https://example.org/bot)"
    ] * 2
    assert not any("cookie" in headers for headers in site.headers)


def test_credentials_go_to_their_origin_only() -> None:
    with serve({"": ok}) as other:

        def away(handler: Handler) -> None:
            handler.reply(302, Location=other.url("/feed"))

        with serve({"": away}) as site:
            url = site.url("/feed").replace("http://", "http://me:se%40cret@")
            settings = local(site, allowed_hosts=(site.host, other.host))
            with fetching(settings) as fetcher:
                outcome = fetcher.fetch(Request(url))
    assert site.headers[0]["authorization"] == "Basic bWU6c2VAY3JldA=="
    assert "authorization" not in other.headers[0]
    assert outcome.url == site.url("/feed")


@pytest.mark.parametrize(
    ("owner", "url", "same"),
    [
        ("https://a.org/x", "https://a.org/y", True),
        ("http://a.org/x", "https://a.org/x", True),
        ("https://a.org/x", "http://a.org/x", False),
        ("https://a.org/x", "https://b.org/x", False),
        ("https://a.org/x", "https://a.org:8443/x", False),
        ("http://a.org:81/x", "https://a.org/x", False),
    ],
)
def test_same_owner(owner: str, url: str, same: bool) -> None:
    assert same_owner(httpx2.URL(owner), httpx2.URL(url)) is same


def test_a_closed_connection_is_opened_again() -> None:
    def once(handler: Handler) -> None:
        handler.reply(200, b"x")
        handler.connection.shutdown(2)  # after saying that it stays open
        handler.close_connection = True

    with serve({"": once}) as site, fetching(local(site)) as fetcher:
        outcomes = [fetcher.fetch(Request(site.url(f"/{i}"))) for i in range(3)]
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)


def test_one_host_gets_only_so_many_requests_at_once() -> None:
    gate = threading.Barrier(2, timeout=10)

    def together(handler: Handler) -> None:
        gate.wait()  # each request waits for its neighbour: two at once, or it times out
        ok(handler)

    with serve({"": together}) as site, fetching(local(site, per_host=2)) as fetcher:
        requests = [Request(site.url(f"/{i}")) for i in range(20)]
        outcomes = dict(fetcher.fetch_all(requests))
    assert all(isinstance(outcome, Fetched) for outcome in outcomes.values())
    assert site.most_at_once == 2
    assert [o.content.decode() for r, o in outcomes.items() if isinstance(o, Fetched)] == [
        httpx2.URL(request.url).path for request in outcomes
    ]


def test_requests_to_one_host_are_spaced() -> None:
    times: list[float] = []

    def note(handler: Handler) -> None:
        times.append(time.monotonic())
        ok(handler)

    with serve({"": note}) as site, fetching(local(site, host_delay_seconds=0.05)) as fetcher:
        list(fetcher.fetch_all(Request(site.url(f"/{i}")) for i in range(5)))
    assert times[-1] - times[0] >= 0.05 * 4 * 0.8


def test_a_slow_host_holds_up_no_other() -> None:
    free = threading.Event()

    def slow(handler: Handler) -> None:
        free.wait(10)
        ok(handler)

    with serve({"": slow}) as stuck, serve({"": ok}) as site:
        settings = local(site, concurrency=4, allowed_hosts=("localhost", site.host))
        requests = [Request(stuck.url(f"/{i}", "localhost")) for i in range(4)]
        requests += [Request(site.url(f"/{i}")) for i in range(12)]
        with fetching(settings) as fetcher:
            order = []
            for request, _ in fetcher.fetch_all(requests):
                order.append(request)
                if len(order) == 12:
                    free.set()
    assert set(order[:12]) == set(requests[4:])


def test_waiting_is_told() -> None:
    free = threading.Event()

    def slow(handler: Handler) -> None:
        free.wait(10)
        ok(handler)

    with serve({"": slow}) as site, fetching(local(site)) as fetcher:
        waited = fetcher.fetch_or_wait([Request(site.url("/1"))], 0.01)
        assert next(waited) is None
        free.set()
        assert isinstance(next(filter(None, waited))[1], Fetched)


def test_names_of_dead_servers_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    free, look_up = threading.Event(), socket.getaddrinfo

    def dead(host: str, *rest: Any, **more: Any) -> Any:
        if host.startswith("dead"):
            free.wait(10)
        return look_up("127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", dead)
    with serve({"": ok}) as site:
        settings = local(site, allowed_hosts=("news.example",), concurrency=50)
        requests = [Request(f"http://dead{i}.example/") for i in range(40)]
        requests.append(Request(site.url("/feed", "news.example")))
        with fetching(settings) as fetcher:
            request, outcome = next(fetcher.fetch_all(requests))
            free.set()
    assert request == requests[-1]
    assert isinstance(outcome, Fetched), outcome


def test_an_error_that_nobody_expected_is_a_fault_of_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def odd(headers: httpx2.Headers, now: datetime) -> None:
        if headers["content-length"] == "4":
            raise LookupError("odd header")

    with serve({"": ok}) as site, fetching(local(site)) as fetcher:
        monkeypatch.setattr("transforms.fetch.fetcher.fresh_until", odd)
        outcomes = {
            request.url[-1]: outcome
            for request, outcome in fetcher.fetch_all(
                Request(site.url(path)) for path in ("/odd", "/a", "/b")
            )
        }
    assert isinstance(outcomes["a"], Fetched)
    assert isinstance(outcomes["b"], Fetched)
    fault = outcomes["d"]
    assert isinstance(fault, Failed)
    assert fault.reason == "fault"
    assert re.match(r"LookupError in transforms\.fetch\.fetcher:\d+: odd header", fault.detail)


def test_only_so_much_is_fetched_ahead() -> None:
    settings = {"concurrency": 2, "per_host": 2}
    asked = 0

    def requests(site: Site) -> Iterator[Request]:
        nonlocal asked
        for i in range(100):
            asked += 1
            yield Request(site.url(f"/{i}"))

    with serve({"": ok}) as site, fetching(local(site, **settings)) as fetcher:
        outcomes = fetcher.fetch_all(requests(site))
        next(outcomes)
        assert asked <= 4
        outcomes.close()  # ends what is under way
        assert isinstance(fetcher.fetch(Request(site.url("/again"))), Fetched)


def test_a_loop_may_fetch_within_a_loop() -> None:
    with serve({"": ok}) as site, fetching(local(site, concurrency=2)) as fetcher:
        feeds = [Request(site.url(f"/feed{i}")) for i in range(10)]
        seen = [
            page.url
            for feed, _ in fetcher.fetch_all(feeds)
            for page, _ in fetcher.fetch_all([Request(f"{feed.url}/{i}") for i in range(3)])
        ]
    assert len(set(seen)) == 30


def test_a_bomb_is_not_held_in_memory() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    tracemalloc.start()
    with pytest.raises(FetchError, match="body_too_large"):
        decode(bomb, "gzip", 1 << 20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


CODERS = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}


@given(content=st.binary(min_size=1, max_size=5000), coding=st.sampled_from(sorted(CODERS)))
def test_codings_round_trip(content: bytes, coding: str) -> None:
    packed = CODERS[coding](content)
    assert decode(packed, coding, len(content)) == content
    assert decode(CODERS["gzip"](packed), f"{coding}, gzip", 10000) == content
    with pytest.raises(FetchError, match="body_too_large"):
        decode(packed, coding, len(content) - 1)
    with pytest.raises(FetchError, match="truncated"):
        decode(packed[:-1], coding, len(content))


@given(junk=st.binary(max_size=300), coding=st.sampled_from([*CODERS, "deflate"]))
def test_junk_is_no_crash(junk: bytes, coding: str) -> None:
    with contextlib.suppress(FetchError):
        assert len(decode(junk, coding, 1000)) <= 1000


def test_several_frames_and_junk_behind() -> None:
    parts = gzip.compress(b"one ") + gzip.compress(b"two")
    assert decode(parts + b"junk", "gzip", 100) == b"one two"
    assert decode(zstd.compress(b"one ") + zstd.compress(b"two"), "zstd", 100) == b"one two"
    with pytest.raises(FetchError, match="bad_encoding"):
        decode(gzip.compress(b"") * 100, "gzip", 100)


def test_more_codings_than_browsers_allow_are_refused() -> None:
    content = b"news"
    for _ in range(5):
        content = gzip.compress(content)
    assert decode(content, "gzip, gzip, identity, gzip, gzip, gzip", 1000) == b"news"
    with pytest.raises(FetchError, match="bad_encoding"):
        decode(gzip.compress(content), ", ".join(["gzip"] * 6), 1000)
    with pytest.raises(FetchError, match="1500 codings"):
        decode(content, ", ".join(["gzip"] * 1500), 1000)


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"cache-control": "max-age=60"}, 60),
        ({"cache-control": "public, Max-Age = 60"}, 60),
        ({"cache-control": "s-maxage=60"}, None),
        ({"cache-control": "max-age=60", "age": "20"}, 40),
        ({"cache-control": "max-age=60", "age": "90"}, None),
        ({"cache-control": "max-age=60", "age": "\xb2"}, 60),
        ({"cache-control": "max-age=60", "age": "9" * 5000}, None),
        ({"cache-control": "max-age=\xb2"}, None),
        ({"cache-control": "no-cache, max-age=60"}, None),
        ({"cache-control": "max-age=0", "expires": "Thu, 01 Oct 2026 07:30:00 GMT"}, None),
        ({"cache-control": "max-age=99999999999999999999"}, LONGEST.total_seconds()),
        ({"expires": "Thu, 01 Oct 2026 07:30:00 GMT"}, 3600),
        ({"expires": "0"}, None),
        ({"expires": "Thu, 99 Oct 2026 07:30:00 GMT"}, None),
        ({}, None),
    ],
)
def test_fresh_until(headers: dict[str, str], after: float | None) -> None:
    expected = None if after is None else NOW + timedelta(seconds=after)
    assert fresh_until(received(headers), NOW) == expected


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("120", 120),
        ("Thu, 01 Oct 2026 06:32:00 GMT", 120),
        ("Thu, 01 Oct 2026 06:00:00 GMT", None),
        ("-5", None),
        ("soon", None),
        ("99999999999", LONGEST.total_seconds()),
        ("\xb2", None),
        ("Mon, 99 Foo 99999 99:99:99 +9999", None),
    ],
)
def test_retry_at(text: str, after: float | None) -> None:
    expected = None if after is None else NOW + timedelta(seconds=after)
    assert retry_at(received({"retry-after": text}), NOW) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ("", None)),
        ("text/html", ("text/html", None)),
        ("Text/HTML; charset='utf-8'", ("text/html", "utf-8")),
        ('text/html; q=1; charset="UTF-8"; x', ("text/html", "utf-8")),
        ("application/rss+xml;charset=", ("application/rss+xml", None)),
        ("application/gzip", ("", None)),
        ("nonsense", ("", None)),
        ("text/xml; charset*0*=utf-8''a; charset*0*=b", ("text/xml", None)),
        (";;;=;charset", ("", None)),
    ],
)
def test_content_type(header: str, expected: tuple[str, str | None]) -> None:
    assert content_type(httpx2.Headers({"content-type": header})) == expected


@pytest.mark.parametrize(
    ("headers", "page", "rules", "expected"),
    [
        ({}, b"", (), ()),
        ({"x-robots-tag": "googlebot: noai"}, b"", (), ()),
        ({"x-robots-tag": "newsbeam: NoAI"}, b"", (), ("noai",)),
        ({"x-robots-tag": "unavailable_after: 1 Oct 2026, noai"}, b"", (), ("noai",)),
        ({}, b"<meta name=robots content=none>", (), ("noindex",)),
        ({}, b"<meta name=newsbeam content='noai,noindex'>", (), ("noai", "noindex")),
        ({}, b"<meta name=otherbot content=noai>", (), ()),
        ({"tdm-reservation": "1"}, b"<meta name=tdm-reservation content=0>", (), ()),
        ({"tdm-reservation": "0"}, b"", (("/", True),), ()),
        ({"tdm-reservation": "maybe"}, b"", (("/", True),), ("tdm_reserved",)),
        ({}, b"\x00\xff<<<", (("/other", True),), ()),
    ],
)
def test_signals(
    headers: dict[str, str], page: bytes, rules: tuple[Any, ...], expected: tuple[str, ...]
) -> None:
    assert page_signals(httpx2.Headers(headers), page, rules, "/news/1") == expected


@pytest.mark.parametrize(
    ("pattern", "path", "match"),
    [
        ("/", "/a", True),
        ("/a", "/b", False),
        ("/a/*.html", "/a/b.html?x", True),
        ("/a/*.html$", "/a/b.html?x", False),
        ("/a/*.html$", "/a/b.html.html", True),
        ("/a$", "/a", True),
        ("/caf%C3%A9", "/caf%C3%A9/1", True),
        ("/*a*$", "/bab", True),
        ("/a*a$", "/a", False),
    ],
)
def test_tdm_paths(pattern: str, path: str, match: bool) -> None:
    assert reserved([(pattern, True)], path) is match


def test_tdm_files() -> None:
    good = b'[{"location": "/free", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]'
    rules = tdm_rules(good)
    assert (reserved(rules, "/free/1"), reserved(rules, "/1")) == (False, True)
    for broken in (b"", b"{}", b"[1, {}]", b"\xff", b"[" * 100_000, b'[{"location": 3}]'):
        assert tdm_rules(broken) == ()


def test_robots_rules() -> None:
    robots = parse_robots(
        b"\xef\xbb\xbfUser-agent: newsbeam\nDisallow: /private\nCrawl-delay: 900\n"
        b"User-agent: *\nDisallow: /\n\xff\n"
    )
    assert crawl_delay(robots, "https://example.org/news") == 30
    with pytest.raises(FetchError, match="robots_refused"):
        crawl_delay(robots, "https://example.org/private/1")


def test_robots_is_asked_once_and_for_pages_only() -> None:
    def robots(handler: Handler) -> None:
        handler.reply(200, b"User-agent: *\nDisallow: /no")

    with serve({"/robots.txt": robots, "": ok}) as site, fetching(local(site)) as fetcher:
        assert isinstance(fetcher.fetch(Request(site.url("/no/feed"))), Fetched)
        assert site.count("/robots.txt") == 0
        pages = [Request(site.url(f"/{name}"), page=True) for name in ("a", "b", "no/c")]
        outcomes = {request.url[-1]: outcome for request, outcome in fetcher.fetch_all(pages)}
    assert site.count("/robots.txt") == 1
    assert isinstance(outcomes["a"], Fetched)
    assert isinstance(outcomes["c"], Failed)


def test_signals_that_are_not_refused_are_recorded() -> None:
    def page(handler: Handler) -> None:
        handler.reply(200, b"<p>News", X_Robots_Tag="noindex, noai")

    with serve({"/page": page}) as site, fetching(local(site, respect=())) as fetcher:
        outcome = fetcher.fetch(Request(site.url("/page"), page=True))
    assert isinstance(outcome, Fetched)
    assert outcome.signals == ("noai", "noindex")


def test_redirected_page_asks_the_robots_of_each_host() -> None:
    def robots(handler: Handler) -> None:
        handler.reply(200, b"User-agent: *\nDisallow: /")

    with serve({"/robots.txt": robots, "": ok}) as closed:

        def away(handler: Handler) -> None:
            handler.reply(302, Location=closed.url("/page"))

        with serve({"/page": away}) as site:
            settings = local(site, allowed_hosts=(site.host, closed.host))
            with fetching(settings) as fetcher:
                outcome = fetcher.fetch(Request(site.url("/page"), page=True))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "robots_refused"
    assert closed.seen == ["/robots.txt"]


def test_an_error_of_the_connection_that_nobody_expected_is_a_fault() -> None:
    class Broken(httpcore2.AsyncNetworkBackend):
        async def connect_tcp(self, *_: Any, **__: Any) -> Any:
            raise ZeroDivisionError

    with fetching(QUICK, backend=Broken()) as fetcher:
        outcome = fetcher.fetch(Request("http://news.example/"))
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.detail[:17]) == ("fault", "ZeroDivisionError")


def test_not_modified_keeps_the_connection() -> None:
    ports: set[int] = set()

    def same(handler: Handler) -> None:
        ports.add(handler.client_address[1])
        handler.reply(304, ETag='"1"')

    with serve({"": same}) as site, fetching(local(site)) as fetcher:
        outcomes = [fetcher.fetch(Request(site.url("/a"), etag='"1"')) for _ in range(3)]
    assert all(isinstance(outcome, NotModified) for outcome in outcomes)
    assert len(ports) == 1


def test_parse_url_resolves_against_a_base() -> None:
    base = parse_url("https://example.org/a/b#part")
    assert str(parse_url("../c#d", base)) == "https://example.org/c"
    assert str(parse_url("//other.example/x", base)) == "https://other.example/x"
