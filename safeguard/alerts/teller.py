"""Empties the queue of alerts onto a desktop. Several processes may do so at once: each alert is claimed before it is shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from safeguard.alerts.desktop import Show
from safeguard.alerts.plan import Pace, due
from safeguard.alerts.words import TITLE, message
from safeguard.errors import AlertError, StoreError
from safeguard.language import _
from safeguard.policy.alert import Alert
from safeguard.polling import repeat


class Queue(Protocol):
    """What the store's queue gives; every method may raise StoreError."""

    def pending(self) -> list[Alert]: ...
    def shown(self, urgent: bool) -> list[int]: ...
    def claim(self, alerts: Sequence[Alert]) -> list[Alert]: ...
    def finish(self, alerts: Sequence[Alert]) -> None: ...
    def release(self, alerts: Sequence[Alert]) -> None: ...


class Teller:
    """Shows what is due.

    show:     puts (title, text) on the desktop, or on its way to the parent, or raises AlertError.
    pace:     asked each time, as a parent can change it while we run.
    lang:     one of the notices' languages.
    clock:    seconds since 1970.
    accounts: messages name the children's accounts.
    """

    def __init__(
        self, queue: Queue, show: Show, *, pace: Callable[[], Pace], lang: str, clock: Callable[[], float], accounts: bool = False
    ) -> None:
        self._queue = queue
        self._show = show
        self._pace = pace
        self._lang = lang
        self._clock = clock
        self._accounts = accounts

    def tell(self) -> int:
        """Shows what is due now; returns how many messages. Raises AlertError where it cannot (nothing is lost), or StoreError."""
        pending = self._queue.pending()
        if not pending:
            return 0
        now = self._clock()
        wall = time.localtime(now)
        shown, urgent = self._queue.shown(urgent=False), self._queue.shown(urgent=True)
        count = 0
        for alerts in due(pending, shown, urgent, int(now * 1000), self._pace(), 60 * wall.tm_hour + wall.tm_min):
            mine = self._queue.claim(alerts)
            if not mine:
                continue
            try:
                self._show(TITLE, message(mine, self._lang, self._accounts))
            except AlertError:
                self._queue.release(mine)
                raise
            self._queue.finish(mine)
            count += 1
        return count

    def run(self, stop: threading.Event, say: Callable[[str], None], every: float = 1.0) -> None:
        """Tells each `every` seconds until stop is set; without a desktop says so once and ends: the agent's turn."""
        try:
            repeat(self.tell, stop, say, every, passing=StoreError, about="alerts", at_once=True)
        except AlertError as e:
            say(_("%(why)s; `safeguard agent` shows them in a session that has one", why=e))
