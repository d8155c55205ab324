"""The mitmproxy hooks. Each stands in the guard: what goes wrong in here ends as a blocked answer, never as the original."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Iterable

from mitmproxy import http

from safeguard.errors import Unchecked
from safeguard.formats import encoding
from safeguard.pipeline import Exchange, Outcome, Result
from safeguard.policy import blocked
from safeguard.proxy import headers
from safeguard.proxy.checking import Checker, EventFilter, Way
from safeguard.proxy.guard import guard
from safeguard.proxy.hosts import normal, of_header
from safeguard.proxy.stream import WATCH, whole_messages

BIG = 32 * 1024
"""Bodies above this are checked beside the event loop, so that small answers do not wait for large ones."""
UPLOAD = 2**20
UNREACHED = 502
_BARE = http.Response.make(blocked.STATUS, b"", {"Cache-Control": "no-store"})
"""Goes out where even the blocked page could not be made."""


class WatchedFlow:
    """One exchange with a watched host, from its request headers on; see stream.Watch."""

    def __init__(self, flow: http.HTTPFlow, checker: Checker) -> None:
        self.flow = flow
        self.checker = checker
        self.answer: http.Response | None = None
        self.limit = checker.limit()
        self.whole = False  # the response is buffered and has to be checked in the response hook
        self.told_of_binary = False

    def exchange(self) -> Exchange:
        """What is known by now."""
        request, response = self.flow.request, self.flow.response
        found = response.headers if response is not None else http.Headers()
        return Exchange(
            url=request.pretty_url,
            host=normal(request.pretty_host),
            content_type=found.get("content-type", ""),
            headers=tuple((k.lower(), v) for k, v in found.items(multi=True)),
            dest=request.headers.get("sec-fetch-dest", ""),
        )

    def refuse(self, why: str, status: int = blocked.STATUS) -> http.Response:
        """Decide on the blocked answer, log it, and put it in place. Never raises."""
        if self.answer is None:
            self.answer = _BARE.copy()
            with guard(lambda _: None):
                self._put(self.checker.unchecked(self.exchange(), why), status)
        self.flow.request.stream = False  # an answer and a streamed request together make mitmproxy fail
        self.flow.response = self.answer
        return self.answer

    def refuse_quietly(self, why: str) -> None:
        """refuse, for the guard."""
        self.refuse(why)

    def failed(self, why: str) -> http.Response:
        """stream.Watch: the server could not be reached, does not prove who it is, or broke off."""
        return self.refuse(why, UNREACHED)

    def take(self, outcome: Outcome) -> None:
        """Put the outcome for the whole body in place."""
        response = self.flow.response
        assert response is not None
        if outcome.result is Result.PASS:
            return
        if outcome.result is Result.EDIT:
            if response.status_code == 206:
                response.status_code, response.reason = 200, "OK"  # a server may always answer a range with the whole
            response.raw_content = outcome.body
            response.trailers = None
            headers.of_edited(response.headers, len(outcome.body))
            return
        self._put(outcome, blocked.STATUS)
        self.flow.response = self.answer

    def _put(self, outcome: Outcome, status: int) -> None:
        self.answer = http.Response.make(
            status,
            outcome.body,
            {
                "Content-Type": outcome.content_type or "text/plain; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )


class Addon:
    """mitmproxy's hooks for HTTP and WebSocket.

    checker may be exchanged for a new one at any time (a reload of the rules); a flow keeps the one it began with.
    """

    name = "safeguard"

    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        whole_messages()

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Is the host watched? Then watch over the flow, else let it through."""
        watch = WatchedFlow(flow, self.checker)
        flow.metadata[WATCH] = watch  # first of all: were the next lines to fail, the flow must not count as unwatched
        with guard(watch.refuse_quietly):
            request = flow.request
            host = normal(request.host)
            names = {of_header(a) for a in (request.authority, *request.headers.get_all("host")) if a}
            if not any(self.checker.watched(n) for n in (host, *names)):
                del flow.metadata[WATCH]
                request.stream = True
                return
            if names - {host}:
                watch.refuse(f"the request names {', '.join(sorted(names))} inside a connection to {host}")
                return
            headers.ask_readable(request.headers)
            size = request.headers.get("content-length", "0")
            if not size.isdigit() or int(size) > UPLOAD or "transfer-encoding" in request.headers:
                request.stream = True  # uploads are not read, so they need not be held

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Decide by the headers how the body goes through."""
        response = flow.response
        assert response is not None
        watch = _watch(flow)
        if watch is None:
            response.stream = True
            return
        if watch.answer is not None:
            return
        with guard(watch.refuse_quietly):
            headers.no_way_round(response.headers)
            if response.status_code == 101:
                self._switch(watch, response)
            elif flow.request.method != "HEAD" and response.status_code not in (204, 304):
                self._route(watch, response)

    def _switch(self, watch: WatchedFlow, response: http.Response) -> None:
        """101: a WebSocket that we can read, or nothing."""
        if response.headers.get("upgrade", "").lower() != "websocket":
            watch.refuse("the connection changes to a protocol that cannot be read")
        elif response.headers.get("sec-websocket-extensions", "").strip():
            watch.refuse("the WebSocket uses an extension that nobody asked for")

    def _route(self, watch: WatchedFlow, response: http.Response) -> None:
        exchange = watch.exchange()
        way = watch.checker.way(exchange)
        if way is Way.STREAM:
            response.stream = True
        elif way is Way.EVENTS and response.status_code == 200:
            codings = encoding.codings(",".join(response.headers.get_all("content-encoding")))
            if codings not in ([], ["gzip"]):
                watch.refuse(f"an event stream in the encoding {codings[0][:40]!r}")
                return
            response.stream = EventStream(watch, watch.checker.events(exchange), bool(codings))
            for name in ("content-encoding", "content-length", "etag", "last-modified"):
                response.headers.pop(name, None)
            if not response.is_http2 and "transfer-encoding" not in response.headers:
                response.headers["transfer-encoding"] = "chunked"  # the length is no longer known
        elif way is Way.REFUSE:
            watch.refuse("a kind of content that cannot be read")
        elif response.status_code == 206 and not headers.is_whole(response.headers.get("content-range", "")):
            watch.refuse("a part of a body, which cannot be checked without the rest")
        elif _announced(response) > watch.limit:
            watch.refuse("the body is too large to be checked")
        else:
            watch.whole = True

    async def response(self, flow: http.HTTPFlow) -> None:
        """Check a body that was held."""
        watch = _watch(flow)
        if watch is None:
            return
        if watch.answer is not None:
            flow.response = watch.answer  # mitmproxy writes the body it read into the response it finds
        if watch.whole and watch.answer is None:
            with guard(watch.refuse_quietly):
                body = flow.response.raw_content if flow.response is not None else None
                if body is None:
                    raise Unchecked("the body went by unread")
                if body:
                    exchange = watch.exchange()
                    watch.take(await _beside(len(body), watch.checker.check, exchange, body))
        if flow.request.method == "HEAD" and watch.answer is not None:
            watch.answer.raw_content = b""  # a body after HEAD would be taken for the next response

    async def websocket_message(self, flow: http.HTTPFlow) -> None:
        """Check what the server sends; what the child sends goes out as it is."""
        if flow.websocket is None or not flow.websocket.messages:
            return
        message = flow.websocket.messages[-1]
        flow.websocket.messages.clear()  # mitmproxy would keep every one until the end
        watch = _watch(flow)
        if watch is None or message.from_client:
            return

        def drop(why: str) -> None:
            message.drop()
            message.content = b""

        with guard(drop):
            data = message.content
            if len(data) > watch.limit:
                raise Unchecked("a message too large to be checked")
            said = data.decode("utf-8") if message.is_text else data
            outcome = await _beside(len(data), watch.checker.message, watch.exchange(), said)
            if outcome.result is Result.EDIT:
                # Of the same length, it would be cut where the original's frames were cut, maybe inside a letter.
                message.content = outcome.body + b" " if len(outcome.body) == len(data) else outcome.body
            elif outcome.result is not Result.PASS:
                drop(outcome.why)


class EventStream:
    """The filter of one event stream as mitmproxy calls it: bytes as they come, b"" at the end."""

    def __init__(self, watch: WatchedFlow, events: EventFilter, gzip: bool) -> None:
        self._watch = watch
        self._events = events
        self._unzip = zlib.decompressobj(31) if gzip else None
        self._ended = False

    def __call__(self, data: bytes) -> Iterable[bytes]:
        """A list, and never one with an empty item: in a chunked body mitmproxy would send that as its end."""
        out: list[bytes] = []
        if not self._ended:
            with guard(self._fail):
                try:
                    out = self._filtered(data)
                except (Unchecked, zlib.error) as e:
                    self._fail(str(e))
        return [o for o in out if o]

    def _filtered(self, data: bytes) -> list[bytes]:
        if not data:
            self._ended = True
            return [self._events.end()]
        out = []
        if self._unzip is None:
            return [self._events.feed(data)]
        while data:
            out.append(self._events.feed(self._unzip.decompress(data, BIG)))
            data = self._unzip.unconsumed_tail
        return out

    def _fail(self, why: str) -> None:
        """From here on nothing goes out."""
        self._ended = True
        self._watch.checker.unchecked(self._watch.exchange(), why)


def _watch(flow: http.HTTPFlow) -> WatchedFlow | None:
    found = flow.metadata.get(WATCH)
    return found if isinstance(found, WatchedFlow) else None


def _announced(response: http.Response) -> int:
    size = response.headers.get("content-length", "")
    return int(size) if size.isdigit() else 0


async def _beside[**P](size: int, work: Callable[P, Outcome], *args: P.args, **kwargs: P.kwargs) -> Outcome:
    """Small work here, large work in a thread; the order within a flow stays, because mitmproxy waits for the hook."""
    return await asyncio.to_thread(work, *args, **kwargs) if size > BIG else work(*args, **kwargs)
