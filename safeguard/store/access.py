"""Transactions on the log's database, with what goes wrong in them told as a StoreError."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from safeguard.errors import StoreError
from safeguard.store.database import short


class Access:
    """Opens transactions on the engine that is in use now (a damaged file is replaced while we run)."""

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from. Raises StoreError."""
        try:
            with self._engine().connect() as connection:
                yield connection
        except SQLAlchemyError as e:
            raise StoreError(f"the log cannot be read ({short(e)})") from e

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is the only one writing (SQLite), committed at the end. Raises StoreError."""
        try:
            with self._engine().execution_options(writes=True).begin() as connection:
                yield connection
        except SQLAlchemyError as e:
            raise StoreError(f"the log cannot be written ({short(e)})") from e

    def fold(self) -> None:
        """SQLite keeps the pages before and after a change in its side file until they are folded in: deleted texts go with that.

        What another process is reading just now stays until the next time. Raises StoreError.
        """
        if self._engine().dialect.name != "sqlite":
            return
        try:
            raw = self._engine().raw_connection()  # outside any transaction
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            finally:
                raw.close()
        except SQLAlchemyError as e:
            raise StoreError(f"the log cannot be written ({short(e)})") from e
