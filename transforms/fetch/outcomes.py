"""What is asked and what comes of it."""

from dataclasses import dataclass, field
from datetime import datetime

from transforms.redaction import redacted


@dataclass(frozen=True, slots=True)
class Request:
    """One URL to fetch.

    Attributes:
        url: http or https; a `user:password@` in it is sent to that origin only, and never kept.
        etag: of the copy already held; makes the request conditional.
        last_modified: likewise.
        page: a page rather than a feed: robots.txt and reservations are asked.
    """

    url: str = field(repr=False)
    etag: str | None = None
    last_modified: str | None = None
    page: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """The server sent content.

    Attributes:
        url: as requested, without credentials.
        final_url: where the content came from, after redirects.
        permanent_url: `final_url` where every redirect on the way was permanent.
        status: 200.
        media_type: lower case; empty where the server named none.
        charset: as declared in the header, perhaps wrongly; lower case.
        content: decompressed bytes, otherwise as sent.
        etag: for the next request.
        last_modified: likewise.
        fresh_until: until when the server says the content will not change.
        fetched_at: when it was asked for.
        signals: reservations found (see `rights`), sorted; only for pages.
    """

    url: str
    final_url: str
    permanent_url: str | None
    status: int
    media_type: str
    charset: str | None
    content: bytes
    etag: str | None
    last_modified: str | None
    fresh_until: datetime | None
    fetched_at: datetime
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotModified:
    """The copy already held is current; attributes as in `Fetched`."""

    url: str
    final_url: str
    permanent_url: str | None
    etag: str | None
    last_modified: str | None
    fresh_until: datetime | None
    fetched_at: datetime


PASSING = frozenset((
    "rate_limited", "host_paused", "server_error", "connect_failed", "connect_timeout",
    "dns_failed", "stalled", "too_slow", "truncated", "robots_unavailable", "host_slow",
    "pass_over",
))  # fmt: skip
"""Reasons that may be gone at the next try."""


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no content.

    Attributes:
        url: as requested, without credentials.
        reason: snake_case code (docs/operations.md lists them).
        detail: one sentence for a person.
        fetched_at: when it was asked for.
        status: of the last answer, if there was one.
        retry_at: the server wants no request before.
    """

    url: str
    reason: str
    detail: str
    fetched_at: datetime
    status: int | None = None
    retry_at: datetime | None = None

    @property
    def gone(self) -> bool:
        """Whether the server says that it is gone for good."""
        return self.reason == "gone"

    @property
    def passing(self) -> bool:
        """Whether another try may succeed."""
        return self.reason in PASSING


Outcome = Fetched | NotModified | Failed


class FetchError(Exception):
    """A fetch cannot go on; becomes a `Failed` with the same fields."""

    def __init__(
        self,
        reason: str,
        detail: str,
        status: int | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        super().__init__(reason, redacted(detail))
        self.reason = reason
        self.detail = redacted(detail)
        self.status = status
        self.retry_at = retry_at

    def failed(self, url: str, now: datetime) -> Failed:
        """Return the outcome of the fetch of `url` at `now`."""
        return Failed(url, self.reason, self.detail, now, self.status, self.retry_at)
