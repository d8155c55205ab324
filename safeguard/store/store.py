"""The log as the other rooms see it: add, look up, forget."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Engine, case, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from safeguard.errors import StoreError
from safeguard.language import N_, _
from safeguard.policy.incident import Incident
from safeguard.store import database, server
from safeguard.store.access import Access
from safeguard.store.alerts import AlertQueue, enqueue
from safeguard.store.allowances import AllowanceTable
from safeguard.store.bodies import keep
from safeguard.store.drift import DriftTable
from safeguard.store.entry import Entry, from_row, storable, to_row
from safeguard.store.exhibits import Exhibits
from safeguard.store.listing import Listing
from safeguard.store.overview import Counting
from safeguard.store.partly import PartlyTable
from safeguard.store.review import DAY, Review, of, sweep
from safeguard.store.tables import incident as table
from safeguard.store.traces import Traces, owe
from safeguard.store.troubles import TroubleTable
from safeguard.store.writer import QUEUE, Later, Met, Writer

HOUR = 3_600_000  # milliseconds


def _stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


LOST = N_("log: cannot be written (%(why)s); filtering goes on")
WAITS = N_("log: cannot be written (%(why)s); entries wait, filtering goes on")


class Store:
    """The log in one database. Safe to use from any thread; writing happens on its own thread, begun by the first `add`.

    allowances, alerts, review, listing, counting, drift, partly, exhibits, troubles: the other things the same database keeps, each a
    small class of its own. alerts: the desktop's; each of the parent's addresses has a queue of its own.
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
        computer: str = "",
    ) -> None:
        """Opens the log, made where missing.

        where:     a SQLite file in an existing folder, or the address of a PostgreSQL server.
        keep_days: `purge` forgets what was last seen longer ago.
        evidence:  keep the whole text and the raw answer where an incident carries them.
        mend:      for the process that writes: set a damaged file aside and begin a new one, wait for a server that is away;
                    without it both raise StoreError.
        say:       takes one line for the parent (a damaged or full log).
        computer:  this PC's name, kept with each entry.
        """
        self._where = where
        self._keep = keep_days * DAY
        self._evidence = evidence
        self._say = say or _stderr
        self._clock = clock
        self._size = queue_size
        self._computer = computer
        self._ready = isinstance(where, Path)  # whether its tables are known to be up to date
        self._engine: Engine = database.open_file(where, self._say, mend) if isinstance(where, Path) else server.connect(where)
        self._writer: Writer | None = None
        self._next_purge = 0
        self._failing = False
        access = Access(self._current, self._short)
        self._access = access
        traces = Traces(self._current, where if isinstance(where, Path) else None)
        self.allowances = AllowanceTable(access, self._now)
        self.alerts = AlertQueue(access, self._now)
        self.review = Review(access, self._now, traces)
        self.listing = Listing(access, self._now)
        self.counting = Counting(access)
        self.drift = DriftTable(access)
        self.partly = PartlyTable(access, self._now)
        self.exhibits = Exhibits(access)
        self.troubles = TroubleTable(access, self._now)
        self._traces = traces
        if not self._ready:
            self._reach(mend)

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
            if self._ready:
                self._rest()
            self._writer = Writer(self._write, self._say, self._size, self._rest)

    def add(self, incident: Incident) -> None:
        """Takes an incident and returns at once. The same code again counts up instead of making a new entry."""
        if self._writer is None:
            self.start()
        assert self._writer is not None
        self._writer.add(incident, self._now())

    def flush(self, timeout: float = 10.0) -> bool:
        """Waits at most timeout seconds until all added so far is committed; False where it took longer."""
        return self._writer.flush(timeout) if self._writer else True

    def close(self, timeout: float = 10.0) -> None:
        """Commits what was added and lets go of the database."""
        if self._writer:
            self._writer.close(timeout)
            self._writer = None
        self._engine.dispose()

    def entries(self, limit: int = 50, computer: str = "") -> list[Entry]:
        """The newest entries (of that PC), last seen first. Raises StoreError."""
        query = select(table).where(of(computer)).order_by(table.c.last_seen.desc(), table.c.code).limit(limit)
        with self._access.read() as connection:
            return [from_row(dict(row)) for row in connection.execute(query).mappings()]

    def show(self, code: str) -> Entry | None:
        """The entry with that code, in any case of letters, or None. Raises StoreError."""
        with self._access.read() as connection:
            row = connection.execute(select(table).where(func.upper(table.c.code) == storable(code).strip().upper())).mappings().first()
        return from_row(dict(row)) if row else None

    def purge(self) -> int:
        """Forgets what was last seen longer ago than keep_days; returns how many entries went. Raises StoreError."""
        before = self._now() - self._keep
        with self._access.write() as connection:
            gone = connection.execute(delete(table).where(table.c.last_seen < before)).rowcount
            sweep(connection, before)
            if gone:
                owe(connection)
        self._traces.forget_asides(before)
        self._traces.clear()  # also after a purge that was cut off
        return gone

    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _current(self) -> Engine:
        """The engine in use now, its tables up to date. Raises SQLAlchemyError or StoreError."""
        if not self._ready:
            database.prepare(self._engine)
            self._ready = True
        return self._engine

    def _reach(self, mend: bool) -> None:
        """Tries the server; with `mend` one that is away is said and waited for. Raises StoreError."""
        try:
            self._current()
        except SQLAlchemyError as e:
            said = _("%(path)s: the log cannot be opened (%(why)s)", path=server.named(str(self._where)), why=self._short(e))
            if not mend:
                self._engine.dispose()
                raise StoreError(said) from None  # a driver's error may hold the address
            self._say(_("%(problem)s; entries wait for it, filtering goes on", problem=said))
            self._failing = True

    def _short(self, error: Exception) -> str:
        return database.short(error) if isinstance(self._where, Path) else server.without_password(database.short(error), self._where)

    def _rest(self) -> None:
        """Once a day: forget what is too old; in between: finish a purge of another process that could not. On the writer's thread."""
        now = self._now()
        try:
            if now < self._next_purge:
                self._traces.clear()
                return
            self._next_purge = now + HOUR  # where it fails
            self.purge()
            self._next_purge = now + DAY
        except StoreError as e:
            if not self._failing:
                self._say(_("log: %(problem)s", problem=e))

    def _write(self, incidents: Sequence[Met]) -> int:
        """Commits the incidents; returns how many were lost. On the writer's thread. Raises Later."""
        try:
            self._merge(incidents)
        except (SQLAlchemyError, StoreError) as e:
            if isinstance(self._where, Path) and database.is_damage(e):
                return self._begin_anew(incidents)
            waits = database.passes(e, server=not isinstance(self._where, Path))
            if not self._failing:  # once, not for every post while the disk is full
                self._say(_(WAITS if waits else LOST, why=self._short(e)))
            self._failing = True
            if waits:
                self._ready = isinstance(self._where, Path)  # a server may come back empty, or moved by a newer SafeGuard
                raise Later from e
            return len(incidents)
        if self._failing:
            self._say(_("log: can be written again"))
        self._failing = False
        return 0

    def _begin_anew(self, incidents: Sequence[Met]) -> int:
        """The file was damaged while we wrote: put it aside and write into a new one."""
        assert isinstance(self._where, Path)
        self._engine.dispose()
        try:
            self._engine = database.open_file(self._where, self._say, mend=True)
            self._merge(incidents)
        except (StoreError, SQLAlchemyError) as e:
            self._say(_(LOST, why=database.short(e)))
            return len(incidents)
        return 0

    def _merge(self, incidents: Sequence[Met]) -> None:
        with self._current().execution_options(writes=True).begin() as connection:
            for met in incidents:
                row = to_row(met.incident, met.at, self._evidence, self._computer)
                again = (
                    update(table)
                    .where(table.c.code == row["code"])
                    .values(
                        seen=table.c.seen + 1,
                        last_seen=case((table.c.last_seen > met.at, table.c.last_seen), else_=met.at),
                        action=row["action"],
                        computer=row["computer"],
                        whole=func.coalesce(table.c.whole, row["whole"]),
                    )
                )
                if not connection.execute(again).rowcount:
                    if self._evidence and met.incident.body is not None:
                        row["body"] = keep(connection, met.incident.body)
                    connection.execute(insert(table).values(**row))
                    enqueue(connection, met.incident, met.at)
