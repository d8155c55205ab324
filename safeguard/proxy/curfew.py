"""Ends what goes on when a child's social networks are switched off: live connections, streams, downloads that began before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from mitmproxy import http
from mitmproxy.proxy.server import ConnectionHandler

from safeguard.proxy.guard import guard
from safeguard.proxy.watched import WatchedFlow

LOOK_S = 1.0


class Curfew:
    """Knows every exchange with a watched host that goes on. connections: mitmproxy's own list, client id -> handler."""

    def __init__(self, connections: Callable[[], Mapping[Any, ConnectionHandler]]) -> None:
        self._connections = connections
        self._open: dict[str, WatchedFlow] = {}

    def begins(self, watch: WatchedFlow) -> None:
        """An exchange that the server will answer."""
        self._open[watch.flow.id] = watch

    def ends(self, flow: http.HTTPFlow) -> None:
        """It is over."""
        self._open.pop(flow.id, None)

    def gone(self, client: str) -> None:
        """The browser's connection is over, and all that was on it."""
        for watch in [w for w in self._open.values() if w.flow.client_conn.id == client]:
            self.ends(watch.flow)

    async def run(self) -> None:
        """Looks each second, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            with guard(lambda _: None):
                self.look()

    def look(self) -> None:
        """Hang up on browsers whose site is off now: the next request gets the page that says so."""
        for watch in list(self._open.values()):
            if watch.answer is None and watch.off():
                self._hang_up(watch.flow.client_conn.id)
                self.ends(watch.flow)

    def _hang_up(self, client: str) -> None:
        handler = self._connections().get(client)
        io = handler.transports.get(handler.client) if handler is not None else None
        if io is not None and io.handler is not None:
            io.handler.cancel("social networks are off")
