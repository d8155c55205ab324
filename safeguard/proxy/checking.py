"""What the proxy asks of the pipeline, as a contract, and the pipeline as one that keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from safeguard.formats.bodies import Kind
from safeguard.formats.sites.model import Opaque, SiteProfile
from safeguard.guard.talk import Said
from safeguard.pipeline import Exchange, Outcome, Pipeline
from safeguard.policy.asking import Asked
from safeguard.text.unit import TextUnit


class Way(Enum):
    """How a response goes through, decided by its headers alone (the table is in formats/bodies.py)."""

    READ = "read"
    EVENTS = "events"
    STREAM = "stream"
    PEEK = "peek"
    """STREAM or READ, by what the body begins with."""
    REFUSE = "refuse"


class EventFilter(Protocol):
    """Filters an event stream as it comes; holds back no more than the event that is not whole yet."""

    @property
    def held(self) -> int:
        """Bytes that are held back."""
        ...

    def feed(self, data: bytes) -> bytes:
        """What may go out now. Raises Unchecked."""
        ...

    def end(self) -> bytes:
        """What may go out at the end. Raises Unchecked."""
        ...


class MessageFilter(Protocol):
    """Filters the messages of one WebSocket."""

    over: bool
    """Whether the connection must be ended."""

    def sent(self, data: bytes) -> None:
        """What the page sends in bytes."""
        ...

    def check(self, message: str | bytes) -> Outcome | None:
        """The outcome for a message of the server's; UNCHECKED: it must not go out. None: it goes out with what is still to come."""
        ...


class Checker(Protocol):
    """The pipeline as the proxy sees it. Calls may come from several threads at once."""

    def watched(self, host: str) -> bool:
        """Whether the host (normalised) is on the list."""
        ...

    def limit(self) -> int:
        """Largest body that is checked, bytes."""
        ...

    def way(self, exchange: Exchange) -> Way:
        """How this response goes through."""
        ...

    def check(self, exchange: Exchange, body: bytes) -> Outcome:
        """The outcome for a whole body, still in its Content-Encoding; an edited body comes back without one."""
        ...

    def events(self, exchange: Exchange) -> EventFilter:
        """A filter for one event stream, fed without Content-Encoding."""
        ...

    def messages(self, exchange: Exchange) -> MessageFilter:
        """A filter for one WebSocket."""
        ...

    def unchecked(self, exchange: Exchange, why: str) -> Outcome:
        """The blocked page or answer for a body that cannot be checked; logs it."""
        ...

    def said_off(self, exchange: Exchange) -> tuple[bytes, str] | None:
        """(body, content type) of what goes out where the site is off for this child now, None where it is on."""
        ...

    def hides_picture(self, exchange: Exchange) -> bool:
        """Whether the picture at this address stands with a hidden text, so that this child gets it blurred."""
        ...

    def picture_moved(self, exchange: Exchange, target: str) -> None:
        """A hidden picture's address leads on to that one (absolute or relative)."""
        ...

    def guarded(self, host: str) -> SiteProfile | None:
        """The site whose pages carry the guard, None for any other host."""
        ...

    def lang(self) -> str:
        """Language of notices where a page does not say its own."""
        ...

    def shown(self, exchange: Exchange, units: Sequence[TextUnit], lang: str) -> Sequence[Sequence[Said]]:
        """What becomes of texts that a page shows; see Pipeline.check_shown."""
        ...

    def unchecked_shown(self, exchange: Exchange, unit: TextUnit, why: str, lang: str) -> Sequence[Said]:
        """The same for a unit that cannot be checked; logs it."""
        ...

    def asked_about(self, exchange: Exchange, code: str) -> str | None:
        """The kind of what is hidden behind a notice that this child got; see Pipeline.asked_about."""
        ...

    def ask(self, exchange: Exchange, code: str) -> Asked:
        """The child asks the parents to check that; logs it."""
        ...

    def help_lines(self) -> str:
        """Where help is, in a sentence, in the language of `lang`."""
        ...

    def reveal(self, exchange: Exchange, code: str) -> str | None:
        """The text behind a notice, where this child may see it; logs it."""
        ...


class PipelineChecker:
    """A Pipeline as the Checker of the proxy."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def watched(self, host: str) -> bool:
        """See Checker; so for the other methods."""
        return self.pipeline.sites.for_host(host) is not None

    def limit(self) -> int:
        return self.pipeline.limit

    def way(self, exchange: Exchange) -> Way:
        kind = self.pipeline.kind(exchange)
        if kind is Kind.OPAQUE:
            site = self.pipeline.sites.for_host(exchange.host)
            return Way.REFUSE if site is None or site.opaque is Opaque.BLOCK else Way.STREAM
        return {Kind.STATIC: Way.STREAM, Kind.MEDIA: Way.PEEK, Kind.EVENTS: Way.EVENTS, Kind.PARTS: Way.EVENTS}.get(kind, Way.READ)

    def check(self, exchange: Exchange, body: bytes) -> Outcome:
        return self.pipeline.check_response(exchange, body)

    def events(self, exchange: Exchange) -> EventFilter:
        return self.pipeline.event_filter(exchange)

    def messages(self, exchange: Exchange) -> MessageFilter:
        return self.pipeline.message_filter(exchange)

    def unchecked(self, exchange: Exchange, why: str) -> Outcome:
        return self.pipeline.unchecked(exchange, why)

    def said_off(self, exchange: Exchange) -> tuple[bytes, str] | None:
        shut = self.pipeline.shut(exchange)
        return None if shut is None else self.pipeline.said_off(exchange, shut)

    def hides_picture(self, exchange: Exchange) -> bool:
        return self.pipeline.hidden_picture(exchange) is not None

    def picture_moved(self, exchange: Exchange, target: str) -> None:
        self.pipeline.picture_moved(exchange, target)

    def guarded(self, host: str) -> SiteProfile | None:
        return self.pipeline.guarded(host)

    def lang(self) -> str:
        return self.pipeline.lang

    def shown(self, exchange: Exchange, units: Sequence[TextUnit], lang: str) -> Sequence[Sequence[Said]]:
        return self.pipeline.check_shown(exchange, units, lang)

    def unchecked_shown(self, exchange: Exchange, unit: TextUnit, why: str, lang: str) -> Sequence[Said]:
        return self.pipeline.unchecked_shown(exchange, unit, why, lang)

    def asked_about(self, exchange: Exchange, code: str) -> str | None:
        return self.pipeline.asked_about(exchange, code)

    def ask(self, exchange: Exchange, code: str) -> Asked:
        return self.pipeline.ask(exchange, code)

    def help_lines(self) -> str:
        return self.pipeline.help_lines(self.pipeline.lang)

    def reveal(self, exchange: Exchange, code: str) -> str | None:
        return self.pipeline.reveal(exchange, code)
