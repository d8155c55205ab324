"""What the running filter knows of its sites' health, and the thread that keeps it in the log's database and tells the parent.

The pipeline only notes what it met; nothing is written on its way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from safeguard.errors import StoreError
from safeguard.policy.drift import Drift, after_miss, reduced, reduced_since, whole_again
from safeguard.polling import repeat
from safeguard.system.wall_clock import local

EVERY_S = 60.0
"""One answer of a kind is looked at in this time."""
Line = tuple[str, str]
"""(site, where): one line of a profile's `healthy`."""


class Table(Protocol):
    """What the store's table gives; every method may raise StoreError."""

    def list(self) -> Sequence[Drift]: ...
    def save(self, runs: Iterable[Drift], over: Iterable[Line]) -> None: ...


class SiteHealth:
    """Safe to use from any thread. known: the runs of earlier starts; clock: seconds since 1970."""

    def __init__(self, known: Iterable[Drift] = (), clock: Callable[[], float] = time.time) -> None:
        self._runs: dict[Line, Drift] = {(d.site, d.where): d for d in known}
        self._clock = clock
        self._looked: dict[Line, float] = {}
        self._changed: set[Line] = set()
        self._lock = threading.Lock()

    def wants(self, site: str, where: str) -> bool:
        """Whether an answer of that kind should be looked at now."""
        now = self._clock()
        with self._lock:
            last = self._looked.get((site, where))
            if last is not None and 0 <= now - last < EVERY_S:
                return False
            self._looked[site, where] = now
            return True

    def saw(self, site: str, where: str, healthy: bool) -> None:
        """Such an answer was looked at."""
        line = (site, where)
        with self._lock:
            before = self._runs.get(line)
            if not healthy:
                self._runs[line] = after_miss(before, site, where, int(self._clock() * 1000))
            elif before is None:
                return
            else:
                del self._runs[line]
            self._changed.add(line)

    def keep_only(self, lines: Collection[Line]) -> None:
        """Forget what is said of lines that no profile has any more."""
        with self._lock:
            for line in [line for line in self._runs if line not in lines]:
                del self._runs[line]
                self._changed.add(line)

    def runs(self) -> list[Drift]:
        """All runs as they are now."""
        with self._lock:
            return list(self._runs.values())

    def take_changes(self) -> tuple[list[Drift], list[Line]]:
        """The runs that changed since the last call, and those that are over."""
        with self._lock:
            changed, self._changed = self._changed, set()
            return [self._runs[c] for c in changed if c in self._runs], [c for c in changed if c not in self._runs]

    def put_back(self, changed: Iterable[Line]) -> None:
        """These could not be kept."""
        with self._lock:
            self._changed.update(changed)


class HealthWatch:
    """Writes what changed, and tells when protection is reduced and when it is whole again.

    lines:  the lines that the profiles in force have.
    title:  a site's name -> its title for people.
    record: makes the entry of the log, at the beginning and at each start of the filter while it goes on.
    """

    def __init__(
        self,
        health: SiteHealth,
        table: Table,
        *,
        lang: str,
        lines: Callable[[], Collection[Line]],
        title: Callable[[str], str],
        record: Callable[[str, str], None],
    ) -> None:
        self._health, self._table, self._lang = health, table, lang
        self._lines, self._title, self._record = lines, title, record
        self._told: set[str] = set()

    def poll(self) -> str:
        """What the parent should read, "" for nothing new. Raises StoreError; then nothing is lost."""
        self._health.keep_only(self._lines())
        runs, over = self._health.take_changes()
        if runs or over:
            try:
                self._table.save(runs, over)
            except StoreError:
                self._health.put_back([*((r.site, r.where) for r in runs), *over])
                raise
        since = reduced_since(self._health.runs())
        said = [whole_again(self._title(site), self._lang) for site in sorted(self._told - set(since))]
        for site in sorted(set(since) - self._told):
            line = reduced(self._title(site), local(since[site]), self._lang)
            self._record(site, line)
            said.append(line)
        self._told = set(since)
        return "\n".join(said)

    def run(self, stop: threading.Event, say: Callable[[str], None], every: float = 2.0) -> None:
        """Polls each `every` seconds until stop is set, and once more then."""
        repeat(self.poll, stop, say, every, passing=StoreError, about="health of the sites", once_more=True)
