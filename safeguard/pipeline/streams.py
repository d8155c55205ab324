"""What goes out piece by piece: event streams, answers in parts, messages of a WebSocket."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from safeguard.errors import Unchecked
from safeguard.formats import bodies, multipart
from safeguard.formats.bodies import Kind
from safeguard.formats.events import Splitter, read_event
from safeguard.formats.messages import read_message, without_prefix
from safeguard.formats.sites.model import OnError
from safeguard.formats.sockets import Socket
from safeguard.pipeline.exchange import Exchange, Outcome, Result
from safeguard.pipeline.judged import Judged
from safeguard.policy.incident import Incident
from safeguard.policy.profile import Action

if TYPE_CHECKING:
    from safeguard.pipeline.checks import Pipeline


STREAMS = (Kind.EVENTS, Kind.PARTS)
"""Kinds that go out piece by piece, through `event_filter`."""


class EventFilter:
    """One event stream, or answer in parts, on its way. feed and end raise Unchecked; the stream must be cut then."""

    def __init__(self, pipeline: Pipeline, exchange: Exchange) -> None:
        self._pipeline = pipeline
        self._exchange = exchange
        self._site = pipeline.sites.for_host(exchange.host)
        self._parts = multipart.Splitter(exchange.media, pipeline.limit) if pipeline.kind(exchange) is Kind.PARTS else None
        self._splitter = self._parts or Splitter()
        self._read = self._event if self._parts is None else self._part
        self.hidden = 0
        self.incidents: list[Incident] = []

    @property
    def held(self) -> int:
        """Bytes of what is not whole yet."""
        return self._splitter.held

    def feed(self, data: bytes) -> bytes:
        """The events that became whole, filtered."""
        return b"".join(self._read(e) for e in self._splitter.feed(data))

    def end(self) -> bytes:
        """What is left at the end of the stream, filtered."""
        rest = self._splitter.end()
        return self._read(rest) if rest else b""

    def _event(self, raw: bytes) -> bytes:
        document = read_event(raw.decode("utf-8", "surrogateescape"), self._site)
        judged = self._pipeline.judge(self._exchange, document, raw)
        self.incidents += judged.incidents
        self.hidden += judged.hidden
        return judged.changed(document).encode("utf-8", "surrogateescape") if judged.changes else raw

    def _part(self, raw: bytes) -> bytes:
        assert self._parts is not None
        part = self._parts.part(raw)
        exchange = replace(self._exchange, content_type=part.content_type)
        if (kind := self._pipeline.kind(exchange)) in STREAMS:
            raise Unchecked("a part of an answer that has parts itself")
        outcome = self._pipeline.check_whole(exchange, kind, part.body)
        self.incidents += outcome.incidents
        self.hidden += outcome.hidden
        return raw if outcome.result is Result.PASS else part.holding(outcome.body)


class MessageFilter:
    """The messages of one WebSocket on their way. over: it must be ended."""

    def __init__(self, pipeline: Pipeline, exchange: Exchange) -> None:
        self._pipeline = pipeline
        self._exchange = exchange
        self._site = pipeline.sites.for_host(exchange.host)
        self._socket = Socket(exchange.url, exchange.header("sec-websocket-protocol"), self._site, pipeline.limit)
        self._told: set[str] = set()
        self.over = False

    def sent(self, data: bytes) -> None:
        """What the page sends in bytes."""
        self._socket.sent(data)

    def check(self, message: str | bytes) -> Outcome | None:
        """The outcome for a message of the server's; UNCHECKED: it must not go out. None: it goes out with what is still to come."""
        try:
            frame = self._socket.read(message)
        except Unchecked as e:
            return self._unread(message, str(e))
        if frame is None:
            return None
        if frame.text is None or self._is_clean(frame.text):
            return self._went(message, frame.out(None), Judged({}, {}, 0, ()))
        document = read_message(frame.text, self._site)
        judged = self._pipeline.judge(self._exchange, document, frame.text.encode("utf-8", "surrogatepass"))
        new = judged.changed(document) if judged.changes else None
        return self._went(message, frame.out(new), judged)

    def _is_clean(self, text: str) -> bool:
        """Whether it is JSON, perhaps behind a frame's prefix, in which nothing is found: most messages."""
        units = bodies.glance(without_prefix(text).encode("utf-8", "surrogatepass"), "application/json", self._site)
        return units is not None and self._pipeline.is_clean(units)

    def _went(self, message: str | bytes, body: bytes, judged: Judged) -> Outcome:
        return Outcome(Result.PASS if body == _raw(message) else Result.EDIT, body, judged.hidden, incidents=judged.incidents)

    def _unread(self, message: str | bytes, why: str) -> Outcome:
        """By the profile's `on_error`, but a broken stream can only be ended. Each reason is told to the sink once."""
        wanted = self._site.on_error if self._site is not None else OnError.BLOCK
        self.over = self._socket.broken or wanted is OnError.CLOSE
        passes = wanted is OnError.PASS_LISTED and not self.over
        incidents: tuple[Incident, ...] = ()
        if why not in self._told:
            self._told.add(why)
            incidents = self._pipeline.unchecked(self._exchange, why, Action.LOG if passes else Action.BLOCK).incidents
        return Outcome(Result.PASS if passes else Result.UNCHECKED, _raw(message) if passes else b"", why=why, incidents=incidents)


def _raw(message: str | bytes) -> bytes:
    return message.encode("utf-8", "surrogatepass") if isinstance(message, str) else message
