"""Writes incidents on a thread of its own behind a bounded queue, so that a slow or full disk never holds the child's browsing up."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from safeguard.policy.incident import Body, Incident

QUEUE = 10_000  # incidents waiting; some 20 MB at worst
BATCH = 500  # incidents in one transaction
HELD = 64 * 2**20  # bytes of raw answers waiting with them; what comes while there are more goes without

Job = tuple[Incident, int] | threading.Event | None


class Writer:
    """Takes incidents from any thread; `write` gets them in batches on the writer's thread and says how many it could not keep."""

    def __init__(self, write: Callable[[Sequence[Incident]], int], say: Callable[[str], None], size: int = QUEUE) -> None:
        self._write = write
        self._say = say
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

    def add(self, incident: Incident) -> None:
        """Queues the incident; never waits: with the queue full it is counted as dropped."""
        with self._lock:
            size = 0 if incident.body is None or incident.body is self._newest else len(incident.body.data)
            if size and self._held + size > HELD:
                incident, size = replace(incident, body=None), 0
            elif size:
                self._held += size
                self._newest = incident.body
        try:
            self._queue.put_nowait((incident, size))
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
        """Writes what is queued and ends the thread."""
        if self.flush(timeout):
            self._queue.put(None)
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
        while True:
            jobs: list[Job] = [self._queue.get()]
            while len(jobs) < BATCH and jobs[-1] is not None:
                try:
                    jobs.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            taken = [j for j in jobs if isinstance(j, tuple)]
            if taken:
                self._count(self._write([incident for incident, _ in taken]))
                self._let_go(sum(size for _, size in taken))
            self._tell()
            for job in jobs:
                if isinstance(job, threading.Event):
                    job.set()
            if jobs[-1] is None:
                return

    def _tell(self) -> None:
        dropped = self.dropped
        if dropped > self._said and dropped >= 2 * self._said:  # ever rarer while it goes on
            self._say(f"log: {dropped - self._said} entries could not be kept; filtering goes on")
            self._said = dropped
