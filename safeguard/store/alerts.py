"""The queue of desktop alerts: filled by the proxy's process, emptied by whoever runs in the parent's session."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, func, insert, select, update

from safeguard.policy.alert import Alert, urgency
from safeguard.policy.incident import Incident
from safeguard.store.access import Access
from safeguard.store.entry import storable
from safeguard.store.tables import alert as table

HOUR = 3_600_000  # milliseconds


def enqueue(connection: Connection, incident: Incident, now: int) -> None:
    """Queues an alert for an incident met for the first time, where it is one that is told of; in the caller's transaction."""
    urgent = urgency(incident)
    if urgent is None:
        return
    number = int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1
    connection.execute(
        insert(table).values(
            id=number, at=now, code=incident.code, category=incident.category, site=storable(incident.site), urgent=int(urgent)
        )
    )


class AlertQueue:
    """Safe to use from several processes: an alert that one has claimed is not given to another. Every method raises StoreError."""

    def __init__(self, access: Access, now: Callable[[], int]) -> None:
        self._access = access
        self._now = now

    def pending(self) -> list[Alert]:
        """What nobody has shown yet, oldest first."""
        with self._access.read() as connection:
            rows = connection.execute(select(table).where(table.c.shown.is_(None)).order_by(table.c.id)).mappings().all()
        return [Alert(r["id"], r["at"], r["code"], r["category"], r["site"], bool(r["urgent"])) for r in rows]

    def shown(self, urgent: bool) -> list[int]:
        """When messages of that kind were shown during the last hour, milliseconds since 1970, ascending; by whichever process."""
        query = select(table.c.shown).where(table.c.shown > self._now() - HOUR, table.c.urgent == int(urgent)).distinct()
        with self._access.read() as connection:
            return sorted(connection.execute(query).scalars())

    def claim(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Marks them as shown now; returns those that no other process had claimed before."""
        now = self._now()
        with self._access.write() as connection:
            return [
                a
                for a in alerts
                if connection.execute(update(table).where(table.c.id == a.id, table.c.shown.is_(None)).values(shown=now)).rowcount
            ]

    def release(self, alerts: Sequence[Alert]) -> None:
        """Gives back what could not be shown."""
        with self._access.write() as connection:
            connection.execute(update(table).where(table.c.id.in_([a.id for a in alerts])).values(shown=None))
