"""robots.txt and tdmrep.json of the sites whose pages are fetched, each asked for once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import anyio
import httpx2
from protego import Protego

from transforms.fetch.client import Client
from transforms.fetch.fetch_options import AGENT
from transforms.fetch.outcomes import FetchError, Request
from transforms.fetch.rights import WELL_KNOWN, Rule, tdm_rules

KEPT = timedelta(hours=24)
"""Longest time that a robots.txt is used (RFC 9309, section 2.4)."""

KEPT_FAILURE = timedelta(minutes=10)

_MOST_BYTES = 512 << 10
"""Of a robots.txt that are read; RFC 9309 asks for 500 KiB at least."""

_LONGEST_DELAY = 30.0
"""Seconds of Crawl-delay that are obeyed."""

_ABSENT = ("client_error", "denied", "gone", "not_found")


@dataclass
class _Site:
    """What is known of one origin."""

    lock: anyio.Lock = field(default_factory=anyio.Lock)
    robots: Protego | FetchError | None = None
    robots_until: datetime | None = None
    rules: tuple[Rule, ...] | None = None


class Sites:
    """Knows what each site allows.

    Args:
        client: fetches robots.txt and tdmrep.json.
        clock: tells the time.
    """

    def __init__(self, client: Client, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._sites: dict[str, _Site] = {}

    async def allow(self, url: httpx2.URL) -> float:
        """Return the seconds that the site wants between two requests.

        Raises:
            FetchError: its robots.txt forbids `url`, or cannot be had for now, which RFC 9309 says
                forbids everything.
        """
        site = self._site(url)
        async with site.lock:
            now = self._clock()
            if site.robots_until is None or now >= site.robots_until:
                site.robots = await self._robots(url)
                failed = isinstance(site.robots, FetchError)
                site.robots_until = now + (KEPT_FAILURE if failed else KEPT)
        if isinstance(site.robots, FetchError):
            detail = f"robots.txt of {url.host} cannot be had: {site.robots.detail}"
            raise FetchError("robots_unavailable", detail, None, site.robots_until)
        return crawl_delay(site.robots, str(url)) if site.robots else 0

    async def tdm_rules(self, url: httpx2.URL) -> tuple[Rule, ...]:
        """Return the rules of the site's tdmrep.json; none where it cannot be had."""
        site = self._site(url)
        async with site.lock:
            if site.rules is None:
                content = await self._well_known(url)
                site.rules = tdm_rules(content)
        return site.rules

    async def _robots(self, url: httpx2.URL) -> Protego | FetchError:
        try:
            answer = await self._client.get(Request(str(url.join("/robots.txt"))))
        except FetchError as error:
            return Protego.parse("") if error.reason in _ABSENT else error
        return parse_robots(answer.content)

    async def _well_known(self, url: httpx2.URL) -> bytes:
        try:
            return (await self._client.get(Request(str(url.join(WELL_KNOWN))))).content
        except FetchError:
            return b""

    def _site(self, url: httpx2.URL) -> _Site:
        return self._sites.setdefault(f"{url.scheme}://{url.netloc.decode()}", _Site())


def parse_robots(content: bytes) -> Protego:
    """Return the rules of a robots.txt; broken lines are passed over."""
    return Protego.parse(content[:_MOST_BYTES].decode("utf-8-sig", "replace"))


def crawl_delay(robots: Protego, url: str) -> float:
    r"""Return the seconds that `robots` wants between two requests.

    >>> crawl_delay(parse_robots(b"User-agent: *\nCrawl-delay: 3"), "https://example.org/")
    3.0

    Raises:
        FetchError: `url` is not to be fetched.
    """
    if not robots.can_fetch(url, AGENT):
        raise FetchError("robots_refused", f"robots.txt does not let {AGENT} fetch it")
    return min(robots.crawl_delay(AGENT) or 0.0, _LONGEST_DELAY)
