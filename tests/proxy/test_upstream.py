"""Nothing but public addresses is reached, and the address that was checked is the one that is connected to."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.proxy.upstream import Connector, Refused, kind_of, table_resolver

FORBIDDEN = [
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "::7f00:1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbidden(address: str) -> None:
    assert kind_of(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public(address: str) -> None:
    assert kind_of(address) == ""


@given(st.ip_addresses(v=4))
def test_an_address_inside_ipv6_is_judged_as_itself(inner: ipaddress.IPv4Address) -> None:
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        outer = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | int(inner))
        assert bool(kind_of(str(outer))) == bool(kind_of(str(inner)))


@given(st.text())
def test_any_text_has_a_kind(text: str) -> None:
    assert isinstance(kind_of(text), str)


def addresses(connector: Connector, host: str, port: int = 443) -> list[str]:
    return asyncio.run(connector.addresses(host, port))


def test_private_addresses_of_a_name_are_left_out() -> None:
    async def resolve(host: str) -> list[str]:
        return ["10.0.0.1", "8.8.8.8", "::1"]

    assert addresses(Connector.of(resolve), "mixed.test") == ["8.8.8.8"]


@pytest.mark.parametrize("host", ["inside.test", "INSIDE.test.", "127.0.0.1", "::1", "[::1]"])
def test_refused(host: str) -> None:
    with pytest.raises(OSError, match="could not reach"):
        addresses(Connector.of(table_resolver({"inside.test": "192.168.1.1"})), host)


def test_the_systems_resolver_takes_odd_spellings_of_loopback() -> None:
    with pytest.raises(OSError, match="could not reach"):
        addresses(Connector.of(), "127.1")


@pytest.mark.parametrize(("host", "port", "good"), [("home.test", 8443, True), ("home.test", 443, False), ("a.home.test", 8443, False)])
def test_one_line_opens_one_door(host: str, port: int, good: bool) -> None:
    connector = Connector.of(table_resolver({"home.test": "192.168.1.9", "a.home.test": "192.168.1.9"}), [("Home.test", 8443)])
    if good:
        assert addresses(connector, host, port) == ["192.168.1.9"]
    else:
        with pytest.raises(Refused):
            addresses(connector, host, port)


def test_a_name_that_changes_its_address_is_asked_once() -> None:
    """DNS rebinding: public when checked, loopback when connected."""
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    connected: list[Any] = []

    async def resolve(host: str) -> list[str]:
        return next(answers)

    async def work() -> None:
        loop = asyncio.get_running_loop()

        async def plain(factory: Any, host: str, port: int, **rest: Any) -> Any:
            connected.append((host, port))
            return None, None

        loop.create_connection = plain  # type: ignore[assignment, method-assign]
        Connector.of(resolve).guard(loop)
        await loop.create_connection(asyncio.Protocol, "rebind.test", 443)

    asyncio.run(work())
    assert connected == [("8.8.8.8", 443)]
