"""mitmproxy's HTTP layer with two things changed: our answer goes out the moment it is decided, and buffering has a limit.

Plain mitmproxy would read a refused body to its end first (an endless one for ever), and would answer errors with a page of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from mitmproxy import http
from mitmproxy.connection import Server
from mitmproxy.proxy import layer
from mitmproxy.proxy.commands import CloseConnection, StartHook
from mitmproxy.proxy.events import DataReceived, HookCompleted, Start
from mitmproxy.proxy.layers import websocket
from mitmproxy.proxy.layers.http import DropStream, HttpLayer, HttpStream, SendHttp
from mitmproxy.proxy.layers.http._events import (
    ErrorCode,
    RequestEndOfMessage,
    RequestHeaders,
    RequestProtocolError,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.http._http1 import Http1Client
from mitmproxy.proxy.layers.http._http2 import Http2Server

from safeguard.proxy import servers
from safeguard.proxy.messages import Messages
from safeguard.proxy.servers import Room

WATCH = "safeguard"
"""Key in flow.metadata under which the addon leaves the Watch of a flow on a watched host."""

MOST_WAITING = 2**20
"""Bytes of one stream that may wait for the browser before less is read from the server."""
UNWATCHED_MESSAGE = 32 * 2**20
"""Limit of a WebSocket message, bytes, where the host is not watched."""
_NOBODY_LISTENS = (ErrorCode.KILL, ErrorCode.CLIENT_DISCONNECTED, ErrorCode.PASSTHROUGH_CLOSE)


@dataclass
class LargeDataHook(StartHook):
    """Large data of a stream has come and is judged, beside the event loop, before anything of it goes out."""

    flow: http.HTTPFlow


class Watch(Protocol):
    """What a Stream must know of a flow on a watched host.

    answer: the response that goes out whatever the server sends, once it is decided.
    limit:  bytes of a body that may be buffered.
    peek:   the beginning of the body decides whether it streams.
    """

    answer: http.Response | None
    limit: int
    peek: bool

    def streams(self, came: bytes) -> bool | None:
        """Whether a body that begins like that streams; None: not enough to tell. Must not raise."""
        ...

    def comes(self, data: bytes) -> bool:
        """Whether this piece of a stream (b"": its end) is to be judged beside the event loop, by LargeDataHook. Must not raise."""
        ...

    def over(self) -> bool:
        """Whether a WebSocket must be ended now. Must not raise."""
        ...

    def said_too_much(self, why: str) -> None:
        """A WebSocket was ended for that; logs it. Must not raise."""
        ...

    def failed(self, why: str) -> http.Response:
        """The answer to send where the exchange failed; logs it. Must not raise."""
        ...


class Stream(HttpStream):
    """One request and its response."""

    _told = False
    """Whether the head of a response has gone to the browser."""
    _asked_again = False

    def _handle_event(self, event: Any) -> layer.CommandGenerator[None]:
        """Every command that mitmproxy's own stream gives; an error for the browser is replaced by the answer of the Watch."""
        work = super()._handle_event(event)
        reply: Any = None
        while True:
            try:
                command = work.send(reply)
            except StopIteration:
                return
            sent = command.event if isinstance(command, SendHttp) and command.connection == self.context.client else None
            if isinstance(sent, ResponseHeaders) and sent.response.status_code >= 200:
                self._told = True
            watch = self._watch
            if isinstance(sent, ResponseProtocolError) and not self._told and watch is not None and sent.code not in _NOBODY_LISTENS:
                yield from self._answer(watch.failed(sent.message))
                reply = None
            else:
                reply = yield command

    def state_wait_for_response_headers(self, event: Any) -> layer.CommandGenerator[None]:
        yield from super().state_wait_for_response_headers(event)
        watch = self._watch
        if watch is not None and watch.answer is not None and self.server_state == self.state_consume_response_body:
            yield from self._cut("refused", not event.end_stream)

    def state_consume_response_body(self, event: Any) -> layer.CommandGenerator[None]:
        watch = self._watch
        if watch is not None and watch.peek and isinstance(event, ResponseData):
            came = bytes(self.response_body_buf) + event.data
            if self.flow.response is not None and watch.streams(came):
                self.response_body_buf.clear()
                self.flow.response.stream = True
                yield from self.start_response_stream()
                yield from self.state_stream_response_body(ResponseData(self.stream_id, came))
                return
            if watch.answer is not None:
                yield from self._cut("refused", True)
                return
        if watch is not None and isinstance(event, ResponseData) and len(self.response_body_buf) + len(event.data) > watch.limit:
            yield from self._cut("the body is too large to be checked", True)
        else:
            yield from super().state_consume_response_body(event)

    def state_stream_response_body(self, event: Any) -> layer.CommandGenerator[None]:
        watch = self._watch
        data = event.data if isinstance(event, ResponseData) else b"" if isinstance(event, ResponseEndOfMessage) else None
        if watch is not None and data is not None and watch.comes(data):
            yield LargeDataHook(self.flow)
        yield from super().state_stream_response_body(event)

    @property
    def behind(self) -> int:
        """Bytes of the body that came while what is before them is judged."""
        return sum(len(e.data) for e in self._paused_event_queue if isinstance(e, ResponseData))

    def handle_protocol_error(self, event: Any) -> layer.CommandGenerator[None]:
        """Ask again, once, where the server left an idle connection just as we asked on it. Every browser does so."""
        request = self.flow.request
        idle = isinstance(event, ResponseProtocolError) and event.message == servers.LEFT and self._waits
        if not idle or self._asked_again or request.method not in ("GET", "HEAD") or request.raw_content:
            yield from super().handle_protocol_error(event)
            return
        self._asked_again = True
        if (yield from self.make_server_connection()):
            yield SendHttp(RequestHeaders(self.stream_id, request, end_stream=True), self.context.server)
            yield SendHttp(RequestEndOfMessage(self.stream_id), self.context.server)

    def flow_done(self) -> layer.CommandGenerator[None]:
        if self.flow.websocket is None:
            yield from super().flow_done()
            return
        watch = self._watch
        if watch is not None:
            self.child_layer = Messages(self.context, self.flow, watch.limit, watch.said_too_much, watch.over)
        else:
            self.child_layer = Messages(self.context, self.flow, UNWATCHED_MESSAGE, lambda why: None, lambda: False)
        self._handle_event = self.passthrough  # type: ignore[method-assign]  # as mitmproxy does it
        yield from self.child_layer.handle_event(Start())
        yield SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)

    @property
    def _waits(self) -> bool:
        """Whether all of the request was sent and nothing of the response came."""
        return bool(self.client_state == self.state_done and self.server_state == self.state_wait_for_response_headers)

    @property
    def _watch(self) -> Watch | None:
        found: Watch | None = self.flow.metadata.get(WATCH) if hasattr(self, "flow") else None
        return found

    def _cut(self, why: str, hang_up: bool) -> layer.CommandGenerator[None]:
        """End the exchange with an error (which _handle_event replaces); hang_up: the server still sends, so tell it to stop."""
        self.response_body_buf.clear()
        self.client_state = self.server_state = self.state_errored
        yield SendHttp(ResponseProtocolError(self.stream_id, why, ErrorCode.RESPONSE_TOO_LARGE), self.context.client)
        if hang_up:
            yield SendHttp(RequestProtocolError(self.stream_id, why, ErrorCode.CANCEL), self.context.server)
        self.flow.live = False
        yield DropStream(self.stream_id)

    def _answer(self, answer: http.Response) -> layer.CommandGenerator[None]:
        self._told = True
        self.flow.response = answer
        content = b"" if self.flow.request.method == "HEAD" else answer.raw_content
        yield SendHttp(ResponseHeaders(self.stream_id, answer, end_stream=not content), self.context.client)
        if content:
            yield SendHttp(ResponseData(self.stream_id, content), self.context.client)
        yield SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)


class Http(HttpLayer):
    """HttpLayer whose streams are ours, and which ends an exchange where mitmproxy gives up in the middle of it."""

    def _handle_event(self, event: Any) -> layer.CommandGenerator[None]:
        yield from super()._handle_event(event)
        taken = isinstance(event, DataReceived) and event.connection is self.context.client and self._speaks_http2
        if taken or isinstance(event, HookCompleted):  # room in the browser's window, or what came is judged
            for server, child in list(self.connections.items()):
                if server is not self.context.client and server.alpn == b"h2" and server.connected:
                    yield from self.event_to_child(child, Room())

    @property
    def _speaks_http2(self) -> bool:
        return isinstance(self.connections.get(self.context.client), Http2Server)

    def crowded(self, stream_id: int) -> bool:
        """Whether more of that stream than MOST_WAITING waits for the browser's HTTP/2 window, or to be judged."""
        browser, stream = self.connections.get(self.context.client), self.streams.get(stream_id)
        parts = browser.h2_conn.stream_buffers.get(stream_id, ()) if isinstance(browser, Http2Server) else ()
        behind = stream.behind if isinstance(stream, Stream) else 0
        return behind + sum(len(part.data) for part in parts) > MOST_WAITING

    def holds_up(self, server: object) -> bool:
        """visitors.Taking: whether an HTTP/1 server has to wait; an HTTP/2 server is held by its windows (servers.py)."""
        child = self.connections.get(server) if isinstance(server, Server) and server.alpn != b"h2" else None
        client = child.context.layers[-1] if child is not None else None
        return isinstance(client, Http1Client) and client.stream_id is not None and self.crowded(client.stream_id)

    def event_to_child(self, child: Any, event: Any) -> layer.CommandGenerator[None]:
        try:
            yield from super().event_to_child(child, event)
        except NotImplementedError:  # HTTP/1 trailers; unhandled, the browser would wait until the connection times out
            client = getattr(child, "context", self.context).layers[-1]
            if not isinstance(client, Http1Client) or client.stream_id not in self.streams:
                raise
            stream = self.streams[client.stream_id]
            why = ResponseProtocolError(stream.stream_id, "the body has trailers", ErrorCode.GENERIC_SERVER_ERROR)
            yield from super().event_to_child(stream, why)
            yield CloseConnection(client.conn)

    def make_stream(self, stream_id: int) -> layer.CommandGenerator[None]:
        self.streams[stream_id] = Stream(self.context.fork(), stream_id)
        yield from self.event_to_child(self.streams[stream_id], Start())


def fit_mitmproxy() -> None:
    """Set what mitmproxy has no option for: our clients (servers.py), and edited WebSocket messages as one frame:

    it cuts every 4000 bytes, within letters too, and mangles them.
    """
    servers.use()
    websocket.Fragmentizer.FRAGMENT_SIZE = 2**31
