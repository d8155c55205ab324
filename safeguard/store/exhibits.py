"""Entries chosen for an evidence package, and the raw answers they stood in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from safeguard.policy.incident import Body
from safeguard.store import bodies
from safeguard.store.access import Access
from safeguard.store.entry import Entry, from_row
from safeguard.store.tables import incident


@dataclass(frozen=True, slots=True)
class Selection:
    """Texts that were found (no other entries), for which all that is given holds; names in any case of Latin letters.

    since, until: milliseconds since 1970, UTC: met at or after the one, and before the other.
    severity:     this one or a higher one.
    """

    since: int | None = None
    until: int | None = None
    site: str = ""
    author: str = ""
    category: str = ""
    severity: int = 0


class Exhibits:
    """Safe to use beside a running proxy. Every method raises StoreError."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def chosen(self, selection: Selection, limit: int) -> list[Entry]:
        """The entries of that selection, the one met first at the head."""
        return self._where(_condition(selection), limit)

    def named(self, codes: Sequence[str]) -> list[Entry]:
        """The entries of these codes, each once, in the same order; those that are not there are left out."""
        return self._where(func.upper(incident.c.code).in_({c.strip().upper() for c in codes}), len(codes))

    def body(self, entry: Entry) -> Body | None:
        """The raw answer that the entry stood in, where it was kept."""
        if not entry.body:
            return None
        with self._access.read() as connection:
            return bodies.read(connection, entry.body)

    def _where(self, condition: ColumnElement[bool], limit: int) -> list[Entry]:
        query = select(incident).where(condition).order_by(incident.c.first_seen, incident.c.code).limit(limit)
        with self._access.read() as connection:
            return [from_row(dict(r)) for r in connection.execute(query).mappings()]


def _condition(wanted: Selection) -> ColumnElement[bool]:
    found = (incident.c.kind == "unit") & (incident.c.severity >= wanted.severity)
    if wanted.since is not None:
        found &= incident.c.last_seen >= wanted.since
    if wanted.until is not None:
        found &= incident.c.first_seen < wanted.until
    for column, value in ((incident.c.site, wanted.site), (incident.c.author, wanted.author), (incident.c.category, wanted.category)):
        if value:
            found &= (column == value) | (func.lower(column) == value.lower())
    return found
