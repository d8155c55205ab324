"""Opens a SQLite log, set up to lose no committed row and to leave no deleted text behind; server.py opens PostgreSQL."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, SQLAlchemyError

from safeguard.errors import StoreError
from safeguard.language import _
from safeguard.store.migrations import migrate

PRAGMAS = (
    "busy_timeout=10000",
    "journal_mode=WAL",
    "synchronous=FULL",  # a committed row is on the disk
    "secure_delete=ON",  # a purged text is overwritten, not only unlinked
    "temp_store=MEMORY",  # no temporary files, which would keep texts too
    "foreign_keys=ON",
)
SIDE_FILES = ("", "-wal", "-shm")
_STAMP, _STAMP_FORM = "%Y-%m-%d-%H%M%S", r"\d{4}-\d\d-\d\d-\d{6}"
_DAMAGED = ("malformed", "not a database", "disk image", "file is encrypted")


def is_damage(error: BaseException) -> bool:
    """Whether a database error means a damaged file (and not a full disk or a lock)."""
    return isinstance(error, DatabaseError) and any(word in str(error.orig) for word in _DAMAGED)


def passes(error: BaseException, server: bool) -> bool:
    """Whether the same may succeed later: another process holds the file, the server is away or in trouble. Not: our row is at fault."""
    if server:
        return isinstance(error, SQLAlchemyError) and not isinstance(error, DataError | IntegrityError)
    return isinstance(error, DatabaseError) and "locked" in str(error.orig)


def _sqlite(path: Path) -> Engine:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)  # SQLite gives its side files the mode of the main one
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def setup(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # Python would begin no transaction before CREATE TABLE; we begin them all below
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


def prepare(engine: Engine, check: bool = False) -> None:
    """Brings the tables up to date; PCs that do so at once wait for each other. check: look for damage first (SQLite)."""
    with engine.execution_options(writes=True).begin() as connection:
        if check and engine.dialect.name == "sqlite":
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
            if said != "ok":
                raise DatabaseError("PRAGMA quick_check", None, Exception(f"malformed: {said}"))
        migrate(connection)


def set_aside(path: Path) -> Path:
    """Renames a damaged database and its side files to a dated name beside it; returns that name."""
    stamp = time.strftime(_STAMP)
    number, aside = 1, path.with_name(f"{path.name}.damaged-{stamp}")
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    for side in SIDE_FILES:
        part = path.with_name(path.name + side)
        if part.exists():
            part.rename(aside.with_name(aside.name + side))
    return aside


def asides(path: Path) -> list[Path]:
    """The damaged databases that were set aside, the oldest first."""
    found = path.parent.glob(f"{path.name}.damaged-*")
    return sorted(p for p in found if not p.name.endswith(SIDE_FILES[1:]))


def set_aside_at(aside: Path) -> float | None:
    """When that copy was set aside, seconds since 1970, by its name; None where the name does not say."""
    dated = re.search(rf"\.damaged-({_STAMP_FORM})(?:-\d+)?$", aside.name)
    try:
        return time.mktime(time.strptime(dated[1], _STAMP)) if dated else None
    except (ValueError, OverflowError):
        return None


def open_file(path: Path, say: Callable[[str], None], mend: bool) -> Engine:
    """The SQLite log in that file, made where missing; its folder must exist.

    mend: set a damaged file aside, say so in one line and begin a new one; else it raises StoreError.
    """
    try:
        engine = _sqlite(path)
        try:
            prepare(engine, check=mend)
        except DatabaseError as e:
            engine.dispose()
            if not is_damage(e):
                raise
            if not mend:
                raise StoreError(
                    _("%(path)s: the log is damaged; the next `safeguard run` sets it aside and begins a new one", path=path)
                ) from e
            aside = set_aside(path)
            say(_("%(path)s: the log was damaged and is set aside as %(name)s; a new one begins", path=path, name=aside.name))
            engine = _sqlite(path)
            prepare(engine, check=False)
    except (OSError, SQLAlchemyError) as e:
        raise StoreError(_("%(path)s: the log cannot be opened (%(why)s)", path=path, why=short(e))) from e
    return engine


def short(error: Exception) -> str:
    """First line of what the database said; the long form of SQLAlchemy would carry the logged text."""
    said = str(getattr(error, "orig", None) or error)
    return said.splitlines()[0] if said else type(error).__name__
