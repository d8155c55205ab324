"""What each page asks of the log's database with 10,000 entries in it: work that is counted, as time depends on the computer.

A new page: its line in PAGES. `python -m tests.bench page` says the milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import event

from safeguard.store import Store
from safeguard.system.own_rules import OwnRules
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore
from safeguard.web import Deps, create_app
from tests.store.many import fill
from tests.web.conftest import ORIGIN, PIN, PORT

ENTRIES = 10_000
GRAIN = 1000
PAGES = [
    # address, statements, thousands of SQLite's steps: at most
    ("/", 5, 300),
    ("/?site=site-3&severity=1&days=30", 5, 400),
    ("/?q=there%20is%20no%20such%20text", 12, 700),
    ("/overview", 5, 1500),
    ("/overview?days=365", 5, 1500),
    ("/overview/author.csv", 3, 1500),
]


class Work:
    """statements; steps: thousands of instructions of SQLite's machine."""

    statements = 0
    steps = 0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Store(tmp_path_factory.mktemp("log") / "log.sqlite")
    fill(made, ENTRIES)
    yield made
    made.close()


@pytest.fixture
def client(tmp_path: Path, store: Store) -> FlaskClient:
    paths = Paths.under(tmp_path)
    pin = PinStore(paths.pin, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    pin.set(PIN)
    made = create_app(Deps(pin, store, OwnRules(paths.rules), PORT, account=lambda client, server: "parent")).test_client()
    made.post("/sign-in", base_url=ORIGIN, data={"pin": PIN}, headers={"Origin": ORIGIN})
    return made


@contextmanager
def counted(store: Store) -> Iterator[Work]:
    work = Work()

    def statement(connection: object, cursor: object, said: str, *given: object) -> None:
        work.statements += not said.startswith("BEGIN")

    def step() -> int:
        work.steps += 1
        return 0

    def taken(connection: Any, *given: object) -> None:
        connection.set_progress_handler(step, GRAIN)

    listened = (("before_cursor_execute", statement), ("checkout", taken))
    for name, work_of in listened:
        event.listen(store._engine, name, work_of)
    yield work
    for name, work_of in listened:
        event.remove(store._engine, name, work_of)
    with store._engine.connect() as connection:
        connection.connection.dbapi_connection.set_progress_handler(None, 0)  # type: ignore[union-attr]


@pytest.mark.parametrize(("path", "statements", "steps"), PAGES)
def test_a_page_asks_little_of_the_database(client: FlaskClient, store: Store, path: str, statements: int, steps: int) -> None:
    with counted(store) as work:
        assert client.get(path, base_url=ORIGIN).status_code == 200
    assert 0 < work.statements <= statements
    assert 0 < work.steps <= steps


def test_work_is_counted(store: Store) -> None:
    """That the other test can fail: asking for each entry alone is more than any page may."""
    with counted(store) as work:
        for n in range(20):
            assert store.show(f"C{n:06d}")
    assert work.statements > 12
    assert work.steps > 200
