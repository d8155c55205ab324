"""The one door to the outside: every connection of the proxy is resolved, checked and opened here, to the very address that was checked.

It sits where asyncio opens connections, below mitmproxy: whatever mitmproxy connects to, watched or passed through, comes by.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import weakref
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from safeguard.policy import unreached

Resolver = Callable[[str], Awaitable[list[str]]]
"""Host name -> its addresses as text, best first. Raises OSError where the name is unknown."""

_ADDRESS = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_METADATA = (ipaddress.IPv4Address("168.63.129.16"), ipaddress.IPv4Address("100.100.100.200"))
NOT_REACHED = unreached.BEGINS
"""Every failure to connect begins with this."""
_FIRST_TRY_S = 4.0
_LAST_TRY_S = 20.0


class Refused(OSError):
    """The destination may not be reached. An OSError, because that is what mitmproxy takes as a failed connection."""


def kind_of(address: str) -> str:
    """What forbids an address ("loopback", "private" …), or "" for one on the public internet.

    Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4, Teredo) are judged by that one.
    Source: the IANA special-purpose registries as in Python's ipaddress, and the cloud metadata addresses.
    """
    try:
        ip: _ADDRESS = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unreadable"
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return _forbidden(inner)
    return _forbidden(ip)


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if any(ip in net for net in _NAT64) or (ip in _COMPATIBLE and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def _forbidden(ip: _ADDRESS) -> str:
    if ip in _METADATA:
        return "cloud metadata"
    for name in ("loopback", "unspecified", "link_local", "multicast"):
        if getattr(ip, f"is_{name}"):
            return name.replace("_", "-")
    if isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local:
        return "private"
    if ip.is_reserved:
        return "reserved"
    return "" if ip.is_global else "private"


async def system_resolver(host: str) -> list[str]:
    """What the system's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def table_resolver(table: Mapping[str, str], otherwise: Resolver | None = None) -> Resolver:
    """Names from a table (lower case); others by `otherwise`, or unknown. For the demo and the tests."""

    async def resolve(host: str) -> list[str]:
        if host in table:
            return [table[host]]
        if otherwise is None:
            raise OSError(f"{NOT_REACHED}{host}: unknown name")
        return await otherwise(host)

    return resolve


@dataclass(frozen=True, slots=True)
class Connector:
    """Opens connections for the proxy.

    resolve: names to addresses.
    private: exact (host, port) that may be reached although not on the public internet.
    """

    resolve: Resolver = system_resolver
    private: frozenset[tuple[str, int]] = field(default_factory=frozenset)

    @classmethod
    def of(cls, resolve: Resolver | None = None, private: Iterable[tuple[str, int]] = ()) -> Connector:
        """With the system's resolver unless another is given."""
        return cls(resolve or system_resolver, frozenset((h.rstrip(".").lower(), p) for h, p in private))

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to. Raises Refused where there are none, OSError where the name is unknown."""
        name = host.rstrip(".").lower()
        try:
            ipaddress.ip_address(name.partition("%")[0])
        except ValueError:
            try:
                found = await self.resolve(name)
            except socket.gaierror as e:
                raise OSError(f"{NOT_REACHED}{host}: unknown name") from e
            except UnicodeError as e:  # the idna codec, for a name that is none
                raise OSError(f"{NOT_REACHED}{host}: not a host name") from e
        else:
            found = [name]
        if not found:
            raise OSError(f"{NOT_REACHED}{host}: unknown name")
        if (name, port) in self.private:
            return found
        allowed = [a for a in found if not kind_of(a)]
        if not allowed:
            raise Refused(f"{NOT_REACHED}{host}:{port}: it is a {kind_of(found[0])} address, and only public ones are allowed")
        return allowed

    def guard(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        """Have every TCP connection that this loop opens go through here; what comes back ends those that are still open."""
        plain = loop.create_connection
        made: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()

        async def create_connection(factory: Any, host: Any = None, port: Any = None, **rest: Any) -> Any:
            if host is None or not isinstance(port, int) or rest.get("sock") is not None:
                raise Refused(f"{NOT_REACHED}a server without a name")
            addresses = await self.addresses(str(host), port)
            for n, address in enumerate(addresses, 1):
                last = n == len(addresses)
                try:
                    async with asyncio.timeout(_LAST_TRY_S if last else _FIRST_TRY_S):
                        opened = await plain(factory, address, port, **rest)
                        if isinstance(opened[0], asyncio.Transport):
                            made.add(opened[0])
                        return opened
                except OSError as e:  # TimeoutError is one
                    if last:
                        raise OSError(
                            f"{host}:{port} does not answer ({os.strerror(e.errno) if e.errno else 'no connection in time'})"
                        ) from e
            raise AssertionError("no address")

        loop.create_connection = create_connection  # type: ignore[method-assign, assignment]  # this loop alone; see the module's docstring

        def abort() -> None:
            for transport in list(made):
                transport.abort()

        return abort
