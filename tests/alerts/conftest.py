"""A log with a clock of its own, and what is met put into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from safeguard.store import Store
from tests.store.conftest import Clock, incident


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = Store(tmp_path / "log.sqlite", clock=clock)
    yield store
    store.close()


def meet(store: Store, *codes: str, **changed: object) -> None:
    for code in codes:
        store.add(incident(code, **changed))
    assert store.flush()
