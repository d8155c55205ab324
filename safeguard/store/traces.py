"""What deleted texts leave in the files of a SQLite log, and how it goes: free places in pages, the side file, damaged copies set aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from safeguard.errors import StoreError
from safeguard.language import _
from safeguard.store import database

_MARK = "PRAGMA user_version"
"""A number in the head of the file, part of transactions: not 0 while texts are deleted but the files not yet cleared of them."""
_MOST = 2**31 - 1


def owe(connection: Connection) -> None:
    """Notes, in the transaction that deletes, that the files are to be cleared; so a kill in between is made good later."""
    if connection.dialect.name == "sqlite":
        now = int(connection.exec_driver_sql(_MARK).scalar_one())
        connection.exec_driver_sql(f"{_MARK}={now % _MOST + 1}")


class Traces:
    """The files of one log; of a database elsewhere there are none, and every method does nothing.

    engine: the one in use now; path: of the SQLite file, None for another database.
    """

    def __init__(self, engine: Callable[[], Engine], path: Path | None) -> None:
        self._engine, self._path = engine, path

    @property
    def elsewhere(self) -> bool:
        """Whether the log is a database server's, whose files we do not see."""
        return self._path is None

    def clear(self) -> bool:
        """Clears the files of what was deleted, where that is still owed; False where another process is reading the log just now.

        secure_delete overwrites deleted rows, but not the copies that moving rows between pages left: so all is written anew.
        The side file keeps pages from before and after until it is folded in. Raises StoreError.
        """
        if self._path is None:
            return True
        try:
            with closing(self._engine().raw_connection()) as raw, closing(raw.cursor()) as cursor:  # outside any transaction
                owed = cursor.execute(_MARK).fetchone()[0]
                if not owed:
                    return True
                cursor.execute("VACUUM")
                if cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    return False
                cursor.execute("BEGIN IMMEDIATE")
                if cursor.execute(_MARK).fetchone()[0] == owed:  # else another purge came meanwhile and owes anew
                    cursor.execute(f"{_MARK}=0")
                cursor.execute("COMMIT")
        except sqlite3.OperationalError as e:
            if "locked" in str(e):
                return False
            raise StoreError(_("the log cannot be written (%(why)s)", why=database.short(e))) from e
        except (sqlite3.Error, SQLAlchemyError) as e:
            raise StoreError(_("the log cannot be written (%(why)s)", why=database.short(e))) from e
        return True

    def asides(self) -> list[Path]:
        """The damaged copies that were set aside; each may hold any text that was in the log that day."""
        return database.asides(self._path) if self._path is not None else []

    def forget_asides(self, before: int) -> None:
        """Deletes the damaged copies set aside up to that time (milliseconds): all in them is older. Raises StoreError."""
        try:
            for aside in self.asides():
                at = database.set_aside_at(aside)
                if at is not None and at * 1000 <= before:
                    for side in reversed(database.SIDE_FILES):
                        aside.with_name(aside.name + side).unlink(missing_ok=True)
        except OSError as e:
            raise StoreError(_("a damaged copy of the log cannot be deleted (%(why)s)", why=e.strerror)) from e
