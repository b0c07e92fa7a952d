"""How many requests are made to one host, how fast, and how many in all."""

import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import anyio

from transforms.fetch.outcomes import FetchError


@dataclass
class _Line:
    """The queue at one host.

    Attributes:
        places: for requests under way.
        turn: held by the request that starts next.
        next_start: on the event loop's clock.
        spent: seconds that the host took of this pass.
        paused_until: it asked for no request before.
    """

    places: anyio.Semaphore
    turn: anyio.Lock = field(default_factory=anyio.Lock)
    next_start: float = 0
    spent: float = 0
    paused_until: datetime | None = None


class Hosts:
    """Gives out places for requests.

    A request waits for its host first and for a place among all requests last, so that a slow host
    keeps nobody else waiting.

    Args:
        concurrency: requests under way at once.
        per_host: of those, to one host.
        delay: least seconds between the starts of two requests to one host.
        clock: tells the time.
        host_seconds: that a host may take to answer, and between two requests if it asks for more
            than `delay`; none is started to it afterwards.
        seconds: from now on, after which none is started at all.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (as many limits)
        self,
        concurrency: int,
        per_host: int,
        delay: float,
        clock: Callable[[], datetime],
        host_seconds: float = math.inf,
        seconds: float = math.inf,
    ) -> None:
        self._all = anyio.CapacityLimiter(concurrency)
        self._per_host = per_host
        self._delay = delay
        self._clock = clock
        self._host_seconds = host_seconds
        self._end = anyio.current_time() + seconds
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def place(self, host: str, delay: float = 0) -> AsyncIterator[None]:
        """Hold a place for one request to `host`.

        Args:
            host: its name.
            delay: seconds that the host itself asks for between two requests.

        Raises:
            FetchError: the host asked to be left alone for now, or had its time.
        """
        line = self._line(host)
        async with line.places:
            async with line.turn:
                self._refuse_if_paused(host, line)
                self._refuse_if_late(host, line)
                await anyio.sleep(max(0, line.next_start - anyio.current_time()))
                await self._all.acquire()
                started = anyio.current_time()
                line.next_start = started + max(delay, self._delay)
                line.spent += max(0, delay - self._delay)
            try:
                # The pause may have begun while this request waited.
                self._refuse_if_paused(host, line)
                yield
            finally:
                self._all.release()
                line.spent += anyio.current_time() - started

    def pause(self, host: str, until: datetime) -> None:
        """Let no request to `host` start before `until`."""
        self._line(host).paused_until = until

    def _line(self, host: str) -> _Line:
        return self._lines.setdefault(host, _Line(anyio.Semaphore(self._per_host)))

    def _refuse_if_paused(self, host: str, line: _Line) -> None:
        if line.paused_until and self._clock() < line.paused_until:
            detail = f"{host} asked for no request before {line.paused_until:%Y-%m-%d %H:%M:%S} UTC"
            raise FetchError("host_paused", detail, retry_at=line.paused_until)

    def _refuse_if_late(self, host: str, line: _Line) -> None:
        if max(anyio.current_time(), line.next_start) > self._end:
            raise FetchError("pass_over", "fetch.pass_seconds were over before its turn came")
        if line.spent > self._host_seconds:
            detail = f"{host} took fetch.host_seconds before its turn came"
            raise FetchError("host_slow", detail)
