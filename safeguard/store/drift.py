"""Which sites have changed so that their profile fits no longer, kept over restarts of the filter."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from safeguard.policy.drift import Drift
from safeguard.store.access import Access
from safeguard.store.tables import drift as table


class DriftTable:
    """Safe to use from any thread. Every method raises StoreError."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def list(self) -> list[Drift]:
        """All runs of answers that did not look as expected, by site."""
        with self._access.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.site, table.c.part)).mappings().all()
        return [Drift(r["site"], r["part"], r["misses"], r["first_miss"], r["last_miss"]) for r in rows]

    def save(self, runs: Iterable[Drift], over: Iterable[tuple[str, str]]) -> None:
        """Keeps these runs as they are now, and forgets those (site, where) that are over."""
        runs = tuple(runs)
        with self._access.write() as connection:
            for site, where in (*((r.site, r.where) for r in runs), *over):
                connection.execute(delete(table).where(table.c.site == site, table.c.part == where))
            for r in runs:
                connection.execute(insert(table).values(site=r.site, part=r.where, misses=r.misses, first_miss=r.first, last_miss=r.last))
