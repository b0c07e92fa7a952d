"""What went wrong, as a reason code."""

import ssl
from datetime import datetime

import httpcore2
import httpx2

from transforms.fetch.freshness import retry_at
from transforms.fetch.outcomes import FetchError
from transforms.isolation import rejection

_STATUS_REASONS = {
    401: "denied",
    402: "denied",
    403: "denied",
    404: "not_found",
    407: "denied",
    408: "server_error",
    410: "gone",
    421: "server_error",
    425: "server_error",
    429: "rate_limited",
    451: "denied",
}


def transport_fault(error: Exception, *, answered: bool) -> FetchError:
    """Return the fault for a connection that failed.

    Args:
        error: of httpcore.
        answered: whether status and headers had arrived.
    """
    detail = str(error) or type(error).__name__
    match error:
        case httpcore2.ConnectTimeout():
            return FetchError("connect_timeout", "no connection in fetch.connect_seconds")
        case httpcore2.TimeoutException():
            return FetchError("stalled", "the server was silent for fetch.silence_seconds")
        case httpcore2.ConnectError() if _is_from_tls(error):
            return FetchError("tls_failed", f"no trustworthy connection: {detail}")
        case httpcore2.ConnectError():
            return FetchError("connect_failed", f"no connection: {detail}")
        case httpcore2.ProtocolError() if not answered:
            return FetchError("bad_http", f"the answer is no HTTP: {detail}")
        case _:
            return FetchError("truncated", f"the connection ended within the answer: {detail}")


def own_fault(error: Exception) -> FetchError:
    """Return the fault for an error that nobody expected of an answer, with where it arose.

    Raises:
        Exception: `error`, if it says that something else than the answer fails.
    """
    rejected = rejection(error)
    return FetchError(rejected.reason, rejected.detail)


def _is_from_tls(error: BaseException) -> bool:
    """Return whether TLS raised `error`, or one that led to it."""
    causes: BaseException | None = error
    while causes is not None:
        if isinstance(causes, ssl.SSLError):
            return True
        causes = causes.__cause__ or causes.__context__
    return False


def status_fault(status: int, headers: httpx2.Headers, now: datetime) -> FetchError:
    """Return the fault for an answer that brings no content.

    >>> status_fault(503, httpx2.Headers(), datetime(2026, 10, 1)).reason
    'server_error'
    """
    reason = _STATUS_REASONS.get(status)
    if reason is None:
        reason = {4: "client_error", 5: "server_error"}.get(status // 100, "unexpected_status")
    when = retry_at(headers, now)
    return FetchError(reason, f"answered {status}", status, when)
