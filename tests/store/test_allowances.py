"""Allowances in the database: another process sees them, they can be taken back, and numbers are never given twice."""

from __future__ import annotations

from pathlib import Path

from safeguard.policy.allowance import Allowance, Scope
from safeguard.store import Store
from tests.store.conftest import Clock, incident


def test_made_seen_by_another_and_undone(store: Store, where: Path | str) -> None:
    running = Store(where)
    assert running.allowances.in_force() == ()
    made = store.allowances.add(Scope.AUTHOR, "@who", site="x", code="AB12")
    assert running.allowances.in_force() == (made.allowance,) == (Allowance(1, Scope.AUTHOR, "@who", "x"),)
    assert store.allowances.undo(1)
    assert not store.allowances.undo(1)
    assert running.allowances.in_force() == ()
    running.close()


def test_the_same_again_is_the_same(store: Store, clock: Clock) -> None:
    first = store.allowances.add(Scope.RULE, "some-rule", account="kim")
    clock.now += 60
    assert store.allowances.add(Scope.RULE, "some-rule", account="kim") == first
    assert store.allowances.add(Scope.RULE, "some-rule").allowance.id == 2


def test_a_number_is_never_given_twice(store: Store, clock: Clock) -> None:
    store.allowances.add(Scope.TEXT, "AB12")
    store.allowances.undo(1)
    clock.now += 400 * 86400
    store.purge()
    assert store.allowances.add(Scope.TEXT, "CD34").allowance.id == 2


def test_allowances_outlive_the_entries(store: Store, clock: Clock) -> None:
    store.add(incident())
    store.flush()
    store.allowances.add(Scope.TEXT, "AB12")
    clock.now += 1
    assert store.review.forget(0) == 1
    assert [m.allowance.value for m in store.allowances.list()] == ["AB12"]
