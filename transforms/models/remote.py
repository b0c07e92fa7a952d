"""Chat models behind an endpoint that speaks the OpenAI protocol: vLLM, llama.cpp and others."""

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from transforms.errors import ConfigError
from transforms.fetch.freshness import retry_at
from transforms.models.contract import EMPTY, Instruction, Written, output_tokens
from transforms.models.endpoint import Endpoint, require_key
from transforms.models.prompt import messages
from transforms.pulse import beat
from transforms.redaction import Address

FAILED = "endpoint_failed"
"""The endpoint could not be reached, or failed, as often as it was tried."""
REFUSED = "endpoint_refused"
"""The endpoint refused this text."""

_CHARACTERS_PER_TOKEN = 3
"""Fewer than the mean of any usual tokenizer on English: a text is rather cut too soon."""
_WRONG_SETTINGS = (401, 403, 404, 405)
_LONGEST_ANSWER = 4 * 2**20
"""Bytes; a summary has some hundred."""

_LONGEST_WAIT = 120.0
"""Seconds that a `Retry-After` is waited for; an endpoint that asks for more is left until then."""
_REST_SECONDS = 5.0
"""For how long an endpoint that failed is left alone, doubled each time that it fails again ..."""
_LONGEST_REST = 900.0
"""... up to this, which it is left for at once if it gave no answer in time."""
_PROBE_SECONDS = 20.0
"""Longest time that `probe` waits for an answer."""


class _PassingError(Exception):
    """An answer after which trying again makes sense.

    Args:
        what: for a person.
        wait: seconds that the endpoint asks to be left alone; `None` if it names none.
    """

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


class RemoteWriter:
    """A `Writer`; each process has its own rate, each batch its own connections.

    An endpoint that stays unreachable, or gives no answer in time, is left alone for a while: what
    would be asked meanwhile has failed at once.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.max_input = endpoint.context_tokens
        self.usage = dict.fromkeys(("requests", "retries", "input_tokens", "output_tokens"), 0)
        self.fault = ""
        self._endpoint = endpoint
        key = require_key(endpoint)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._url = Address(endpoint.url.get_secret_value().rstrip("/") + "/chat/completions")
        self._lock = threading.Lock()
        self._next = self._left_until = 0.0
        self._rest = 0.0

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return an estimate from above: the tokenizer is at the other end."""
        return [-(-len(text) // _CHARACTERS_PER_TOKEN) for text in texts]

    def write(self, texts: Sequence[str], instruction: Instruction) -> list[Written]:
        """Return a summary of each text.

        Raises:
            ConfigError: the endpoint knows neither key, address nor model.
        """

        def one(text: str) -> Written:
            if self._is_left():
                return Written("", FAILED)
            try:
                return self._ask(client, text, instruction)
            except (httpx2.TransportError, _PassingError) as error:
                self._leave(error)
                return Written("", FAILED)

        with self._client() as client, ThreadPoolExecutor(self._endpoint.concurrency) as pool:
            return list(pool.map(one, texts))

    def _client(self) -> httpx2.Client:
        return httpx2.Client(headers=self._headers, timeout=self._endpoint.timeout_seconds)

    def _ask(self, client: httpx2.Client, text: str, instruction: Instruction) -> Written:
        body = {
            "model": self._endpoint.model,
            "messages": messages(text, instruction),
            "max_tokens": output_tokens(instruction.max_words),
            "temperature": 0,
        }
        enough = stop_after_attempt(self._endpoint.attempts)
        retrying = Retrying(
            retry=retry_if_exception(_is_worth_another_try),
            stop=lambda state: enough(state) or self._is_left(),
            wait=_backoff,
            before_sleep=lambda _: self._count(retries=1),
            reraise=True,
        )
        return retrying(self._post, client, body)

    def _post(self, client: httpx2.Client, body: dict[str, Any]) -> Written:
        self._wait_turn()
        self._count(requests=1)
        status, headers, content = self._exchange(client, body)
        beat()
        if status in (408, 425, 429) or status >= 500:
            wait = self._hold(headers)
            raise _PassingError(f"status {status}", wait)
        if status in _WRONG_SETTINGS:
            raise ConfigError(
                f"summary.remote: {self._url} answered {status}; check url, model and the key"
            )
        if status >= 400:
            self.fault = f"{self._url} answered {status}"
            return Written("", REFUSED)
        try:
            written = self._read(json.loads(content))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise _PassingError("no chat completion") from error
        self._rest = 0.0
        return written

    def _exchange(
        self, client: httpx2.Client, body: dict[str, Any]
    ) -> tuple[int, httpx2.Headers, bytes]:
        """Return status, headers and content of the answer, which must be whole in time."""
        until = time.monotonic() + self._endpoint.timeout_seconds
        content = b""
        with client.stream("POST", self._url.get_secret_value(), json=body) as answer:
            for part in answer.iter_bytes():
                content += part
                if time.monotonic() > until:
                    raise httpx2.ReadTimeout("the answer took too long", request=answer.request)
                if len(content) > _LONGEST_ANSWER:
                    raise _PassingError("the answer is too long")
        return answer.status_code, answer.headers, content

    def _read(self, content: Any) -> Written:
        usage = content.get("usage") or {}
        self._count(
            input_tokens=int(usage.get("prompt_tokens") or 0),
            output_tokens=int(usage.get("completion_tokens") or 0),
        )
        text = (content["choices"][0]["message"]["content"] or "").strip()
        return Written(text) if text else Written("", EMPTY)

    def _count(self, **more: int) -> None:
        with self._lock:
            for name, value in more.items():
                self.usage[name] += value

    def _wait_turn(self) -> None:
        """Wait until the next request may start; requests are spread evenly."""
        apart = 60 / self._endpoint.per_minute if self._endpoint.per_minute else 0.0
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + apart
        time.sleep(turn - now)

    def _hold(self, headers: httpx2.Headers) -> float | None:
        """Hold all requests for as long as `Retry-After` says; return the seconds, if it does."""
        now = datetime.now(UTC)
        if (time_named := retry_at(headers, now)) is None:
            return None
        wait = (time_named - now).total_seconds()
        if wait <= _LONGEST_WAIT:
            with self._lock:
                self._next = max(self._next, time.monotonic() + wait)
        return wait

    def _is_left(self) -> bool:
        return time.monotonic() < self._left_until

    def _leave(self, error: Exception) -> None:
        """Leave the endpoint alone for a while; the first of several that fail together counts."""
        with self._lock:
            self.fault = f"{self._url}: {_told(error)}"
            if self._is_left():
                return
            gave_none = isinstance(error, httpx2.TimeoutException)
            self._rest = _LONGEST_REST if gave_none else max(_REST_SECONDS, 2 * self._rest)
            rest = min(self._rest, _LONGEST_REST)
            if isinstance(error, _PassingError) and error.wait:
                rest = max(rest, error.wait)
            self._left_until = time.monotonic() + rest


def probe(endpoint: Endpoint) -> None:
    """Ask for one token, to see whether the endpoint answers.

    Raises:
        ConfigError: it does not, or knows neither key, address nor model.
    """
    hurried = min(endpoint.timeout_seconds, _PROBE_SECONDS)
    writer = RemoteWriter(replace(endpoint, attempts=1, timeout_seconds=hurried))
    [written] = writer.write(["Hello."], Instruction("headline", 1))
    if written.problem in (FAILED, REFUSED):
        raise ConfigError(
            f"summary.remote: {writer.fault}; start the server, or check url and model"
        )


def _told(error: Exception) -> str:
    """Return what went wrong, for a person; never what the endpoint said of the text."""
    if isinstance(error, httpx2.TimeoutException):
        return "no answer in time"
    return str(error) if isinstance(error, _PassingError) else "no connection"


def _is_worth_another_try(error: BaseException) -> bool:
    if isinstance(error, _PassingError):
        return (error.wait or 0.0) <= _LONGEST_WAIT
    return isinstance(error, httpx2.TransportError) and not isinstance(
        error, httpx2.TimeoutException
    )


def _backoff(state: RetryCallState) -> float:
    """Return how long to wait; what `Retry-After` names is waited for at the next request."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _PassingError) and error.wait is not None:
        return 0.0
    return float(_BACKOFF(state))


_BACKOFF = wait_random_exponential(multiplier=0.2, max=20)
