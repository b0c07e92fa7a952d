"""URLs that may be fetched, and the credentials in them."""

import re
from base64 import b64encode

import httpx2

from transforms.fetch.outcomes import FetchError

_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
"""A name, in ASCII, or an IPv6 address."""


def parse_url(text: str, base: httpx2.URL | None = None) -> httpx2.URL:
    """Return `text` as an absolute http(s) URL without fragment.

    Raises:
        FetchError: it is none.
    """
    try:
        url = base.join(text) if base else httpx2.URL(text)
        url = url.copy_with(fragment=None)
    except httpx2.InvalidURL as error:
        raise FetchError("bad_url", f"{text[:200]!r} is no URL: {error}") from error
    if url.scheme not in ("http", "https"):
        raise FetchError("scheme_refused", f"{url.scheme or 'no'} scheme; http or https is needed")
    port = 80 if url.port is None else url.port
    if not _HOST.fullmatch(url.raw_host) or not 0 < port < 1 << 16:
        raise FetchError("bad_url", f"{text[:200]!r} names no host and port")
    return url


def without_credentials(url: httpx2.URL) -> httpx2.URL:
    """Return `url` without `user:password@`.

    >>> str(without_credentials(httpx2.URL("https://me:secret@example.org/feed")))
    'https://example.org/feed'
    """
    return url.copy_with(userinfo=b"") if url.userinfo else url


def basic_authorization(url: httpx2.URL) -> str | None:
    """Return the Authorization header for the credentials in `url`, if it has any."""
    if not url.userinfo:
        return None
    return "Basic " + b64encode(f"{url.username}:{url.password}".encode()).decode()


def same_owner(owner: httpx2.URL, url: httpx2.URL) -> bool:
    """Return whether credentials for `owner` may be sent to `url`: same origin, or its https.

    >>> same_owner(httpx2.URL("http://a.org/feed"), httpx2.URL("https://a.org/feed"))
    True
    >>> same_owner(httpx2.URL("https://a.org/feed"), httpx2.URL("http://a.org/feed"))
    False
    """
    if (owner.scheme, owner.netloc) == (url.scheme, url.netloc):
        return True
    upgrade = (owner.scheme, owner.port, url.scheme, url.port) == ("http", None, "https", None)
    return upgrade and owner.host == url.host
