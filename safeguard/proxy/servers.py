"""mitmproxy's side towards the servers with what it lacks: interim answers, a graceful GOAWAY, and no more read than the browser takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import h2.connection
import h2.events
from mitmproxy.connection import ConnectionState
from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.events import ConnectionClosed, DataReceived, Event
from mitmproxy.proxy.layers import http
from mitmproxy.proxy.layers.http import HttpClient
from mitmproxy.proxy.layers.http._base import ReceiveHttp
from mitmproxy.proxy.layers.http._events import ErrorCode, ResponseHeaders, ResponseProtocolError
from mitmproxy.proxy.layers.http._http1 import Http1Client
from mitmproxy.proxy.layers.http._http2 import Http2Client
from mitmproxy.proxy.layers.http._http_h2 import BufferedH2Connection

MOST_HEAD = 256 * 1024
"""Bytes of a response's head."""
WINDOW = 2 * 2**20
"""Bytes a server may send on one HTTP/2 stream before the browser has taken them."""
_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}\b")

LEFT = "the server left a connection it had answered on before"
"""Message of the error that says so. Nothing came, so a request that changes nothing can be asked again (RFC 9110, 9.2.2)."""

Crowded = Callable[[int], bool]
"""Whether much of that stream (the browser's number of it) still waits for the browser."""


class Room(Event):
    """The browser has taken something."""


class Client1(Http1Client):
    """HTTP/1.1. 103 Early Hints and the like are dropped: mitmproxy would take them for the answer and hang up at the true one.

    A server may leave an idle connection in the moment in which we ask on it; that is told apart from one that fails (LEFT).
    """

    _answered = False

    def read_headers(self, event: Any) -> layer.CommandGenerator[None]:
        if isinstance(event, DataReceived) and self.request is not None:
            while _INTERIM.match(bytes(self.buf)[:16]):
                if self.buf.maybe_extract_lines() is None:
                    break
            if not self.buf:
                return
        for command in super().read_headers(event):
            if isinstance(command, ReceiveHttp) and isinstance(command.event, ResponseHeaders):
                self._answered = True
            if isinstance(event, ConnectionClosed) and isinstance(command, ReceiveHttp) and self._answered and not self.buf:
                command = ReceiveHttp(ResponseProtocolError(command.event.stream_id, LEFT, ErrorCode.GENERIC_SERVER_ERROR))
            yield command
        if self.response is None and self.stream_id is not None and len(self.buf) > MOST_HEAD:
            yield commands.CloseConnection(self.conn)
            why = ResponseProtocolError(self.stream_id, "the head of the answer is too large", ErrorCode.GENERIC_SERVER_ERROR)
            yield ReceiveHttp(why)
            self.state = self.done


class _Connection2(BufferedH2Connection):
    """An HTTP/2 connection that outlives a graceful GOAWAY and acknowledges what has come only when told to."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.local_settings.initial_window_size = WINDOW
        self.local_settings.acknowledge()
        self.leaving = False
        self.owed: dict[int, int] = {}

    def acknowledge_received_data(self, acknowledged_size: int, stream_id: int) -> None:
        """Note it; `pay` says it."""
        self.owed[stream_id] = self.owed.get(stream_id, 0) + acknowledged_size

    def pay(self, stream_id: int) -> None:
        """The browser has room again."""
        super().acknowledge_received_data(self.owed.pop(stream_id), stream_id)

    def _receive_goaway_frame(self, frame: Any) -> Any:
        found = super()._receive_goaway_frame(frame)
        if not frame.error_code:
            self.leaving = True
            self.state_machine.state = h2.connection.ConnectionState.CLIENT_OPEN  # h2 would refuse every frame that still comes
        return found


class Client2(Http2Client):
    """HTTP/2. mitmproxy opens windows of 2 GiB and buffers what the browser does not take, and drops running answers at a GOAWAY."""

    h2_conn: _Connection2

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.h2_conn = _Connection2(self.h2_conf)
        self.h2_conn.local_settings.enable_push = 0
        self.h2_conn.local_settings.acknowledge()
        self._crowded: Crowded = next((own.crowded for own in reversed(context.layers) if hasattr(own, "crowded")), lambda stream: False)

    def _handle_event(self, event: Event) -> layer.CommandGenerator[None]:
        if not isinstance(event, Room):
            yield from super()._handle_event(event)
        if isinstance(event, Room | DataReceived) and self.h2_conn.owed:
            for stream in [s for s in self.h2_conn.owed if not self._crowded(self.their_stream_id.get(s, 0))]:
                self.h2_conn.pay(stream)
            data = self.h2_conn.data_to_send()
            if data:
                yield commands.SendData(self.conn, data)
        if self.h2_conn.leaving and not self.streams and self.conn.state is not ConnectionState.CLOSED:
            yield commands.CloseConnection(self.conn)

    def handle_h2_event(self, event: Any) -> layer.CommandGenerator[bool]:
        if isinstance(event, h2.events.ConnectionTerminated) and self.h2_conn.leaving:
            self.conn.state = ConnectionState.CAN_READ  # so that mitmproxy opens a new one for the next request
            last = event.last_stream_id or 0
            for stream in [s for s in self.streams if s > last]:
                del self.streams[stream]
                yield ReceiveHttp(ResponseProtocolError(stream, "the server ends the connection", ErrorCode.GENERIC_SERVER_ERROR))
            return False
        return (yield from super().handle_h2_event(event))


class Client(HttpClient):
    """Chooses between the two."""

    def _handle_event(self, event: Any) -> layer.CommandGenerator[None]:
        server = self.context.server
        error = None if server.connected else (yield commands.OpenConnection(server))
        if not error:
            self.child_layer = (Client2 if server.alpn == b"h2" else Client1)(self.context)
            self._handle_event = self.child_layer.handle_event  # type: ignore[method-assign]  # as mitmproxy does it
            yield from self._handle_event(event)
        yield http.RegisterHttpConnection(server, error)


def use() -> None:
    """Have mitmproxy make these: its HttpLayer names the class it takes, and has no other way to set it."""
    http.HttpClient = Client  # type: ignore[misc]
