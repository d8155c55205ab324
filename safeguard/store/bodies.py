"""Raw answers kept as evidence: each once, packed, bounded in all; gone with the last entry that names them."""

from __future__ import annotations

import hashlib
import zlib

from sqlalchemy import Connection, delete, func, insert, select

from safeguard.policy.incident import Body
from safeguard.store.entry import storable
from safeguard.store.tables import body as table
from safeguard.store.tables import incident

MOST_ALL = 200 * 2**20
"""Bytes of all of them, packed: a site that sends threats without end must not fill the disk."""


def keep(connection: Connection, body: Body) -> str | None:
    """Its name, kept where it was not yet; None where there is no room. In the caller's transaction."""
    digest = hashlib.sha256(f"{body.media}\0{body.whole}\0{body.start}\0".encode("utf-8", "replace"))
    digest.update(body.data)
    name = digest.hexdigest()
    if connection.execute(select(table.c.id).where(table.c.id == name)).first() is not None:
        return name
    data = zlib.compress(body.data)
    if int(connection.execute(select(func.coalesce(func.sum(table.c.size), 0))).scalar_one()) + len(data) > MOST_ALL:
        return None
    row = {"id": name, "media": storable(body.media), "whole": body.whole, "start": body.start, "size": len(data), "data": data}
    connection.execute(insert(table).values(**row))
    return name


def read(connection: Connection, name: str) -> Body | None:
    """The answer of that name; None where it is not there, or damaged."""
    row = connection.execute(select(table).where(table.c.id == name)).mappings().first()
    if row is None:
        return None
    try:
        return Body(row["media"], row["whole"], row["start"], zlib.decompress(row["data"]))
    except zlib.error:
        return None


def forget_orphans(connection: Connection) -> None:
    """Deletes those that no entry names any more; in the caller's transaction."""
    named = select(incident.c.body).where(incident.c.body.is_not(None))
    connection.execute(delete(table).where(table.c.id.not_in(named)))
