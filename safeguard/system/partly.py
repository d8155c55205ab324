"""The thread that keeps what the guard could not protect in the log's database, where `safeguard status` reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from safeguard.errors import StoreError

Pair = tuple[str, str]
"""(site, why)"""


class Table(Protocol):
    """What the store's table gives; it may raise StoreError."""

    def met(self, pairs: Iterable[Pair]) -> None: ...


class PartlyWatch:
    """take: what was met since it was last called."""

    def __init__(self, take: Callable[[], Sequence[Pair]], table: Table) -> None:
        self._take, self._table = take, table
        self._waiting: set[Pair] = set()

    def poll(self) -> None:
        """Keeps it. Raises StoreError; then nothing is lost."""
        self._waiting.update(self._take())
        if self._waiting:
            self._table.met(sorted(self._waiting))
            self._waiting.clear()

    def run(self, stop: threading.Event, say: Callable[[str], None], every: float = 2.0) -> None:
        """Polls each `every` seconds until stop is set, and once more then."""
        broken = False
        while True:
            ended = stop.wait(every)
            try:
                self.poll()
                broken = False
            except StoreError as e:
                if not broken:
                    say(f"sites that are partly protected: {e}")
                broken = True
            if ended:
                return
