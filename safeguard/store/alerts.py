"""The queue of alerts: filled by the proxy's process, emptied for each channel (the desktop, an address of the parent) by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, text, update

from safeguard.policy.alert import Alert, code_of, urgency
from safeguard.policy.incident import Incident
from safeguard.store.access import Access
from safeguard.store.entry import storable
from safeguard.store.tables import alert as table
from safeguard.store.tables import delivery

HOUR = 3_600_000  # milliseconds
LEASE = HOUR // 6
"""What was claimed so long ago and never done waits again: who claimed it was killed in the middle."""
MOST = 2_000
"""Alerts that are kept for channels that do not work; of urgent ones ten times as many. The log has the finds all the same."""
DESKTOP = "desktop"
# An alert that was forgotten meanwhile is not claimed: its number may be given to a new one.
_CLAIM = text(
    "INSERT INTO delivery (alert, channel, at, done) SELECT id, CAST(:channel AS TEXT), :now, 0 FROM alert WHERE id = :id AND at = :at"
    " ON CONFLICT (alert, channel) DO NOTHING"
)


def enqueue(connection: Connection, incident: Incident, now: int) -> None:
    """Queues an alert for an incident met for the first time, where it is one that is told of; in the caller's transaction."""
    urgent = urgency(incident)
    if urgent is None:
        return
    number = int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1
    row = {"id": number, "at": now, "code": storable(code_of(incident)), "category": incident.category, "site": storable(incident.site)}
    connection.execute(insert(table).values(**row, urgent=int(urgent), account=storable(incident.account)))
    if number > MOST:
        old = and_(table.c.id <= number - MOST, table.c.urgent == 0)
        forget(connection, or_(old, table.c.id <= number - 10 * MOST))


def forget(connection: Connection, which: ColumnElement[bool]) -> None:
    """Deletes alerts and what is known of their deliveries; in the caller's transaction."""
    connection.execute(delete(delivery).where(delivery.c.alert.in_(select(table.c.id).where(which))))
    connection.execute(delete(table).where(which))


class AlertQueue:
    """What one channel has to tell. Safe to use from several processes: what one has claimed is not given to another.

    Every method raises StoreError.
    """

    def __init__(self, access: Access, now: Callable[[], int], channel: str = DESKTOP, since: int = 0) -> None:
        self._access = access
        self._now = now
        self._channel = channel
        self._since = since

    def pending(self) -> list[Alert]:
        """What nobody has told on this channel yet, oldest first."""
        stale = and_(delivery.c.done == 0, delivery.c.at < self._now() - LEASE)
        told = select(delivery.c.alert).where(delivery.c.channel == self._channel, ~stale)
        query = select(table).where(table.c.at >= self._since, table.c.id.not_in(told)).order_by(table.c.id)
        with self._access.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [Alert(r["id"], r["at"], r["code"], r["category"], r["site"], bool(r["urgent"]), r["account"]) for r in rows]

    def shown(self, urgent: bool) -> list[int]:
        """When messages of that kind were shown during the last hour, milliseconds since 1970, ascending; by whichever process."""
        query = (
            select(delivery.c.at)
            .join(table, table.c.id == delivery.c.alert)
            .where(delivery.c.channel == self._channel, delivery.c.at > self._now() - HOUR, table.c.urgent == int(urgent))
            .distinct()
        )
        with self._access.read() as connection:
            return sorted(connection.execute(query).scalars())

    def claim(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Marks them as being shown now; returns those that no other process had claimed before."""
        now = self._now()
        with self._access.write() as connection:
            stale = and_(delivery.c.done == 0, delivery.c.at < now - LEASE)
            connection.execute(delete(delivery).where(self._of(alerts), stale))
            mine = []
            for a in alerts:
                if connection.execute(_CLAIM, {"channel": self._channel, "now": now, "id": a.id, "at": a.at}).rowcount > 0:
                    mine.append(a)
            return mine

    def finish(self, alerts: Sequence[Alert]) -> None:
        """Notes that they were told."""
        with self._access.write() as connection:
            connection.execute(update(delivery).where(self._of(alerts)).values(done=1))

    def release(self, alerts: Sequence[Alert]) -> None:
        """Gives back what could not be shown."""
        with self._access.write() as connection:
            connection.execute(delete(delivery).where(self._of(alerts), delivery.c.done == 0))

    def _of(self, alerts: Sequence[Alert]) -> ColumnElement[bool]:
        return and_(delivery.c.channel == self._channel, delivery.c.alert.in_([a.id for a in alerts]))
