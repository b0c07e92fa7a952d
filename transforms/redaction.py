"""Secrets in addresses, which must not be shown or kept.

An address may hold `user:password@`, or a key in its query. Where one has to be handed on whole, it
is an `Address`, which shows itself redacted; what becomes text is redacted here.
"""

import hashlib
import re

from pydantic import Secret

_WORD = re.compile(r"\S+")
_SCHEME = re.compile(r"(?<=[A-Za-z0-9+.-]):/+|//")
_NO_SCHEME = re.compile(r"[^/?#@]*:(?=[^@]*@)")
_NOT_A_PORT = re.compile(r":(?!\d*$)")
_QUERY = re.compile(r"([?&;])([^=?&;#\s]+)=([^&;#\s\"'<>)]+)")
_SECRET_NAME = re.compile(
    r"(?:.*[_.-])?(?:access|api|app|auth|client|feed|private|rss|subscription|user)?"
    r"(?:auth|credentials?|jwt|key|pass|passw(?:or)?d|pwd|secret|sig|signature|token)",
    re.IGNORECASE,
)
"""The whole name: `api_key` and `AccessToken`, but not `keyword`."""
_OF_BEAM = re.compile(r" \[while running '[^']*'\]")
_HASHED = re.compile(r"~[0-9a-f]{6}")


def redacted(text: str) -> str:
    """Return `text` without the credentials and keys of addresses in it.

    Of a key remain six digits of its hash, so that two addresses that differ by it still do. What
    is redacted stays as it is.

    >>> redacted("no feed at https://me:pass/word@a.example/f?page=2&api_key=123 (denied)")
    'no feed at https://***@a.example/f?page=2&api_key=~9a3caa (denied)'
    """
    if "@" not in text and "=" not in text:
        return text
    return _WORD.sub(lambda word: _QUERY.sub(_hashed, _without_userinfo(word[0])), text)


def message_of(error: BaseException) -> str:
    """Return what is told of `error`: what it says, without secrets and what Beam adds to it.

    >>> message_of(ValueError("odd [while running 'parse/try']"))
    'odd'
    """
    try:
        return redacted(_OF_BEAM.sub("", str(error)))
    except Exception:  # code of others wrote its `__str__`
        return "its message cannot be had"


def _without_userinfo(word: str) -> str:
    scheme = _SCHEME.search(word) or _NO_SCHEME.match(word)
    if scheme is None or "@" not in word:
        return word
    start, rest = word[: scheme.end()], word[scheme.end() :]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return f"{start}***@{authority.rpartition('@')[2]}{rest[len(authority) :]}"
    if _NOT_A_PORT.search(authority):  # a password may hold what ends an authority
        return f"{start}***@{rest.rpartition('@')[2]}"
    return word


def _hashed(parameter: re.Match[str]) -> str:
    separator, name, value = parameter.groups()
    if not _SECRET_NAME.fullmatch(name) or _HASHED.fullmatch(value):
        return parameter[0]
    digest = hashlib.blake2b(value.encode("utf-8", "replace"), digest_size=3).hexdigest()
    return f"{separator}{name}=~{digest}"


class Address(Secret[str]):
    """An address that may hold credentials; only `get_secret_value` gives them away."""

    def _display(self) -> str:
        return redacted(self.get_secret_value())

    @property
    def has_userinfo(self) -> bool:
        """Whether it holds `user:password@`."""
        address = self.get_secret_value()
        return _without_userinfo(address) != address
