"""What the proxy asks of the pipeline, as a contract: the addon is written and tested against this, not against the rules."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from safeguard.pipeline import Exchange, Outcome


class Way(Enum):
    """How a response goes through, decided by its headers alone (the table is in formats/bodies.py)."""

    READ = "read"
    EVENTS = "events"
    STATIC = "static"
    REFUSE = "refuse"


class EventFilter(Protocol):
    """Filters an event stream as it comes; holds back no more than the event that is not whole yet."""

    def feed(self, data: bytes) -> bytes:
        """What may go out now. Raises Unchecked."""
        ...

    def end(self) -> bytes:
        """What may go out at the end. Raises Unchecked."""
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

    def message(self, exchange: Exchange, data: bytes, text: bool) -> Outcome:
        """The outcome for one WebSocket message from the server; UNCHECKED: it must not go out."""
        ...

    def unchecked(self, exchange: Exchange, why: str) -> Outcome:
        """The blocked page or answer for a body that cannot be checked; logs it."""
        ...
