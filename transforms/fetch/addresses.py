"""Which addresses may be connected to.

A name is resolved once, its addresses are checked, and the connection goes to a checked address:
a name that resolves differently a moment later (DNS rebinding) changes nothing. TLS and the Host
header keep the name.
"""

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import httpcore2

from transforms.fetch.outcomes import FetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[Address]]]

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; is_global lets some of them through
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # Azure's host agent answers here, within every virtual machine
        "2001::/23",  # protocol assignments, Teredo among them
        "2002::/16",  # 6to4: an IPv4 address, perhaps a private one, in disguise
    )
)
_MOST_TRIED = 4
_MOST_LOOKED_UP = 64


def is_public(address: Address) -> bool:
    """Return whether `address` is an ordinary one of the public internet.

    >>> [is_public(ipaddress.ip_address(a)) for a in ("9.9.9.9", "10.0.0.1", "::ffff:127.0.0.1")]
    [True, False, False]
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:  # how a network without IPv4 reaches IPv4 hosts
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _GLOBAL_UNICAST:  # mapped, local, multicast and unassigned ones
            return False
    if any(address.version == net.version and address in net for net in _NEVER):
        return False
    return address.is_global and not address.is_multicast


def connectable(
    host: str, port: int, addresses: list[Address], allowed: Collection[str]
) -> list[Address]:
    """Return those of the addresses of a host that may be connected to.

    Raises:
        FetchError: none may.
    """
    if is_allowed(host, port, allowed):
        return addresses
    public = [address for address in addresses if is_public(address)]
    if not public:
        listed = ", ".join(map(str, addresses))
        told = host if host == listed else f"{host} is {listed}, which"
        detail = f"{told} is not public; fetch.allowed_hosts can allow {host}:{port}"
        raise FetchError("address_refused", detail)
    return public


def stated_address(host: str) -> Address | None:
    """Return the address that `host` is without asking anybody, `None` if it must be resolved.

    >>> stated_address("localhost"), stated_address("news.example")
    (IPv4Address('127.0.0.1'), None)
    """
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return None


def is_allowed(host: str, port: int, allowed: Iterable[str]) -> bool:
    """Return whether `allowed` names the host, alone or with this port.

    >>> is_allowed("10.0.0.7", 80, ["10.0.0.7:8080"]), is_allowed("::1", 80, ["[::1]:80"])
    (False, True)
    """
    bare = host.lower().strip("[]")
    names = {bare, f"{bare}:{port}", f"[{bare}]", f"[{bare}]:{port}"}
    return any(entry.lower() in names for entry in allowed)


async def resolve(
    host: str, port: int, limiter: anyio.CapacityLimiter | None = None
) -> list[Address]:
    """Return the addresses of `host`, best first.

    The look-up has a thread of its own, which is left behind if it takes too long: in the event
    loop's few threads, names of dead servers would hold up all others.

    Args:
        host: a name in ASCII, or an address.
        port: to connect to.
        limiter: how many look-ups there are at once.

    Raises:
        FetchError: it has none.
    """
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = await anyio.to_thread.run_sync(look_up, abandon_on_cancel=True, limiter=limiter)
    except (OSError, UnicodeError) as error:
        raise FetchError("dns_failed", f"{host} cannot be resolved: {error}") from error
    return list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to public addresses, and to any address of an allowed host.

    Args:
        allowed: as in `FetchSettings.allowed_hosts`.
        connect: makes the connection to the address.
        resolver: finds the addresses of a name.
    """

    def __init__(
        self,
        allowed: Iterable[str],
        connect: httpcore2.AsyncNetworkBackend | None = None,
        resolver: Resolve | None = None,
    ) -> None:
        self._allowed = tuple(allowed)
        self._connect = connect or httpcore2.AnyIOBackend()
        self._resolve = resolver or partial(resolve, limiter=anyio.CapacityLimiter(_MOST_LOOKED_UP))

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return a connection to the first address of `host` that answers.

        Raises:
            FetchError: the host has no address, or none that may be connected to.
        """
        try:
            with anyio.fail_after(timeout):
                addresses = await self._resolve(host, port)
        except TimeoutError as error:
            raise FetchError("dns_failed", f"{host} was not resolved in {timeout} s") from error
        tried = connectable(host, port, addresses, self._allowed)[:_MOST_TRIED]
        share = None if timeout is None else timeout / len(tried)
        for address in tried[:-1]:
            try:
                return await self._connect.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._connect.connect_tcp(
            str(tried[-1]), port, share, local_address, socket_options
        )
