"""The log as the other rooms see it: add, look up, forget."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from safeguard.errors import StoreError
from safeguard.policy.incident import Incident
from safeguard.store import database
from safeguard.store.access import Access
from safeguard.store.alerts import AlertQueue, enqueue
from safeguard.store.allowances import AllowanceTable
from safeguard.store.drift import DriftTable
from safeguard.store.entry import Entry, from_row, to_row
from safeguard.store.partly import PartlyTable
from safeguard.store.review import DAY, Review, sweep
from safeguard.store.tables import incident as table
from safeguard.store.troubles import TroubleTable
from safeguard.store.writer import QUEUE, Writer


def _stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Store:
    """The log in one database. Safe to use from any thread; writing happens on its own thread, begun by the first `add`.

    allowances, alerts, review, drift, partly, troubles: the other things the same database keeps, each a small class of its own.
    alerts: the desktop's; each of the parent's addresses has a queue of its own.
    """

    def __init__(
        self,
        where: Path | str,
        *,
        keep_days: int = 30,
        evidence: bool = True,
        mend: bool = False,
        say: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.time,
        queue_size: int = QUEUE,
    ) -> None:
        """Opens the log, made where missing.

        where:     a SQLite file in an existing folder, or a database address.
        keep_days: `purge` forgets what was last seen longer ago.
        evidence:  keep the whole text where an incident carries it.
        mend:      for the process that writes: set a damaged file aside and begin a new one; without it that raises StoreError.
        say:       takes one line for the parent (a damaged or full log).
        """
        self._where = where
        self._keep = keep_days * DAY
        self._evidence = evidence
        self._say = say or _stderr
        self._clock = clock
        self._size = queue_size
        self._engine: Engine = database.open_file(where, self._say, mend) if isinstance(where, Path) else database.open_url(where)
        self._writer: Writer | None = None
        self._purged = 0
        self._failing = False
        access = Access(lambda: self._engine)
        self._access = access
        self.allowances = AllowanceTable(access, self._now)
        self.alerts = AlertQueue(access, self._now)
        self.review = Review(access, self._now)
        self.drift = DriftTable(access)
        self.partly = PartlyTable(access, self._now)
        self.troubles = TroubleTable(access, self._now)

    def alerts_for(self, channel: str, since: int) -> AlertQueue:
        """The queue of one of the parent's addresses: what was met from then on, milliseconds since 1970."""
        return AlertQueue(self._access, self._now, channel, since)

    @property
    def dropped(self) -> int:
        """Incidents that could not be kept since the log was opened."""
        return self._writer.dropped if self._writer else 0

    def start(self) -> None:
        """Begins the writing thread and forgets what is too old. Call before the first `add` where threads may add at once."""
        if self._writer is None:
            self.purge()
            self._writer = Writer(self._write, self._say, self._size)

    def add(self, incident: Incident) -> None:
        """Takes an incident and returns at once. The same code again counts up instead of making a new entry."""
        if self._writer is None:
            self.start()
        assert self._writer is not None
        self._writer.add(incident)

    def flush(self, timeout: float = 10.0) -> bool:
        """Waits at most timeout seconds until all added so far is committed; False where it took longer."""
        return self._writer.flush(timeout) if self._writer else True

    def close(self, timeout: float = 10.0) -> None:
        """Commits what was added and lets go of the database."""
        if self._writer:
            self._writer.close(timeout)
            self._writer = None
        self._engine.dispose()

    def entries(self, limit: int = 50) -> list[Entry]:
        """The newest entries, last seen first. Raises StoreError."""
        query = select(table).order_by(table.c.last_seen.desc(), table.c.code).limit(limit)
        with self._access.read() as connection:
            return [from_row(dict(row)) for row in connection.execute(query).mappings()]

    def show(self, code: str) -> Entry | None:
        """The entry with that code, in any case of letters, or None. Raises StoreError."""
        with self._access.read() as connection:
            row = connection.execute(select(table).where(func.upper(table.c.code) == code.strip().upper())).mappings().first()
        return from_row(dict(row)) if row else None

    def purge(self) -> int:
        """Forgets what was last seen longer ago than keep_days; returns how many entries went. Raises StoreError."""
        now = self._now()
        with self._access.write() as connection:
            gone = connection.execute(delete(table).where(table.c.last_seen < now - self._keep)).rowcount
            sweep(connection, now - self._keep)
        self._purged = now
        return gone

    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _write(self, incidents: Sequence[Incident]) -> int:
        """Commits the incidents; returns how many were lost. On the writer's thread."""
        try:
            self._commit(incidents)
        except SQLAlchemyError as e:
            if not (isinstance(self._where, Path) and database.is_damage(e)):
                if not self._failing:  # once, not for every post while the disk is full
                    self._say(f"log: cannot be written ({database.short(e)}); filtering goes on")
                self._failing = True
                return len(incidents)
            return self._begin_anew(incidents)
        if self._failing:
            self._say("log: can be written again")
        self._failing = False
        if self._now() - self._purged > DAY:
            try:
                self.purge()
            except StoreError as e:
                self._say(f"log: {e}")
        return 0

    def _begin_anew(self, incidents: Sequence[Incident]) -> int:
        """The file was damaged while we wrote: put it aside and write into a new one."""
        assert isinstance(self._where, Path)
        self._engine.dispose()
        try:
            self._engine = database.open_file(self._where, self._say, mend=True)
            self._commit(incidents)
        except (StoreError, SQLAlchemyError) as e:
            self._say(f"log: cannot be written ({database.short(e)}); filtering goes on")
            return len(incidents)
        return 0

    def _commit(self, incidents: Sequence[Incident]) -> None:
        now = self._now()
        try:
            self._merge(incidents, now)
        except IntegrityError:  # another PC added the same code to a shared database meanwhile: now it counts up
            self._merge(incidents, now)

    def _merge(self, incidents: Sequence[Incident], now: int) -> None:
        with self._engine.begin() as connection:
            for incident in incidents:
                row = to_row(incident, now, self._evidence)
                again = (
                    update(table)
                    .where(table.c.code == incident.code)
                    .values(seen=table.c.seen + 1, last_seen=now, action=row["action"], whole=func.coalesce(table.c.whole, row["whole"]))
                )
                if not connection.execute(again).rowcount:
                    connection.execute(insert(table).values(**row))
                    enqueue(connection, incident, now)
