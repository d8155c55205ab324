"""Which entries a selection takes."""

from __future__ import annotations

import pytest

from safeguard.store import Store
from safeguard.store.exhibits import Selection
from tests.store.conftest import Clock, incident

START = 1_700_000_000_000


@pytest.fixture
def log(store: Store, clock: Clock) -> Store:
    for code, changed in {
        "A": {"site": "x", "author": "@One", "category": "threat", "severity": 2},
        "B": {"site": "y", "author": "@two", "category": "slur", "severity": 1},
        "C": {"site": "x", "author": "@two", "category": "personal_threat", "severity": 3},
        "U": {"kind": "unchecked", "category": "unchecked", "severity": 0},
    }.items():
        store.add(incident(code, **changed))
        assert store.flush()
        clock.now += 10
    return store


@pytest.mark.parametrize(
    ("selection", "codes"),
    [
        (Selection(), "ABC"),
        (Selection(site="X"), "AC"),
        (Selection(author="@one"), "A"),
        (Selection(author="@two", site="x"), "C"),
        (Selection(category="slur"), "B"),
        (Selection(severity=2), "AC"),
        (Selection(since=START + 10_000), "BC"),
        (Selection(until=START + 10_000), "A"),
        (Selection(since=START + 1, until=START + 20_000), "B"),
        (Selection(site="x' OR 1=1 --"), ""),
        (Selection(site="%"), ""),
    ],
)
def test_all_that_is_given_holds(log: Store, selection: Selection, codes: str) -> None:
    assert "".join(e.incident.code for e in log.exhibits.chosen(selection, 100)) == codes


def test_met_again_counts_for_all_the_time_between(log: Store, clock: Clock) -> None:
    log.add(incident("A"))
    assert log.flush()
    assert "A" in [e.incident.code for e in log.exhibits.chosen(Selection(since=START + 30_000), 100)]
    assert "A" in [e.incident.code for e in log.exhibits.chosen(Selection(until=START + 10_000), 100)]


def test_by_code_of_any_kind_in_any_case_and_each_once(log: Store) -> None:
    assert [e.incident.code for e in log.exhibits.named(["u", "a", "A", "no"])] == ["A", "U"]


def test_a_limit(log: Store) -> None:
    assert len(log.exhibits.chosen(Selection(), 2)) == 2
