"""What a parent does with the log beyond reading: confirm, count, export, delete."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

from sqlalchemy import ColumnElement, Connection, delete, func, select, true, update

from safeguard.store import alerts
from safeguard.store.access import Access
from safeguard.store.bodies import forget_orphans
from safeguard.store.entry import Entry, from_row, storable
from safeguard.store.tables import alert, allowance, incident
from safeguard.store.traces import Traces, owe

DAY = 86_400_000  # milliseconds
PAGE = 500
COUNTED = ("day", "site", "category", "group", "author")
"""What the log can be counted by."""


class Review:
    """Safe to use beside a running proxy. Every method raises StoreError."""

    def __init__(self, access: Access, now: Callable[[], int], traces: Traces) -> None:
        self._access = access
        self._now = now
        self.traces = traces

    def mark(self, code: str, review: str) -> bool:
        """Notes what the parent said of an entry; False where there is none of that code."""
        with self._access.write() as connection:
            return (
                connection.execute(update(incident).where(func.upper(incident.c.code) == _typed(code)).values(review=review)).rowcount > 0
            )

    def all(self, computer: str = "") -> Iterator[Entry]:
        """Every entry (of that PC), the one met first at the head; never more than a page of them in memory."""
        last = (0, "")
        while True:
            at, code = last
            after = (incident.c.first_seen > at) | ((incident.c.first_seen == at) & (incident.c.code > code))
            query = select(incident).where(after, of(computer)).order_by(incident.c.first_seen, incident.c.code).limit(PAGE)
            with self._access.read() as connection:
                rows = [dict(r) for r in connection.execute(query).mappings()]
            yield from map(from_row, rows)
            if len(rows) < PAGE:
                return
            last = (rows[-1]["first_seen"], rows[-1]["code"])

    def count(self, computer: str = "") -> int:
        """How many entries there are (of that PC)."""
        with self._access.read() as connection:
            return int(connection.execute(select(func.count()).select_from(incident).where(of(computer))).scalar_one())

    def unchecked(self, days: int, limit: int) -> tuple[int, list[Entry]]:
        """How many entries of these last days are of answers that could not be checked, and the newest of them."""
        lately = (incident.c.kind == "unchecked") & (incident.c.last_seen > self._now() - days * DAY)
        query = select(incident).where(lately).order_by(incident.c.last_seen.desc(), incident.c.code).limit(limit)
        with self._access.read() as connection:
            count = connection.execute(select(func.count()).select_from(incident).where(lately)).scalar_one()
            return int(count), [from_row(dict(r)) for r in connection.execute(query).mappings()]

    def counts(self, by: str) -> list[tuple[str, int, int]]:
        """(name, entries, times met) by one of COUNTED; days (local, of the last time met) ascending, all else most entries first."""
        column = {"group": incident.c.target, "day": incident.c.last_seen}.get(by)
        column = incident.c[by] if column is None else column
        entries: Counter[str] = Counter()
        times: Counter[str] = Counter()
        with self._access.read() as connection:
            for value, seen in connection.execute(select(column, incident.c.seen)):
                name = time.strftime("%Y-%m-%d", time.localtime(value / 1000)) if by == "day" else value or ""
                entries[name] += 1
                times[name] += seen
        order = sorted(entries) if by == "day" else sorted(entries, key=lambda n: (-entries[n], n))
        return [(name, entries[name], times[name]) for name in order]

    def older(self, days: int) -> int:
        """How many entries were last met at least so many days ago (0: all)."""
        with self._access.read() as connection:
            return int(connection.execute(select(func.count()).select_from(incident).where(self._old(days))).scalar_one())

    def forget(self, days: int) -> int:
        """Deletes those entries, what the alerts and taken-back allowances of that time knew, and damaged copies set aside before it.

        Returns how many entries; `traces.clear` then clears the files of them.
        """
        before = self._now() - days * DAY
        with self._access.write() as connection:
            gone = connection.execute(delete(incident).where(self._old(days))).rowcount
            sweep(connection, before)
            owe(connection)
        self.traces.forget_asides(before)
        return gone

    def _old(self, days: int) -> ColumnElement[bool]:
        return incident.c.last_seen <= self._now() - days * DAY


def of(computer: str) -> ColumnElement[bool]:
    """Entries of that PC, in any case of letters; of all where the name is empty."""
    return func.lower(incident.c.computer) == storable(computer).lower() if computer else true()


def sweep(connection: Connection, before: int) -> None:
    """Deletes alerts met, allowances taken back before that time, raw answers of no entry; in the caller's transaction."""
    forget_orphans(connection)
    alerts.forget(connection, alert.c.at <= before)
    newest = select(func.max(allowance.c.id)).scalar_subquery()  # stays, so that its number is not given again
    connection.execute(delete(allowance).where(allowance.c.undone <= before, allowance.c.id != newest))


def _typed(code: str) -> str:
    return code.strip().upper()
