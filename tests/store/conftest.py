"""A log in a folder of its own or on a PostgreSQL server, a clock that is set by hand, and incidents as they come."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from safeguard.matching.verdict import Category, Level, Reason
from safeguard.policy.incident import Incident
from safeguard.store import Store
from tests.postgres import OWNER, Postgres, missing

REASON = Reason("some-rule", Category.INCITEMENT, 3, 2.5, 0, 4, 9, ("words", "of it"), Level.HARMFUL, "group:x")
INCIDENT = Incident(
    "AB12", "unit", "x", "https://x.test/1", "block", "incitement", 3, 2.5, "group:x", "some-rule", "@who", "post", "an excerpt", (REASON,)
)


def incident(code: str = "AB12", **changed: object) -> Incident:
    return replace(INCIDENT, code=code, **changed)  # type: ignore[arg-type]


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture(scope="session")
def cluster() -> Iterator[Postgres]:
    """One server for all tests of this room."""
    with Postgres() as running:
        yield running


def new_database(server: Postgres, name: str = "") -> str:
    """The address of an empty database of its own."""
    psycopg = pytest.importorskip("psycopg")
    name = name or f"log_{secrets.token_hex(4)}"
    with psycopg.connect(host=str(server.folder), port=server.port, user=OWNER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql+psycopg://{OWNER}@/{name}?host={server.folder}&port={server.port}"


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """The address of an empty log on the server."""
    if said := missing():
        pytest.skip(said)
    return new_database(request.getfixturevalue("cluster"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.e2e)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a log is: both kinds of database, one after the other."""
    return tmp_path / "log.sqlite" if request.param == "sqlite" else str(request.getfixturevalue("address"))


@pytest.fixture
def store(where: Path | str, clock: Clock, said: list[str]) -> Iterator[Store]:
    store = Store(where, clock=clock, say=said.append)
    yield store
    store.close()


@pytest.fixture
def file_store(tmp_path: Path, clock: Clock, said: list[str]) -> Iterator[Store]:
    """A log in a file, for what only files have."""
    store = Store(tmp_path / "log.sqlite", clock=clock, say=said.append)
    yield store
    store.close()
