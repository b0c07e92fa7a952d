"""Clients of object stores, and their errors as those of a disk."""

import errno
import functools
import importlib
import os
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import AzureStore, GCSStore, S3Store

Store = S3Store | GCSStore | AzureStore

SCHEMES: dict[str, tuple[str, type[Store]]] = {
    "s3": ("AWS_", S3Store),
    "gs": ("GOOGLE_", GCSStore),
    "az": ("AZURE_", AzureStore),
    "abfs": ("AZURE_", AzureStore),
    "abfss": ("AZURE_", AzureStore),
}
"""The addresses that are known: what the environment variables begin with that hold what a client
needs (endpoint, region, credentials: https://docs.rs/object_store lists them), and the client."""

_CLIENT = {"connect_timeout": "10s", "timeout": "120s"}
_RETRIES = {
    "max_retries": 6,
    "retry_timeout": timedelta(seconds=60),
    "backoff": {
        "init_backoff": timedelta(milliseconds=200),
        "max_backoff": timedelta(seconds=10),
        "base": 2,
    },
}
"""Of answers that pass (5xx, 429, SlowDown) and of connections that break."""

_SECRET = re.compile(r"(?i)\b(signature|credential|token|authorization)[=:]\S+")

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ChangedError(OSError):
    """The object is no longer the one that was read, or is there where none was expected."""


def scheme_of(path: str) -> str | None:
    """Return the scheme of an address, `None` for a path on a disk.

    >>> scheme_of("s3://bucket/out"), scheme_of("out/a://b"), scheme_of("file:///out")
    ('s3', None, None)
    """
    found = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*)://", path)
    return found[1].lower() if found and found[1].lower() != "file" else None


def client(path: str) -> tuple[Store, str]:
    """Return the client for the bucket of `path`, and the key of `path` in it."""
    scheme, _, rest = path.partition("://")
    bucket, _, key = rest.partition("/")
    prefix, _ = SCHEMES[scheme.lower()]
    environment = tuple(sorted(item for item in os.environ.items() if item[0].startswith(prefix)))
    return _connect(scheme.lower(), bucket, environment), key


@functools.cache
def _connect(scheme: str, bucket: str, environment: tuple[tuple[str, str], ...]) -> Store:
    """Return a client; another one wherever the environment says something else."""
    settings = dict(environment)
    prefix, kind = SCHEMES[scheme]
    make: Any = kind.from_url
    places = (value for name, value in settings.items() if "ENDPOINT" in name or "BASE_URL" in name)
    more: dict[str, Any] = {}
    if kind is S3Store and f"{prefix}ACCESS_KEY_ID" not in settings:
        more = _profiles()
    plain = any(place.startswith("http://") for place in places)
    made: Store = make(
        f"{scheme}://{bucket}",
        client_options=_CLIENT | ({"allow_http": True} if plain else {}),
        retry_config=_RETRIES,
        **more,
    )
    return made


def _profiles() -> dict[str, Any]:
    """Return what has boto3 find credentials, where it is installed: profiles, single sign-on.

    Without it those of a role are found: of a machine, a container or a web identity.
    """
    try:
        module = importlib.import_module("obstore.auth.boto3")
        return {"credential_provider": module.Boto3CredentialProvider()}
    except (ImportError, ValueError):  # not installed, or it knows none
        return {}


def as_os_error(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return `function`, whose first argument is an address, raising errors as a disk does."""

    @functools.wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return function(*args, **kwargs)
        except (BaseError, FileNotFoundError, ValueError) as error:
            raise _os_error(str(args[0]), error) from error

    return call


def _os_error(path: str, error: Exception) -> OSError:
    """Return an error that says in one line what the store answered to a request for `path`."""
    text = str(error).partition("\n\nDebug source")[0]
    found = re.search(r"<Code>(.*?)</Code>.*?<Message>(.*?)</Message>", text, re.DOTALL)
    said = f"{found[1]}: {found[2]}" if found else " ".join(text.split())[:400]
    message = f"{path}: " + _SECRET.sub(r"\1=...", said)
    if isinstance(error, AlreadyExistsError | PreconditionError):
        return ChangedError(errno.EEXIST, message)
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return PermissionError(errno.EACCES, message)
    if isinstance(error, FileNotFoundError) or "NoSuchBucket" in text:
        return FileNotFoundError(errno.ENOENT, message)
    return OSError(errno.EIO, message)
