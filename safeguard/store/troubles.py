"""Which of the parent's addresses take no alerts now, since when, and when each is tried again: kept, so that a new process waits too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from safeguard.store.access import Access
from safeguard.store.tables import trouble as table

FIRST_WAIT, LONGEST_WAIT = 30_000, 3_600_000  # milliseconds; each wait is twice the one before


@dataclass(frozen=True, slots=True)
class Trouble:
    """since, again: milliseconds since 1970; not tried before `again`. why: in our words, nothing a server said."""

    channel: str
    since: int
    tries: int
    again: int
    why: str


class TroubleTable:
    """Safe to use from several processes. Every method raises StoreError."""

    def __init__(self, access: Access, now: Callable[[], int]) -> None:
        self._access = access
        self._now = now

    def list(self) -> list[Trouble]:
        """Those that failed when they were tried last."""
        with self._access.read() as connection:
            return [Trouble(**r) for r in connection.execute(select(table).order_by(table.c.since)).mappings()]

    def waits(self, channel: str) -> bool:
        """Whether it is too early to try that one again."""
        now = self._now()
        with self._access.read() as connection:
            again = connection.execute(select(table.c.again).where(table.c.channel == channel)).scalar()
        return again is not None and now < again <= now + LONGEST_WAIT  # a clock that was set back stops nothing for long

    def failed(self, channel: str, why: str) -> bool:
        """Notes it and doubles the wait; returns whether it worked until now."""
        now = self._now()
        with self._access.write() as connection:
            known = connection.execute(select(table).where(table.c.channel == channel)).mappings().first()
            since, tries = (known["since"], known["tries"] + 1) if known else (now, 1)
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - 1, 20))
            connection.execute(delete(table).where(table.c.channel == channel))
            connection.execute(insert(table).values(channel=channel, since=since, tries=tries, again=now + wait, why=why))
        return known is None

    def over(self, channel: str) -> bool:
        """It works; returns whether it did not until now."""
        with self._access.read() as connection:
            if connection.execute(select(table.c.tries).where(table.c.channel == channel)).scalar() is None:
                return False
        with self._access.write() as connection:
            return connection.execute(delete(table).where(table.c.channel == channel)).rowcount > 0
