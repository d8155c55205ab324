"""The log page by page, newest first: filtered in the database, searched here, as only Python folds five alphabets alike everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from safeguard.policy import asking
from safeguard.store.access import Access
from safeguard.store.entry import Entry, from_row
from safeguard.store.review import DAY
from safeguard.store.tables import incident

STEP = 2000
"""Rows looked at in one query of a search."""
SEARCHED = ("code", "excerpt", "author", "url", "site", "rule", "whole")
MOST_SEARCHED = 20_000
"""Characters of one field that are searched."""
CHOSEN = ("site", "category", "account", "action")

Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; "" and 0 mean any. severity: at least; days: met within so many; text: anywhere in the entry, case does not count."""

    site: str = ""
    category: str = ""
    severity: int = 0
    account: str = ""
    action: str = ""
    author: str = ""
    days: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, and the key (last seen, code) after which the next page begins, None at the end."""

    entries: tuple[Entry, ...]
    after: Key | None


class Listing:
    """Safe to use from any thread. Every method raises StoreError."""

    def __init__(self, access: Access, now: Callable[[], int]) -> None:
        self._access = access
        self._now = now

    def page(self, wanted: Wanted, size: int, after: Key | None = None) -> Page:
        """At most size entries behind that key: a page costs the same wherever in the log it stands."""
        sought = folded(wanted.text)
        with self._access.read() as connection:
            keys: list[Key] = []
            for row in self._keys(connection, wanted, after, STEP if sought else size + 1):
                at, code, *fields = row
                if not sought or sought in folded("\n".join([f[:MOST_SEARCHED] for f in fields if f])):
                    keys.append((at, code))
                    if len(keys) > size:
                        break
            query = select(incident).where(incident.c.code.in_([code for _, code in keys[:size]]))
            rows = {r["code"]: from_row(dict(r)) for r in connection.execute(query).mappings()}
        return Page(tuple(rows[code] for _, code in keys[:size]), keys[size - 1] if len(keys) > size else None)

    def _keys(self, connection: Connection, wanted: Wanted, after: Key | None, step: int) -> Iterator[Any]:
        """Key and searched fields of every entry behind that key, newest first; asked for step by step."""
        fields = [incident.c[name] for name in SEARCHED] if wanted.text else []
        at = incident.c.last_seen
        while True:
            query = select(at, incident.c.code, *fields).where(self._where(wanted)).order_by(at.desc(), incident.c.code).limit(step)
            if after is not None:
                behind = (at < after[0]) | ((at == after[0]) & (incident.c.code > after[1]))
                query = query.where(at <= after[0], behind)  # the first lets SQLite begin in the middle of its index
            rows = connection.execute(query).all()
            yield from rows
            if len(rows) < step:
                return
            after = rows[-1][0], rows[-1][1]

    def asked(self, most: int = 50) -> list[Entry]:
        """Entries by which a child asks for a check, and which the parent has not answered; newest first."""
        waiting = (incident.c.kind == asking.KIND) & (incident.c.review == "")
        query = select(incident).where(waiting).order_by(incident.c.last_seen.desc(), incident.c.code).limit(most)
        with self._access.read() as connection:
            return [from_row(dict(r)) for r in connection.execute(query).mappings()]

    def choices(self) -> dict[str, list[str]]:
        """What the log can be filtered by: each of CHOSEN -> the values there are, ascending, without the empty one."""
        with self._access.read() as connection:
            rows = connection.execute(select(*(incident.c[name] for name in CHOSEN)).distinct()).all()  # one walk through the log
        return {name: sorted({row[n] for row in rows} - {""}) for n, name in enumerate(CHOSEN)}

    def _where(self, wanted: Wanted) -> ColumnElement[bool]:
        exact = {n: getattr(wanted, n) for n in (*CHOSEN, "author")}
        conditions = [incident.c[n] == v for n, v in exact.items() if v]
        if wanted.severity:
            conditions.append(incident.c.severity >= wanted.severity)
        if wanted.days:
            conditions.append(incident.c.last_seen > self._now() - wanted.days * DAY)
        return and_(True, *conditions)


def folded(text: str) -> str:
    """As texts are compared: without case, the Turkish and Azerbaijani letters I, ı, İ, i as one."""
    return text.replace("İ", "i").replace("ı", "i").casefold()
