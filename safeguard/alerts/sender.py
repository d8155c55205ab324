"""Empties the queues of the parent's addresses, each on a thread of its own: a service that is down holds nothing else up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from safeguard.alerts.teller import Teller
from safeguard.errors import AlertError, SafeguardError, StoreError
from safeguard.language import _
from safeguard.polling import repeat


class Address(Protocol):
    """One of the parent's addresses, by its number."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


class Troubles(Protocol):
    """What the store knows of addresses that do not work; every method may raise StoreError."""

    def waits(self, channel: str) -> bool: ...
    def failed(self, channel: str, why: str) -> bool: ...
    def over(self, channel: str) -> bool: ...


class Sender[A: Address]:
    """addresses: those there are now, may raise SafeguardError; teller: what sends to one of them what is due."""

    def __init__(self, addresses: Callable[[], Sequence[A]], teller: Callable[[A], Teller], troubles: Troubles) -> None:
        self._addresses = addresses
        self._teller = teller
        self._troubles = troubles
        self._at_work: dict[str, threading.Thread] = {}

    def poll(self, say: Callable[[str], None]) -> None:
        """Begins to send what is due on every address that has nothing under way. Returns at once. Raises SafeguardError."""
        for address in self._addresses():
            before = self._at_work.get(address.id)
            if before is None or not before.is_alive():
                self._at_work[address.id] = threading.Thread(
                    target=self._send, args=(address, say), name=f"safeguard-alerts-{address.id}", daemon=True
                )
                self._at_work[address.id].start()

    def _send(self, address: A, say: Callable[[str], None]) -> None:
        try:
            if self._troubles.waits(address.id):
                return
            try:
                sent = self._teller(address).tell()
            except AlertError as e:
                if self._troubles.failed(address.id, str(e)):
                    say(_("alerts to %(name)s: %(why)s; tried again, less and less often", name=address.name, why=e))
                return
            if sent and self._troubles.over(address.id):
                say(_("alerts to %(name)s: sent again", name=address.name))
        except StoreError:  # the log is locked or set aside: it is told elsewhere, and comes back
            return

    def run(self, stop: threading.Event, say: Callable[[str], None], every: float = 2.0) -> None:
        """Polls each `every` seconds until stop is set."""
        repeat(lambda: self.poll(say), stop, say, every, passing=SafeguardError, about="alerts", at_once=True)

    def settle(self, seconds: float) -> None:
        """Waits for what is under way."""
        for thread in self._at_work.values():
            thread.join(seconds)
