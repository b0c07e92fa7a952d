"""One GET and the redirects it leads to, within limits of time, size and place."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import anyio
import httpcore2
import httpx2

from transforms.compression import GZIP_MAGIC
from transforms.fetch.addresses import GuardedBackend
from transforms.fetch.faults import status_fault, transport_fault
from transforms.fetch.fetch_options import FetchSettings
from transforms.fetch.freshness import retry_at
from transforms.fetch.limits import ACCEPT_ENCODING, decode, read_body
from transforms.fetch.outcomes import FetchError, Request
from transforms.fetch.politeness import Hosts
from transforms.fetch.urls import (
    basic_authorization,
    parse_url,
    same_owner,
    without_credentials,
)

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9,"
    " text/html;q=0.9, */*;q=0.8"
)

_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)

Allow = Callable[[httpx2.URL], Awaitable[float]]
"""Raises FetchError where a URL may not be fetched; returns the delay its host asks for."""


@dataclass(frozen=True)
class Answer:
    """What a server said.

    Attributes:
        url: where, after redirects.
        permanent: whether there were redirects, all permanent.
        status: 200 or 304, or of a redirect.
        headers: as sent.
        content: decoded body; empty unless the status is 200.
    """

    url: httpx2.URL
    permanent: bool
    status: int
    headers: httpx2.Headers
    content: bytes


class Client:
    """Makes requests; must be used and closed on one event loop.

    Args:
        settings: limits.
        hosts: gives places for requests.
        clock: tells the time.
        backend: makes the connections.
    """

    def __init__(
        self,
        settings: FetchSettings,
        hosts: Hosts,
        clock: Callable[[], datetime],
        backend: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._settings = settings
        self._hosts = hosts
        self._clock = clock
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=_ssl_context(settings.ca_file),
            max_connections=settings.concurrency,
            keepalive_expiry=settings.silence_seconds,
            network_backend=backend or GuardedBackend(settings.allowed_hosts),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def get(self, request: Request, allow: Allow | None = None) -> Answer:
        """Return the answer to `request`, after its redirects.

        Args:
            request: what to get.
            allow: asked before each request, the redirected ones too.

        Raises:
            FetchError: there is no content, or it may not be had.
        """
        url = parse_url(request.url)
        credentials, owner = basic_authorization(url), url
        url = without_credentials(url)
        seen = [str(url)]
        permanent, left = True, self._settings.total_seconds
        while True:
            delay = await allow(url) if allow else 0
            headers = self._headers(request)
            if credentials and same_owner(owner, url):
                headers["authorization"] = credentials
            async with self._hosts.place(url.host, delay):
                started = anyio.current_time()
                answer = await self._exchange(url, headers, left)
                left -= anyio.current_time() - started
                self._heed(answer)
            if answer.status not in _REDIRECTS:
                return self._accept(answer, request, permanent=permanent and len(seen) > 1)
            permanent = permanent and answer.status in _PERMANENT
            url = self._next_url(answer, seen)

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {
            "user-agent": self._settings.user_agent,
            "accept": ACCEPT,
            "accept-encoding": ACCEPT_ENCODING,
        }
        if request.etag:
            headers["if-none-match"] = request.etag
        if request.last_modified:
            headers["if-modified-since"] = request.last_modified
        return headers

    async def _exchange(self, url: httpx2.URL, headers: dict[str, str], seconds: float) -> Answer:
        """Return the answer of one server to one request, given within so many `seconds`.

        A connection kept open may have been closed by the server in the meantime, so one that ends
        before any answer is tried once more.
        """
        try:
            with anyio.fail_after(max(0, seconds)):
                try:
                    return await self._send(url, headers)
                except (httpcore2.RemoteProtocolError, httpcore2.ReadError, httpcore2.WriteError):
                    return await self._send(url, headers)
        except TimeoutError as error:
            raise FetchError(
                "too_slow", "no whole answer in fetch.total_seconds, redirects included"
            ) from error
        except _TRANSPORT_ERRORS as error:
            raise transport_fault(error, answered=False) from error

    async def _send(self, url: httpx2.URL, headers: dict[str, str]) -> Answer:
        target = httpcore2.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        sent = [("host", url.netloc.decode()), *headers.items()]
        async with self._pool.stream(
            "GET",
            target,
            headers=[(name.encode(), value.encode("latin-1")) for name, value in sent],
            extensions={"timeout": self._timeouts()},
        ) as response:
            received = httpx2.Headers(response.headers, encoding="latin-1")
            try:
                content = await self._content(response, received)
            except _TRANSPORT_ERRORS as error:
                raise transport_fault(error, answered=True) from error
            return Answer(url, False, response.status, received, content)

    def _timeouts(self) -> dict[str, float]:
        silence = self._settings.silence_seconds
        return {"connect": self._settings.connect_seconds, "read": silence, "write": silence}

    async def _content(self, response: httpcore2.Response, headers: httpx2.Headers) -> bytes:
        """Return the decoded body of a 200; other bodies are not read."""
        most = self._settings.max_bytes
        if response.status == 304:  # has no body; reading its end lets the connection be kept
            most = 0
        elif response.status != 200:
            return b""
        body = await read_body(response.aiter_stream(), headers.get("content-length"), most)
        content = decode(body, headers.get("content-encoding", ""), most)
        # A file that is packed itself (sitemap.xml.gz), or packed twice by mistake.
        return decode(content, "gzip", most) if content.startswith(GZIP_MAGIC) else content

    def _accept(self, answer: Answer, request: Request, *, permanent: bool) -> Answer:
        """Return the last answer, if it brings content or confirms what is held."""
        conditional = request.etag or request.last_modified
        if answer.status == 200 or (answer.status == 304 and conditional):
            return replace(answer, permanent=permanent)
        raise status_fault(answer.status, answer.headers, self._clock())

    def _heed(self, answer: Answer) -> None:
        """Leave a host alone that says it is overloaded, for as long as it says."""
        until = retry_at(answer.headers, self._clock())
        if until and answer.status in (429, 503):
            self._hosts.pause(answer.url.host, until)

    def _next_url(self, answer: Answer, seen: list[str]) -> httpx2.URL:
        """Return where a redirect leads; `seen` are the URLs requested so far, and grows."""
        # Sent as UTF-8 by many servers, whatever the standard says.
        location = answer.headers.get("location", "").encode("latin-1").decode("utf-8", "replace")
        if not location:
            raise FetchError("bad_redirect", f"answered {answer.status} without Location")
        url = without_credentials(parse_url(location, answer.url))
        if str(url) in seen:
            raise FetchError("redirect_loop", f"redirected to {url} again", answer.status)
        if len(seen) > self._settings.max_redirects:
            raise FetchError("too_many_redirects", f"more than {len(seen) - 1}", answer.status)
        seen.append(str(url))
        return url


_TRANSPORT_ERRORS = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
)


def _ssl_context(ca_file: str | None) -> ssl.SSLContext:
    context = httpcore2.default_ssl_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context
