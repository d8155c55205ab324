"""The thread that keeps what the guard could not protect in the log's database, where `safeguard status` reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from safeguard.errors import StoreError
from safeguard.polling import repeat

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
        repeat(self.poll, stop, say, every, passing=StoreError, about="sites that are partly protected", once_more=True)
