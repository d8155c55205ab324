"""mitmproxy's WebSocket layer with a bound: a message over the limit ends the connection instead of filling the memory.

mitmproxy gathers a message by `bytes += part`, which is quadratic, and keeps without end what comes while one is being checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from mitmproxy import http
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.websocket import WebsocketConnection, WebsocketEndHook, WebsocketLayer, WebsocketMessageHook
from wsproto import ConnectionType
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Message, TextMessage
from wsproto.frame_protocol import CloseReason

MOST_FRAMES = 1000
"""Of a message that goes out in the frames it came in; one of more goes out as one."""
TOO_LARGE = "a message too large to be checked"


class Bounded(WebsocketConnection):
    """One side of a WebSocket; its messages come whole or, over the limit, as the end of the connection."""

    def __init__(self, side: ConnectionType, limit: int, refuse: Callable[[], None], **rest: Any) -> None:
        super().__init__(side, [], **rest)
        self._limit = limit
        self._refuse = refuse
        self._data = bytearray()
        self._ends: list[int] = []

    def events(self) -> Iterator[Event]:
        """wsproto's events, each message in the frames it came in, after its last one has come."""
        for event in super().events():
            if not isinstance(event, Message):
                yield event
                continue
            self._data += event.data.encode() if isinstance(event.data, str) else event.data
            if len(self._data) > self._limit:
                self._data.clear()
                self._refuse()
                yield CloseConnection(CloseReason.MESSAGE_TOO_BIG, "too large")
                return
            if event.frame_finished and len(self._ends) < MOST_FRAMES:
                self._ends.append(len(self._data))
            if event.message_finished:
                yield from self._frames(isinstance(event.data, str))

    def _frames(self, is_text: bool) -> Iterator[Message[Any]]:
        ends = self._ends if self._ends and self._ends[-1] == len(self._data) else [len(self._data)]
        data, self._data, self._ends = bytes(self._data), bytearray(), []
        start = 0
        for n, end in enumerate(ends, 1):
            last = n == len(ends)
            part = data[start:end]  # ends with a whole letter, as wsproto hands them out
            made = TextMessage(part.decode()) if is_text else BytesMessage(part)
            yield replace(made, frame_finished=True, message_finished=last)
            start = end


class Messages(WebsocketLayer):
    """limit: bytes of one message, and of what may wait while one is being checked; told: hears why the connection was ended.

    over: whether what was checked last ends the connection.
    """

    def __init__(self, context: Context, flow: http.HTTPFlow, limit: int, told: Callable[[str], None], over: Callable[[], bool]) -> None:
        super().__init__(context, flow)
        self._is_over = over
        self._limit = limit
        self._told = told
        self._waiting = 0
        self._over = False

    def start(self, event: events.Event) -> layer.CommandGenerator[None]:
        """mitmproxy's own, with bounded connections; an extension was refused before (see addon.py)."""
        yield from super().start(event)
        self.client_ws = Bounded(ConnectionType.SERVER, self._limit, self._refused, conn=self.context.client)
        self.server_ws = Bounded(ConnectionType.CLIENT, self._limit, self._refused, conn=self.context.server)

    _handle_event = start

    def relay_messages(self, event: events.Event) -> layer.CommandGenerator[None]:
        """mitmproxy's own, ended after a message that ends the connection."""
        work = super().relay_messages(event)
        reply: Any = None
        while True:
            try:
                command = work.send(reply)
            except StopIteration:
                return
            reply = yield command
            if isinstance(command, WebsocketMessageHook) and self._is_over():
                work.close()
                yield from self._end()
                return

    def _end(self) -> layer.CommandGenerator[None]:
        for ws in (self.server_ws, self.client_ws):
            if ws.state is ConnectionState.OPEN:
                yield ws.send2(CloseConnection(CloseReason.POLICY_VIOLATION, "ended by SafeGuard"))
            yield commands.CloseConnection(ws.conn)
        yield WebsocketEndHook(self.flow)
        self.flow.live = False
        self._handle_event = self.done  # type: ignore[method-assign]  # as mitmproxy does it

    def handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Count what comes while a message is being checked: mitmproxy reads on and keeps it."""
        if isinstance(event, events.DataReceived):
            self._waiting = self._waiting + len(event.data) if self._paused else 0
            if self._waiting > self._limit and not self._over:
                self._over = True
                self._refused()
                yield commands.CloseConnection(self.context.server)
                yield commands.CloseConnection(self.context.client)
            if self._over:
                return
        yield from super().handle_event(event)

    def _refused(self) -> None:
        self._told(TOO_LARGE)
