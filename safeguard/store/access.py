"""Transactions on the log's database, with what goes wrong in them told as a StoreError."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from safeguard.errors import StoreError
from safeguard.language import _


class Access:
    """Opens transactions on the engine that is in use now (a damaged file is replaced while we run).

    short: one line of what the database said; its error itself may carry texts and addresses and is not passed on.
    """

    def __init__(self, engine: Callable[[], Engine], short: Callable[[Exception], str]) -> None:
        self._engine, self._short = engine, short

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from. Raises StoreError."""
        try:
            with self._engine().connect() as connection:
                yield connection
        except SQLAlchemyError as e:
            raise StoreError(_("the log cannot be read (%(why)s)", why=self._short(e))) from None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is the only one writing, also among several PCs, committed at the end. Raises StoreError."""
        try:
            with self._engine().execution_options(writes=True).begin() as connection:
                yield connection
        except SQLAlchemyError as e:
            raise StoreError(_("the log cannot be written (%(why)s)", why=self._short(e))) from None
