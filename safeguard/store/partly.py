"""Which sites had pages that the guard could not protect, and since when, kept over restarts of the filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import delete, func, insert, select, update

from safeguard.policy.partly import DAYS, Partly
from safeguard.store.access import Access
from safeguard.store.tables import partly as table

MOST = 20
"""Reasons of one site that are kept."""
_KEPT = DAYS * 86_400_000


class PartlyTable:
    """Safe to use from any thread. Every method raises StoreError. now: milliseconds since 1970."""

    def __init__(self, access: Access, now: Callable[[], int]) -> None:
        self._access, self._now = access, now

    def list(self) -> list[Partly]:
        """What was met in the last days, by site."""
        wanted = select(table).where(table.c.last_met > self._now() - _KEPT).order_by(table.c.site, table.c.first_met)
        with self._access.read() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [Partly(r["site"], r["why"], r["first_met"], r["last_met"]) for r in rows]

    def met(self, pairs: Iterable[tuple[str, str]]) -> None:
        """These (site, why) were met now; what is long over is forgotten."""
        now = self._now()
        with self._access.write() as connection:
            connection.execute(delete(table).where(table.c.last_met <= now - _KEPT))
            for site, why in pairs:
                known = update(table).where(table.c.site == site, table.c.why == why).values(last_met=now)
                if connection.execute(known).rowcount:
                    continue
                if connection.execute(select(func.count()).where(table.c.site == site)).scalar_one() < MOST:
                    connection.execute(insert(table).values(site=site, why=why, first_met=now, last_met=now))
