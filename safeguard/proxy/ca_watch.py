"""Tells the parent, while the filter runs, what of the certificate authority waits for a yes: each thing once, and by an alert too."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable

from safeguard.polling import repeat
from safeguard.proxy.ca import Authority
from safeguard.proxy.ca_due import due


class AuthorityWatch:
    """domains: those watched at the moment, which a reload of the rules may add to; record: makes an entry of the log."""

    def __init__(
        self,
        authority: Authority,
        domains: Callable[[], Iterable[str]],
        record: Callable[[str], None],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._authority, self._domains, self._record, self._now = authority, domains, record, now
        self._told: set[str] = set()

    def poll(self) -> str:
        """What the parent should read, "" for nothing new."""
        lines = due(self._authority, self._domains(), self._now()).lines()
        new = [line for line in lines if line not in self._told]
        self._told = set(lines)
        for line in new:
            self._record(line)
        return "\n".join(new)

    def run(self, stop: threading.Event, say: Callable[[str], None], every: float = 2.0) -> None:
        """Polls each `every` seconds until stop is set; for a thread of its own."""
        repeat(self.poll, stop, say, every)
