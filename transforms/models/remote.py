"""Chat models behind an endpoint that speaks the OpenAI protocol: vLLM, llama.cpp and others."""

import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx2
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from transforms.errors import ConfigError
from transforms.models.contract import EMPTY, Instruction, Written, output_tokens
from transforms.models.prompt import messages
from transforms.models.pulse import beat

FAILED = "endpoint_failed"
"""The endpoint could not be reached, or failed, as often as it was tried."""
REFUSED = "endpoint_refused"
"""The endpoint refused this text."""

_CHARACTERS_PER_TOKEN = 3
"""Fewer than the mean of any usual tokenizer on English: a text is rather cut too soon."""
_WRONG_SETTINGS = (401, 403, 404, 405)


@dataclass(frozen=True)
class Endpoint:
    """Where the model is, and how it may be asked.

    Attributes:
        url: base address, such as `http://localhost:8000/v1`.
        model: its name there.
        key_variable: environment variable that holds the key; empty: no key.
        timeout_seconds: for one request.
        attempts: of one request, the first included.
        per_minute: requests in a minute at the most; 0: no limit.
        concurrency: requests at once.
        context_tokens: tokens of text that one request may hold.
    """

    url: str
    model: str
    key_variable: str = ""
    timeout_seconds: float = 60
    attempts: int = 4
    per_minute: float = 0
    concurrency: int = 4
    context_tokens: int = 3000


def require_key(endpoint: Endpoint) -> str:
    """Return the endpoint's key; empty if it needs none.

    Raises:
        ConfigError: the environment variable that shall hold it is not set.
    """
    name = endpoint.key_variable
    if name and not os.environ.get(name):
        raise ConfigError(f"summary.remote.key_variable: set {name} in the environment")
    return os.environ[name] if name else ""


class _PassingError(Exception):
    """An answer after which trying again makes sense."""


class RemoteWriter:
    """A `Writer`; each process has its own rate, each batch its own connections."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.max_input = endpoint.context_tokens
        self.usage = dict.fromkeys(("requests", "retries", "input_tokens", "output_tokens"), 0)
        self._endpoint = endpoint
        key = require_key(endpoint)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._lock = threading.Lock()
        self._next = 0.0

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return an estimate from above: the tokenizer is at the other end."""
        return [-(-len(text) // _CHARACTERS_PER_TOKEN) for text in texts]

    def write(self, texts: Sequence[str], instruction: Instruction) -> list[Written]:
        """Return a summary of each text.

        Where the endpoint stays unreachable for one text, those not yet sent are not tried.

        Raises:
            ConfigError: the endpoint knows neither key, address nor model.
        """
        down = threading.Event()

        def one(text: str) -> Written:
            if down.is_set():
                return Written("", FAILED)
            try:
                return self._ask(client, text, instruction)
            except (httpx2.TransportError, _PassingError):
                down.set()
                return Written("", FAILED)

        with (
            httpx2.Client(headers=self._headers, timeout=self._endpoint.timeout_seconds) as client,
            ThreadPoolExecutor(self._endpoint.concurrency, "remote") as pool,
        ):
            return list(pool.map(one, texts))

    def _ask(self, client: httpx2.Client, text: str, instruction: Instruction) -> Written:
        body = {
            "model": self._endpoint.model,
            "messages": messages(text, instruction),
            "max_tokens": output_tokens(instruction.max_words),
            "temperature": 0,
        }
        retrying = Retrying(
            retry=retry_if_exception_type((httpx2.TransportError, _PassingError)),
            stop=stop_after_attempt(self._endpoint.attempts),
            wait=wait_random_exponential(multiplier=0.2, max=20),
            before_sleep=lambda _: self._count(retries=1),
            reraise=True,
        )
        return retrying(self._post, client, body)

    def _post(self, client: httpx2.Client, body: dict[str, Any]) -> Written:
        self._wait_turn()
        self._count(requests=1)
        url = self._endpoint.url.rstrip("/") + "/chat/completions"
        answer = client.post(url, json=body)
        beat()
        status = answer.status_code
        if status in (408, 425, 429) or status >= 500:
            raise _PassingError(f"status {status}")
        if status in _WRONG_SETTINGS:
            raise ConfigError(
                f"summary.remote: {url} answered {status}; check url, model and the key"
            )
        if status >= 400:
            return Written("", REFUSED)
        try:
            return self._read(answer.json())
        except (ValueError, LookupError, TypeError) as error:
            raise _PassingError(f"no chat completion: {error}") from error

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
        if not self._endpoint.per_minute:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + 60 / self._endpoint.per_minute
        time.sleep(turn - now)
