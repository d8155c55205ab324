"""Writes incidents on a thread of its own behind a bounded queue, so that a slow or full disk never holds the child's browsing up."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from safeguard.language import _
from safeguard.policy.incident import Body, Incident

QUEUE = 10_000  # incidents waiting; some 20 MB at worst
BATCH = 500  # incidents in one transaction
HELD = 64 * 2**20  # bytes of raw answers waiting with them; what comes while there are more goes without

RETRY_S = 2.0  # between attempts while the database is away
REST_S = 3600.0  # with nothing to write, `rest` is called this often


@dataclass(frozen=True, slots=True)
class Met:
    """An incident and when it was met, milliseconds since 1970: a database that is away gets it later. size: of its raw answer, bytes."""

    incident: Incident
    at: int
    size: int = 0


Job = Met | threading.Event | None


class Later(Exception):
    """The database is away for now: the same batch is to be tried again."""


class Writer:
    """Takes incidents from any thread; `write` gets them in batches on the writer's thread and says how many it could not keep.

    While `write` raises Later its batch waits, and behind it the queue fills up to its size. rest: other work of that thread,
    after each batch and now and then.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Met]], int],
        say: Callable[[str], None],
        size: int = QUEUE,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        self._write = write
        self._say = say
        self._rest = rest
        self._ending = threading.Event()
        self._queue: queue.Queue[Job] = queue.Queue(size)
        self._lock = threading.Lock()
        self._dropped = 0
        self._held = 0
        self._newest: Body | None = None
        self._said = 0
        self._thread = threading.Thread(target=self._run, name="safeguard-log", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Incidents that could not be kept so far."""
        with self._lock:
            return self._dropped

    def add(self, incident: Incident, at: int = 0) -> None:
        """Queues the incident, met at that time; never waits: with the queue full it is counted as dropped."""
        with self._lock:
            size = 0 if incident.body is None or incident.body is self._newest else len(incident.body.data)
            if size and self._held + size > HELD:
                incident, size = replace(incident, body=None), 0
            elif size:
                self._held += size
                self._newest = incident.body
        try:
            self._queue.put_nowait(Met(incident, at, size))
        except queue.Full:
            self._let_go(size)
            self._count(1)

    def flush(self, timeout: float) -> bool:
        """Waits until all that was added before is written (or counted as dropped); False where that took longer than timeout seconds."""
        done = threading.Event()
        try:
            self._queue.put(done, timeout=timeout)
        except queue.Full:
            return False
        return done.wait(timeout)

    def close(self, timeout: float) -> None:
        """Writes what is queued and ends the thread; what cannot be written in that time is lost, and said."""
        if not self.flush(timeout):
            self._ending.set()
        with suppress(queue.Full):  # full: `_ending` is set, and the thread empties it
            self._queue.put_nowait(None)
        self._thread.join(timeout)

    def _count(self, lost: int) -> None:
        with self._lock:
            self._dropped += lost

    def _let_go(self, size: int) -> None:
        with self._lock:
            self._held -= size
            if not self._held:
                self._newest = None

    def _run(self) -> None:
        last = False
        while not last:
            jobs = self._take()
            incidents = [j for j in jobs if isinstance(j, Met)]
            if incidents:
                self._count(self._keep(incidents))
                self._let_go(sum(met.size for met in incidents))
            self._tell()
            for job in jobs:
                if isinstance(job, threading.Event):
                    job.set()
            last = None in jobs or self._ending.is_set()
            if not last:
                self._rest()
        left = 0
        with suppress(queue.Empty):
            while True:
                left += isinstance(self._queue.get_nowait(), Met)
        self._count(left)
        self._tell()

    def _take(self) -> list[Job]:
        """What is queued, up to a batch; nothing after a long rest."""
        jobs: list[Job] = []
        with suppress(queue.Empty):
            jobs.append(self._queue.get(timeout=REST_S))
            while len(jobs) < BATCH and jobs[-1] is not None:
                jobs.append(self._queue.get_nowait())
        return jobs

    def _keep(self, incidents: Sequence[Met]) -> int:
        """Writes them, again and again while the database is away; returns how many were lost."""
        while True:
            try:
                return self._write(incidents)
            except Later:
                if self._ending.wait(RETRY_S):
                    return len(incidents)

    def _tell(self) -> None:
        dropped = self.dropped
        if dropped > self._said and dropped >= 2 * self._said:  # ever rarer while it goes on
            self._say(_("log: entries that could not be kept: %(count)s; filtering goes on", count=dropped - self._said))
            self._said = dropped
