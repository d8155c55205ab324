"""The mitmproxy hooks. Each stands in the guard: what goes wrong in here ends as a blocked answer, never as the original."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mitmproxy import ctx, http
from mitmproxy.connection import Client

from safeguard.errors import Unchecked
from safeguard.formats import bodies, encoding
from safeguard.pipeline import Result
from safeguard.proxy import headers, pictures
from safeguard.proxy.account import Accounts
from safeguard.proxy.before import Before
from safeguard.proxy.checking import Checker, Way
from safeguard.proxy.curfew import Curfew
from safeguard.proxy.guard import guard
from safeguard.proxy.guarding import Guarding
from safeguard.proxy.hosts import normal, of_header
from safeguard.proxy.stream import WATCH, fit_mitmproxy
from safeguard.proxy.watched import BIG, BIG_PACKED, EventStream, WatchedFlow
from safeguard.system.server_clock import ServerClock

UPLOAD = 2**20


class Addon:
    """mitmproxy's hooks for HTTP and WebSocket.

    checker may be exchanged for a new one at any time (a reload of the rules); a flow keeps the one it began with.
    before: clears what browsers kept of watched sites from the time before us; None: nothing is cleared.
    clock: notes what watched sites say the time is; None: nobody does.
    """

    name = "safeguard"

    def __init__(
        self, checker: Checker, accounts: Accounts | None = None, before: Before | None = None, clock: ServerClock | None = None
    ) -> None:
        self.checker = checker
        self._before, self._clock = before, clock
        self.guarding = Guarding()
        self._accounts = accounts or Accounts()
        self._curfew = Curfew(lambda: ctx.master.addons.get("proxyserver").connections)
        self._looking: asyncio.Task[None] | None = None
        self._blurring = asyncio.Semaphore(1)  # pictures decoded at once: each may need 100 MB
        fit_mitmproxy()

    def running(self) -> None:
        """mitmproxy's hook: its loop runs."""
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._curfew.run())

    def done(self) -> None:
        """mitmproxy's hook: it stops."""
        if self._looking is not None:
            self._looking.cancel()

    def client_disconnected(self, client: Client) -> None:
        """A browser's connection is over."""
        self._accounts.forget(client)
        self._curfew.gone(client.id)

    def error(self, flow: http.HTTPFlow) -> None:
        """An exchange broke off."""
        self._curfew.ends(flow)

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        """A live connection is over."""
        self._curfew.ends(flow)

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
            watch.account = self._accounts.of(flow.client_conn)
            if self.guarding.is_ours(request):
                self.guarding.begin(watch)
                return
            if watch.off():
                return
            self._curfew.begins(watch)
            if self._before is not None and (instead := self._before.request(watch.account, request)) is not None:
                watch.say(instead)
                return
            watch.wants_guard = self.guarding.wants(watch)
            watch.hidden_picture = request.method in ("GET", "HEAD") and watch.checker.hides_picture(watch.exchange())
            if watch.hidden_picture or watch.wants_guard:
                headers.ask_whole(request.headers)
            headers.ask_readable(request.headers)
            size = request.headers.get("content-length", "0")
            if not size.isdigit() or int(size) > UPLOAD or "transfer-encoding" in request.headers:
                request.stream = True  # uploads are not read, so they need not be held

    async def request(self, flow: http.HTTPFlow) -> None:
        """A request is whole: answer the guard's."""
        watch = _watch(flow)
        if watch is not None and watch.asks_us and watch.answer is None:
            with guard(watch.refuse_quietly):
                await self.guarding.answer(watch)

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
            if self._clock is not None:
                self._clock.saw(response.headers.get("date", ""), response.headers.get("age", ""))
            watch.clears = self._before is not None and self._before.response(watch.account, flow.request, response)
            if response.status_code == 101:
                self._switch(watch, response)
            elif watch.hidden_picture and self._picture(watch, response):
                pass
            elif flow.request.method != "HEAD" and response.status_code not in (204, 304):
                self._route(watch, response)

    def _switch(self, watch: WatchedFlow, response: http.Response) -> None:
        """101: a WebSocket that we can read, or nothing."""
        if response.headers.get("upgrade", "").lower() != "websocket":
            watch.refuse("the connection changes to a protocol that cannot be read")
        elif response.headers.get("sec-websocket-extensions", "").strip():
            watch.refuse("the WebSocket uses an extension that nobody asked for")
        else:
            watch.messages = watch.checker.messages(watch.exchange())

    def _picture(self, watch: WatchedFlow, response: http.Response) -> bool:
        """The address of a hidden picture: True where the answer is one (or cannot be read), held or already grey."""
        exchange = watch.exchange()
        if 300 <= response.status_code < 400 and response.status_code != 304:
            watch.checker.picture_moved(exchange, response.headers.get("location", ""))
            return False
        if response.status_code not in (200, 206, 304):
            return False
        drawn = bodies.essence(exchange.media).startswith("image/")  # an SVG is read where a script or a page asks for it
        if response.status_code != 304 and not drawn and watch.checker.way(exchange) not in (Way.STREAM, Way.PEEK, Way.REFUSE):
            return False
        watch.limit = min(watch.limit, pictures.MOST_BYTES)
        if response.status_code != 200 or _announced(response) > watch.limit:
            watch.grey()
        elif watch.flow.request.method != "HEAD":
            response.stream = False
            watch.blur = True
        return True

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
            response.stream = watch.events = EventStream(watch, watch.checker.events(exchange), bool(codings))
            for name in ("content-encoding", "content-length", "etag", "last-modified"):
                response.headers.pop(name, None)
            if not response.is_http2 and "transfer-encoding" not in response.headers:
                response.headers["transfer-encoding"] = "chunked"  # the length is no longer known
        elif way is Way.REFUSE:
            watch.refuse("a kind of content that cannot be read")
        elif way is Way.PEEK:
            response.stream = False
            watch.whole = watch.peek = True
        else:
            watch.hold()

    async def large_data(self, flow: http.HTTPFlow) -> None:
        """stream.LargeDataHook: judge what came of a stream; what comes meanwhile waits."""
        watch = _watch(flow)
        if watch is not None and watch.events is not None:
            await asyncio.to_thread(watch.events.work)

    async def response(self, flow: http.HTTPFlow) -> None:
        """Check a body that was held."""
        watch = _watch(flow)
        if watch is None:
            return
        if flow.response is None or flow.response.status_code != 101:
            self._curfew.ends(flow)
        if watch.answer is not None:
            flow.response = watch.answer  # mitmproxy writes the body it read into the response it finds
        if watch.whole and watch.answer is None:
            with guard(watch.refuse_quietly):
                body = flow.response.raw_content if flow.response is not None else None
                if body is None:
                    raise Unchecked("the body went by unread")
                if watch.peek:
                    watch.streams(body, True)
                if body and watch.whole and watch.answer is None:
                    exchange = watch.exchange()
                    small = encoding.is_small(body, exchange.header("content-encoding"), BIG)
                    watch.take(await _beside(small, watch.checker.check, exchange, body))
                if watch.wants_guard and watch.whole and watch.answer is None:
                    await self.guarding.add(watch)
        if watch.blur and watch.answer is None:
            with guard(watch.refuse_quietly):
                await self._blur(watch)
        if flow.request.method == "HEAD" and watch.answer is not None:
            watch.answer.raw_content = b""  # a body after HEAD would be taken for the next response

    async def _blur(self, watch: WatchedFlow) -> None:
        response = watch.flow.response
        body = response.raw_content if response is not None else None
        if response is None or body is None:
            raise Unchecked("the picture went by unread")
        media = response.headers.get("content-type", "")
        try:
            body = encoding.decode(body, ",".join(response.headers.get_all("content-encoding")), pictures.MOST_BYTES)
        except Unchecked:
            body = b""  # which is grey
        async with self._blurring:
            watch.take_picture(*await asyncio.to_thread(pictures.blurred, body, media))

    async def websocket_message(self, flow: http.HTTPFlow) -> None:
        """Check what the server sends; what the child sends goes out as it is."""
        if flow.websocket is None or not flow.websocket.messages:
            return
        message = flow.websocket.messages[-1]
        flow.websocket.messages.clear()  # mitmproxy would keep every one until the end
        watch = _watch(flow)
        if watch is None or (message.from_client and message.is_text and not watch.off()):
            return

        def drop(why: str) -> None:
            message.drop()
            message.content = b""
            with guard(lambda _: None):
                watch.checker.unchecked(watch.exchange(), why)

        with guard(drop):
            if watch.off():  # before any look at the second
                message.drop()
                return
            if watch.messages is None:
                raise Unchecked("a message of a connection that was not watched from its beginning")
            data = message.content
            if message.from_client:
                watch.messages.sent(data)
                return
            said = data.decode("utf-8") if message.is_text else data
            small = len(data) <= (BIG if message.is_text else BIG_PACKED)
            outcome = await _beside(small, watch.messages.check, said)
            if outcome is None or outcome.result not in (Result.PASS, Result.EDIT):
                message.drop()
            elif outcome.result is Result.EDIT:
                # Of the same length, it would be cut where the original's frames were cut, maybe inside a letter.
                same = message.is_text and len(outcome.body) == len(data)
                message.content = outcome.body + b" " if same else outcome.body


def _watch(flow: http.HTTPFlow) -> WatchedFlow | None:
    found = flow.metadata.get(WATCH)
    return found if isinstance(found, WatchedFlow) else None


def _announced(response: http.Response) -> int:
    size = response.headers.get("content-length", "")
    return int(size) if size.isdigit() else 0


async def _beside[**P, T](small: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Small work here, large work in a thread; the order within a flow stays, because mitmproxy waits for the hook."""
    return work(*args, **kwargs) if small else await asyncio.to_thread(work, *args, **kwargs)
