"""A log in a folder of its own, a clock that is set by hand, and incidents as they come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from safeguard.matching.verdict import Category, Level, Reason
from safeguard.policy.incident import Incident
from safeguard.store import Store

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


@pytest.fixture
def store(tmp_path: Path, clock: Clock, said: list[str]) -> Iterator[Store]:
    store = Store(tmp_path / "log.sqlite", clock=clock, say=said.append)
    yield store
    store.close()
