"""How many requests are made to one host, how fast, and how many in all."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import anyio

from transforms.fetch.outcomes import FetchError


@dataclass
class _Line:
    """The queue at one host; `next_start` is on the event loop's clock."""

    places: anyio.Semaphore
    turn: anyio.Lock = field(default_factory=anyio.Lock)
    next_start: float = 0
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
    """

    def __init__(
        self, concurrency: int, per_host: int, delay: float, clock: Callable[[], datetime]
    ) -> None:
        self._all = anyio.CapacityLimiter(concurrency)
        self._per_host = per_host
        self._delay = delay
        self._clock = clock
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def place(self, host: str, delay: float = 0) -> AsyncIterator[None]:
        """Hold a place for one request to `host`.

        Args:
            host: its name.
            delay: seconds that the host itself asks for between two requests.

        Raises:
            FetchError: the host asked to be left alone for now.
        """
        line = self._line(host)
        async with line.places:
            async with line.turn:
                self._refuse_if_paused(host, line)
                await anyio.sleep(max(0, line.next_start - anyio.current_time()))
                await self._all.acquire()
                line.next_start = anyio.current_time() + max(delay, self._delay)
            try:
                # The pause may have begun while this request waited.
                self._refuse_if_paused(host, line)
                yield
            finally:
                self._all.release()

    def pause(self, host: str, until: datetime) -> None:
        """Let no request to `host` start before `until`."""
        self._line(host).paused_until = until

    def _line(self, host: str) -> _Line:
        return self._lines.setdefault(host, _Line(anyio.Semaphore(self._per_host)))

    def _refuse_if_paused(self, host: str, line: _Line) -> None:
        if line.paused_until and self._clock() < line.paused_until:
            detail = f"{host} asked for no request before {line.paused_until:%Y-%m-%d %H:%M:%S} UTC"
            raise FetchError("host_paused", detail, retry_at=line.paused_until)
