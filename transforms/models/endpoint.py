"""Where a chat model behind an endpoint is, and what can be checked without asking it."""

import os
from dataclasses import dataclass

from transforms.errors import ConfigError
from transforms.fetch.outcomes import FetchError
from transforms.fetch.urls import parse_url
from transforms.redaction import Address


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

    url: Address
    model: str
    key_variable: str = ""
    timeout_seconds: float = 60
    attempts: int = 4
    per_minute: float = 0
    concurrency: int = 4
    context_tokens: int = 3000


def check_endpoint(endpoint: Endpoint) -> None:
    """Check what can be checked without asking it.

    Raises:
        ConfigError: its address is none, or the variable that shall hold its key is not set.
    """
    try:
        parse_url(endpoint.url.get_secret_value())
    except FetchError as error:
        raise ConfigError(f"summary.remote.url: {error.detail}") from None
    require_key(endpoint)


def require_key(endpoint: Endpoint) -> str:
    """Return the endpoint's key; empty if it needs none.

    Raises:
        ConfigError: the environment variable that shall hold it is not set.
    """
    name = endpoint.key_variable
    if name and not os.environ.get(name):
        raise ConfigError(f"summary.remote.key_variable: set {name} in the environment")
    return os.environ[name] if name else ""
