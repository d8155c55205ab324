"""The allowances in the log's database: made, listed, undone; the running proxy looks at them twice a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from safeguard.policy.allowance import Allowance, Scope
from safeguard.store.access import Access
from safeguard.store.tables import allowance as table


@dataclass(frozen=True, slots=True)
class Made:
    """An allowance as the log keeps it. code: the entry it was made from; at: milliseconds since 1970, UTC."""

    allowance: Allowance
    code: str
    at: int


class AllowanceTable:
    """Safe to use from any thread. Every method raises StoreError."""

    def __init__(self, access: Access, now: Callable[[], int]) -> None:
        self._access = access
        self._now = now

    def add(self, scope: Scope, value: str, *, site: str = "", account: str = "", code: str = "") -> Made:
        """Makes an allowance; one that is in force already comes back as it is."""
        same = {"scope": scope.value, "value": value, "site": site, "account": account}
        with self._access.write() as connection:
            query = select(table).filter_by(**same).where(table.c.undone.is_(None))
            row = connection.execute(query).mappings().first()
            if row is not None:
                return Made(Allowance(row["id"], scope, value, site, account), row["code"], row["made"])
            number = int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1
            at = self._now()
            connection.execute(insert(table).values(id=number, **same, code=code, made=at))
        return Made(Allowance(number, scope, value, site, account), code, at)

    def list(self) -> list[Made]:
        """Those in force, oldest first."""
        with self._access.read() as connection:
            rows = connection.execute(select(table).where(table.c.undone.is_(None)).order_by(table.c.id)).mappings().all()
        return [Made(Allowance(r["id"], Scope(r["scope"]), r["value"], r["site"], r["account"]), r["code"], r["made"]) for r in rows]

    def in_force(self) -> tuple[Allowance, ...]:
        """The bare values, for the pipeline."""
        return tuple(m.allowance for m in self.list())

    def undo(self, number: int) -> bool:
        """Takes one back; False where no allowance of that number is in force."""
        with self._access.write() as connection:
            back = update(table).where(table.c.id == number, table.c.undone.is_(None)).values(undone=self._now())
            return connection.execute(back).rowcount > 0
