"""Whose browser is at the other end of a connection, asked once for each: the account decides which profile counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mitmproxy.connection import Client

from safeguard.system import peer


class Accounts:
    """ports: port of ours -> account that it is for; used where the system cannot tell whose connection it is."""

    def __init__(self, ports: Mapping[int, str] | None = None, ask: Callable[[peer.Address, peer.Address], str] = peer.account) -> None:
        self._ports = dict(ports or {})
        self._ask = ask
        self._known: dict[str, str] = {}

    def of(self, client: Client) -> str:
        """The account's name, "" where it is not known. To be asked while the connection is open."""
        known = self._known.get(client.id)
        if known is None:
            ours = client.sockname
            asked = self._ask((client.peername[0], client.peername[1]), (ours[0], ours[1]))
            known = self._known[client.id] = asked or self._ports.get(ours[1], "")
        return known

    def forget(self, client: Client) -> None:
        """The connection is over."""
        self._known.pop(client.id, None)
