"""One exchange with a watched host on its way through the hooks: what is decided about it, and what goes out in its place."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace

from mitmproxy import http

from safeguard.errors import Unchecked
from safeguard.formats import bodies, encoding
from safeguard.pipeline import Exchange, Outcome, Result
from safeguard.policy import blocked, off
from safeguard.proxy import before, handshake, headers, pictures
from safeguard.proxy.checking import Checker, EventFilter, MessageFilter
from safeguard.proxy.guard import guard
from safeguard.proxy.hosts import normal
from safeguard.proxy.upstream import NOT_REACHED

UNREACHED = 502
OUR_WORDS = ("the body is too large", "refused")
"""Beginnings of failures that are told as they are; mitmproxy's other messages repeat what the server sent, which may be anything."""
_BARE = http.Response.make(blocked.STATUS, b"", {"Cache-Control": "no-store"})
"""Goes out where even the blocked page could not be made."""


BIG = 32 * 1024
"""Bodies above this, packed or unpacked, are checked beside the event loop, so that small answers do not wait for large ones."""
BIG_PACKED = 2 * 1024
"""The same for a piece in bytes, which may be packed a thousandfold."""
_STEP = 32 * 1024


class WatchedFlow:
    """One exchange with a watched host, from its request headers on; see stream.Watch."""

    def __init__(self, flow: http.HTTPFlow, checker: Checker) -> None:
        self.flow = flow
        self.checker = checker
        self.answer: http.Response | None = None
        self.limit = checker.limit()
        self.whole = False  # the response is buffered and has to be checked in the response hook
        self.account = ""
        self.hidden_picture = False  # the address is one of a picture that stands with a hidden text
        self.blur = False  # the response is such a picture, held to be blurred
        self.peek = False  # whether it streams is told by what it begins with; `whole` until then
        self.messages: MessageFilter | None = None  # of a WebSocket
        self.events: EventStream | None = None
        self.clears = False  # the answer tells the browser to clear its cache of this origin
        self.wants_guard = False  # the response may be a page that gets the guard
        self.ended = False  # the site is off: what goes on must end
        self.asks_us = False  # the request is the guard's and brings a question

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
            account=self.account,
            status=response.status_code if response is not None else 0,
        )

    def hold(self) -> None:
        """The response is to be read whole, or refused where that cannot be."""
        response = self.flow.response
        assert response is not None
        size = response.headers.get("content-length", "")
        if response.status_code == 206 and not headers.is_whole(response.headers.get("content-range", "")):
            self.refuse("a part of a body, which cannot be checked without the rest")
        elif size.isdigit() and int(size) > self.limit:
            self.refuse("the body is too large to be checked")
        else:
            response.stream = False  # whatever an option of mitmproxy made of it before us
            self.whole = True

    def streams(self, came: bytes, ended: bool = False) -> bool | None:
        """stream.Watch: whether a body that begins like that streams; None where more must come to tell."""
        if len(came) < bodies.ENOUGH and not ended:
            return None
        self.peek = False
        with guard(self.refuse_quietly):
            if bodies.is_binary(encoding.head(came, self.exchange().header("content-encoding"), bodies.HEAD)):
                self.whole = False
                return True
            self.hold()
        return False

    def refuse(self, why: str, status: int = blocked.STATUS) -> http.Response:
        """Decide on the blocked answer, log it, and put it in place. Never raises."""
        if self.answer is None:
            self.answer = _BARE.copy()
            with guard(lambda _: None):
                self._put(self.checker.unchecked(self.exchange(), why), status)
        return self.say(self.answer)

    def say(self, answer: http.Response) -> http.Response:
        """Answer with that, whatever the server says."""
        self.answer = answer
        self.flow.request.stream = False  # an answer and a streamed request together make mitmproxy fail
        self.flow.response = answer
        return answer

    def off(self) -> bool:
        """Whether the site is off for this child now; answers so where nothing went out. What cannot be told counts as off."""
        found: tuple[bytes, str] | None = None

        def fail(why: str) -> None:
            self.ended = True
            if self.flow.response is None:
                self.refuse(why)

        with guard(fail):
            told = self.exchange()
            if not told.dest and "text/html" in self.flow.request.headers.get("accept", ""):  # a browser that does not say what it is for
                told = replace(told, dest="document")
            found = self.checker.said_off(told)
        if found is not None:
            self.ended = True
            if self.flow.response is None:
                self.say(_ours(off.STATUS, *found))
        return self.ended

    def refuse_quietly(self, why: str) -> None:
        """refuse, for the guard."""
        self.refuse(why)

    def comes(self, data: bytes) -> bool:
        """stream.Watch: whether this piece of a stream is judged beside the event loop."""
        return self.events is not None and self.events.comes(data)

    def over(self) -> bool:
        """stream.Watch: whether the WebSocket must be ended."""
        return self.ended or (self.messages is not None and self.messages.over)

    def said_too_much(self, why: str) -> None:
        """stream.Watch: a WebSocket was ended for that."""
        with guard(lambda _: None):
            self.checker.unchecked(self.exchange(), why)

    def failed(self, why: str) -> http.Response:
        """stream.Watch: the server could not be reached, does not prove who it is, or broke off."""
        if self.blur and self.answer is None:  # too large, mostly
            with guard(self.refuse_quietly):
                return self.grey()
        ours = why.startswith(OUR_WORDS) or NOT_REACHED in why
        return self.refuse(handshake.reason(why) or (why if ours else "the answer is broken or cut off"), UNREACHED)

    def grey(self) -> http.Response:
        """Put a plain grey picture in place, whatever the server goes on to send."""
        response = self.flow.response
        found = response.headers if response is not None else http.Headers()
        body, media = pictures.grey(found.get("content-type", ""))
        self.answer = http.Response.make(200, body, {"Content-Type": media, "Cache-Control": "no-store"})
        for name in headers.FOR_OTHER_ORIGINS:
            if name in found:
                self.answer.headers[name] = found[name]
        self.flow.request.stream = False  # as in refuse
        self.flow.response = self.answer
        return self.answer

    def take_picture(self, body: bytes, media: str) -> None:
        """Put that picture in place of the one that came."""
        response = self.flow.response
        assert response is not None
        response.status_code, response.reason = 200, "OK"
        response.raw_content = body
        response.trailers = None
        headers.of_edited(response.headers, len(body))
        response.headers["content-type"] = media

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
        self.answer = _ours(status, outcome.body, outcome.content_type or "text/plain; charset=utf-8")
        if self.clears:
            self.answer.headers[before.CLEAR] = before.CACHE


def _ours(status: int, body: bytes, media: str) -> http.Response:
    return http.Response.make(status, body, {"Content-Type": media, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


class EventStream:
    """The filter of one event stream as mitmproxy calls it: bytes as they come, b"" at the end."""

    def __init__(self, watch: WatchedFlow, events: EventFilter, gzip: bool) -> None:
        self._watch = watch
        self._events = events
        self._unzip = zlib.decompressobj(31) if gzip else None
        self._ended = False
        self._coming = b""
        self._made: list[bytes] | None = None

    def comes(self, data: bytes) -> bool:
        """Whether that is to be judged by `work` before it is asked for: it may complete what is large."""
        packed = self._unzip is not None and len(data) > BIG_PACKED
        large = not self._ended and (packed or self._events.held + len(data) > BIG)
        self._coming = data if large else b""
        return large

    def work(self) -> None:
        """Judge what comes; in a thread, nothing else is asked meanwhile."""
        self._made, self._coming = self._judged(self._coming), b""

    def __call__(self, data: bytes) -> Iterable[bytes]:
        """A list, and never one with an empty item: in a chunked body mitmproxy would send that as its end."""
        made, self._made = self._made, None
        return self._judged(data) if made is None else made

    def _judged(self, data: bytes) -> list[bytes]:
        out: list[bytes] = []
        if not self._ended:
            with guard(self._fail):
                out = self._filtered(data)
        return [o for o in out if o]

    def _filtered(self, data: bytes) -> list[bytes]:
        if not data:
            self._ended = True
            return [self._events.end()]
        out = []
        if self._unzip is None:
            return [self._events.feed(data)]
        try:
            while data:
                out.append(self._events.feed(self._unzip.decompress(data, _STEP)))
                data = self._unzip.unconsumed_tail
        except zlib.error as e:
            raise Unchecked("the gzip data of an event stream is broken") from e
        return out

    def _fail(self, why: str) -> None:
        """From here on nothing goes out."""
        self._ended = True
        with guard(lambda _: None):
            self._watch.checker.unchecked(self._watch.exchange(), why)
