"""Clients of object stores, and their errors as those of a disk, with what to do."""

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

from transforms.errors import NewsbeamError

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

_CREDENTIALS = frozenset(
    {
        *("ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"),
        *("SignatureDoesNotMatch", "AuthenticationFailed", "InvalidAuthenticationInfo"),
    }
)
"""Codes of credentials that are wrong or have expired; S3 answers the first with 400, not 403."""
_SERVICE = re.compile(r"http://(169\.254\.169\.254|metadata\.google\.internal)/")
"""Who gives the credentials of a machine in a cloud: asked where there are no others."""
_NO_BUCKET = frozenset({"NoSuchBucket", "ContainerNotFound"})
_RIGHTS = {
    "s3": "s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject",
    "gs": "storage.objects.list, get, create and delete",
    "az": "those of the role Storage Blob Data Contributor",
}
"""What an output needs; an input less."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class StoreError(OSError, NewsbeamError):
    """A store refuses, or does not answer; the message says what to do.

    `errno` is EACCES where a right is missing, which may be a matter of the one object. All else is
    a matter of the store: EPERM of credentials, ENOENT of the bucket, EIO of what may pass.
    """

    def __str__(self) -> str:
        """Return the message, without the number."""
        return str(self.strerror)


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


def as_os_error(what: str) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Have a function, whose first argument is an address, raise `StoreError`.

    `what` cannot be done with the address then, such as `be read`.
    """

    def decorate(function: Callable[_P, _T]) -> Callable[_P, _T]:
        @functools.wraps(function)
        def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                return function(*args, **kwargs)
            except (AlreadyExistsError, PreconditionError) as error:
                raise ChangedError(errno.EEXIST, f"{args[0]}: {_said(error)[1]}") from error
            except (BaseError, FileNotFoundError, ValueError) as error:
                raise _store_error(str(args[0]), what, error) from error

        return call

    return decorate


def _said(error: Exception) -> tuple[set[str], str]:
    """Return the status and the code of what a store answered, and the answer in one line."""
    text = str(error).partition("\n\nDebug source")[0]
    found = re.search(r"status code: ((\d+)[^:\n]*)", text)
    codes, said = ({found[2]}, found[1]) if found else (set(), " ".join(text.split()))
    if found := re.search(r"<Code>(.*?)</Code>.*?<Message>(.*?)</Message>", text, re.DOTALL):
        codes, said = codes | {found[1]}, f"{found[1]}: {' '.join(found[2].split())}"
    elif found := re.search(r"([^:]*) \(code: (\w+)\)", text):  # of one of several deletions
        codes, said = {found[2]}, f"{found[2]}: {found[1].strip()}"
    return codes, _SECRET.sub(r"\1=...", said[:400]).rstrip(". ")


def _store_error(path: str, what: str, error: Exception) -> OSError:
    """Return an error that says what a store answered, and what to do."""
    scheme = path.partition("://")[0].lower()
    prefix, _ = SCHEMES[scheme]
    codes, said = _said(error)
    if isinstance(error, FileNotFoundError) and not codes & _NO_BUCKET:
        return FileNotFoundError(errno.ENOENT, f"{path}: {said}")
    is_unknown = isinstance(error, UnauthenticatedError) or codes & (_CREDENTIALS | {"401"})
    if is_unknown or _SERVICE.search(str(error)):
        number = errno.EPERM
        fix = f"Give it credentials that are valid: in {prefix}..., or log in again"
    elif "RequestTimeTooSkewed" in codes:
        number, fix = errno.EPERM, "Set the clock of this machine right"
    elif isinstance(error, PermissionDeniedError) or codes & {"AccessDenied", "403"}:
        rights = _RIGHTS.get(scheme, _RIGHTS["az"])
        number, fix = errno.EACCES, f"Give its credentials the rights that it needs: {rights}"
    elif codes & _NO_BUCKET:
        number, fix = errno.ENOENT, "Correct the address, or create the bucket"
    else:
        number, fix = errno.EIO, "Try it again when the store answers"
    return StoreError(number, f"{path} cannot {what}: {said}. {fix}; what is published is whole")
