"""The browsers' connections in bounds: who sends no request is hung up on, and who takes nothing is not read for.

A program that opens thousands of connections and says nothing must not stop the family's browsing.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from weakref import WeakKeyDictionary, WeakSet

from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.server import ConnectionHandler

FIRST_REQUEST_S = 60.0
"""Within this a connection must have brought a whole request."""
MOST_WAITING = 500
"""Connections that have not; one more, and the oldest of them is ended."""
MOST_FILES = 16384
_LOOK_S = 0.05


class Taking(Protocol):
    """The HTTP layer of one connection; see stream.Http."""

    def holds_up(self, server: object) -> bool:
        """Whether much of what came from that server still waits for the browser."""
        ...


class Visitors:
    """An addon. connections: mitmproxy's own list, client id -> handler.

    first_request_s: see FIRST_REQUEST_S; another one for the tests.
    """

    name = "safeguard-visitors"

    def __init__(self, connections: Mapping[Any, ConnectionHandler], first_request_s: float = FIRST_REQUEST_S) -> None:
        self._connections = connections
        self._first_request_s = first_request_s
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._transports: WeakSet[asyncio.WriteTransport] = WeakSet()
        self._layers: WeakKeyDictionary[Client, Taking] = WeakKeyDictionary()

    def client_connected(self, client: Client) -> None:
        """mitmproxy's hook."""
        handler = self._connections.get(client.id)
        if handler is not None:
            self._slow_down(handler)
            writer = handler.transports[client].writer
            if isinstance(writer, asyncio.StreamWriter):
                self._transports.add(writer.transport)
        if len(self._waiting) >= MOST_WAITING:
            self._hang_up(next(iter(self._waiting)))
        self._waiting[client.id] = asyncio.get_running_loop().call_later(self._first_request_s, self._hang_up, client.id)

    def client_disconnected(self, client: Client) -> None:
        """mitmproxy's hook."""
        self.arrived(client)

    def requestheaders(self, flow: HTTPFlow) -> None:
        """mitmproxy's hook; not called for CONNECT, behind which everything may still be missing."""
        self.arrived(flow.client_conn)

    def arrived(self, client: Client) -> None:
        """A whole request has come, or the start of what passes through unread."""
        timer = self._waiting.pop(client.id, None)
        if timer is not None:
            timer.cancel()

    def speaks_http(self, client: Client, made: Taking) -> None:
        """The layer that reads the requests of this connection."""
        self._layers[client] = made

    def abort(self) -> None:
        """End every connection at once, whatever is still to be said."""
        for transport in list(self._transports):
            transport.abort()

    def _hang_up(self, number: str) -> None:
        timer = self._waiting.pop(number, None)
        if timer is not None:
            timer.cancel()
        handler = self._connections.get(number)
        io = handler.transports.get(handler.client) if handler is not None else None
        if io is not None and io.handler is not None:
            io.handler.cancel("no request came")

    def _slow_down(self, handler: ConnectionHandler) -> None:
        """Read no more from a server while the browser does not take it: mitmproxy knows of its sockets, not of HTTP/2 windows."""
        drained: Callable[[], Awaitable[None]] = handler.drain_writers

        async def drain_writers() -> None:
            await drained()
            made = self._layers.get(handler.client)
            if made is None:
                return
            task = asyncio.current_task()
            server = next((c for c, io in handler.transports.items() if io.handler is task), handler.client)
            while server is not handler.client and handler.client in handler.transports and made.holds_up(server):
                await asyncio.sleep(_LOOK_S)

        handler.drain_writers = drain_writers  # type: ignore[method-assign]  # of this one handler


def raise_file_limit() -> None:
    """As many open files as the system gives us without asking anybody, at most MOST_FILES."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
