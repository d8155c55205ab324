"""The log page by page, newest first: filtered in the database, searched here, as only Python folds five alphabets alike everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select

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
        found: list[dict[str, Any]] = []
        sought = folded(wanted.text)
        step = STEP if sought else size + 1
        with self._access.read() as connection:
            while len(found) <= size:
                query = select(incident).where(self._where(wanted)).order_by(incident.c.last_seen.desc(), incident.c.code).limit(step)
                if after is not None:
                    at, code = after
                    behind = (incident.c.last_seen < at) | ((incident.c.last_seen == at) & (incident.c.code > code))
                    query = query.where(incident.c.last_seen <= at, behind)  # the first lets SQLite begin in the middle of its index
                rows = [dict(r) for r in connection.execute(query).mappings()]
                found += [r for r in rows if not sought or any(sought in folded((r[c] or "")[:MOST_SEARCHED]) for c in SEARCHED)]
                if len(rows) < step:
                    break
                after = rows[-1]["last_seen"], rows[-1]["code"]
        entries = tuple(from_row(r) for r in found[:size])
        more = len(found) > size
        return Page(entries, (entries[-1].last_seen, entries[-1].incident.code) if more else None)

    def choices(self) -> dict[str, list[str]]:
        """What the log can be filtered by: each of CHOSEN -> the values there are, ascending, without the empty one."""
        with self._access.read() as connection:
            return {name: sorted(v for v in connection.execute(select(incident.c[name]).distinct()).scalars() if v) for name in CHOSEN}

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
