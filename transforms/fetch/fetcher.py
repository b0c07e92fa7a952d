"""Many requests at once, as a plain generator.

An event loop in a thread of its own does the waiting, so that answers keep arriving while their
consumer is busy; only so many are fetched ahead of it.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from typing import NamedTuple, Self

import httpcore2
from anyio.from_thread import BlockingPortal, start_blocking_portal

from transforms.fetch.client import Answer, Client
from transforms.fetch.faults import own_fault
from transforms.fetch.fetch_options import FetchSettings
from transforms.fetch.freshness import fresh_until
from transforms.fetch.headers import content_type, validator
from transforms.fetch.outcomes import Failed, Fetched, FetchError, NotModified, Outcome, Request
from transforms.fetch.politeness import Hosts
from transforms.fetch.rights import page_signals
from transforms.fetch.robots import Sites
from transforms.fetch.urls import parse_url, without_credentials
from transforms.redaction import redacted

_AHEAD = 2
"""Requests in hand for each one that may be under way: those that wait for their host, and answers
not consumed yet. So `_AHEAD * concurrency * max_bytes` bounds the memory."""


class _Parts(NamedTuple):
    portal: BlockingPortal
    client: Client
    sites: Sites


class Fetcher:
    """Fetches; a context manager that holds the connections, and what is known of the sites.

    Args:
        settings: limits and politeness.
        clock: tells the time.
        backend: makes the connections, instead of one that refuses addresses that are not public.
    """

    def __init__(
        self,
        settings: FetchSettings,
        clock: Callable[[], datetime],
        backend: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._settings = settings
        self.clock = clock
        self._backend = backend
        self._stack = ExitStack()
        self._parts: _Parts | None = None
        self._under_way: set[Future[Outcome]] = set()

    def __enter__(self) -> Self:
        """Start the thread."""
        portal = self._stack.enter_context(start_blocking_portal(name="newsbeam-fetch"))
        client, sites = portal.call(self._make)
        self._stack.callback(portal.call, client.close)
        self._parts = _Parts(portal, client, sites)
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections and end the thread."""
        self._parts = None
        self._stack.close()

    def fetch_all(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Outcome]]:
        """Yield each request with its outcome, in the order in which they end.

        Requests are taken as they are needed; they may come from a generator that itself consumes
        another `fetch_all`. Neighbours for different hosts are fetched fastest.
        """
        yield from filter(None, self.fetch_or_wait(requests, None))

    def fetch_or_wait(
        self, requests: Iterable[Request], patience: float | None
    ) -> Iterator[tuple[Request, Outcome] | None]:
        """Yield as `fetch_all` does, and `None` whenever nothing ended for `patience` seconds."""
        assert self._parts, "use it in a with statement"
        portal = self._parts.portal
        pending = iter(requests)
        running: dict[Future[Outcome], Request] = {}
        try:
            while True:
                for request in islice(pending, _AHEAD * self._settings.concurrency - len(running)):
                    future = portal.start_task_soon(self._fetch, request)
                    self._under_way.add(future)
                    running[future] = request
                if not running:
                    return
                ended, _ = wait(running, patience, return_when=FIRST_COMPLETED)
                if not ended:
                    yield None
                    continue
                done = next(iter(ended))
                self._under_way.discard(done)
                yield running.pop(done), done.result()
        finally:
            for future in running:
                future.cancel()
            self._under_way -= running.keys()

    def cancel(self) -> None:
        """End all requests under way; their `fetch_all`, in other threads, has `CancelledError`."""
        for future in list(self._under_way):
            future.cancel()

    def fetch(self, request: Request) -> Outcome:
        """Return the outcome of one request."""
        ((_, outcome),) = self.fetch_all([request])
        return outcome

    async def _make(self) -> tuple[Client, Sites]:
        settings = self._settings
        hosts = Hosts(
            settings.concurrency,
            settings.per_host,
            settings.host_delay_seconds,
            self.clock,
            settings.host_seconds,
            settings.pass_seconds,
        )
        client = Client(settings, hosts, self.clock, self._backend)
        return client, Sites(client, self.clock)

    async def _fetch(self, request: Request) -> Outcome:
        assert self._parts
        now = self.clock()
        try:
            url = str(without_credentials(parse_url(request.url)))
        except FetchError as error:
            return error.failed(redacted(request.url), now)
        try:
            if not request.page:
                return outcome(url, await self._parts.client.get(request), now, ())
            return await self._fetch_page(request, url, now)
        except FetchError as error:
            return error.failed(url, now)
        except Exception as error:
            return own_fault(error).failed(url, now)

    async def _fetch_page(self, request: Request, url: str, now: datetime) -> Outcome:
        assert self._parts
        sites = self._parts.sites
        allow = sites.allow if self._settings.robots else None
        answer = await self._parts.client.get(request, allow)
        rules = await sites.tdm_rules(answer.url)
        path = answer.url.raw_path.decode("ascii")
        signals = page_signals(answer.headers, answer.content, rules, path)
        respected = [signal for signal in signals if signal in self._settings.respect]
        if respected:
            return Failed(url, respected[0], f"the site states {', '.join(respected)}", now, 200)
        return outcome(url, answer, now, signals)


def outcome(url: str, answer: Answer, now: datetime, signals: tuple[str, ...]) -> Outcome:
    """Return what `answer` means for the request of `url` made at `now`."""
    final = str(answer.url)
    permanent = final if answer.permanent else None
    etag, modified = validator(answer.headers, "etag"), validator(answer.headers, "last-modified")
    fresh = fresh_until(answer.headers, now)
    if answer.status == 304:
        return NotModified(url, final, permanent, etag, modified, fresh, now)
    media_type, charset = content_type(answer.headers)
    return Fetched(
        url, final, permanent, answer.status, media_type, charset, answer.content, etag, modified,
        fresh, now, signals,
    )  # fmt: skip
