"""A parent's work with the log: mark, count, page through, delete for good."""

from __future__ import annotations

import pytest

from safeguard.store import Store
from safeguard.store.review import COUNTED, PAGE
from tests.store.conftest import Clock, incident


def test_mark(store: Store) -> None:
    store.add(incident())
    store.flush()
    assert store.review.mark(" ab12 ", "right")
    assert not store.review.mark("ZZ99", "right")
    entry = store.show("AB12")
    assert entry
    assert entry.review == "right"
    store.add(incident())
    store.flush()
    again = store.show("AB12")
    assert again
    assert (again.review, again.seen) == ("right", 2)


def test_all_entries_in_pages_each_once(store: Store, clock: Clock) -> None:
    codes = [f"C{n:05}" for n in range(2 * PAGE + 3)]
    for n, code in enumerate(codes):
        if n % 200 == 0:  # many share a moment
            store.flush()
            clock.now += 1
        store.add(incident(code))
    store.flush()
    assert [e.incident.code for e in store.review.all()] == codes
    assert store.review.count() == len(codes)


def test_counts(store: Store, clock: Clock) -> None:
    for code, changed in (("A", {}), ("A", {}), ("B", {"site": "y", "group": None}), ("C", {"author": ""})):
        store.add(incident(code, **changed))
    store.flush()
    counts = {by: store.review.counts(by) for by in COUNTED}
    assert counts["site"] == [("x", 2, 3), ("y", 1, 1)]
    assert counts["group"] == [("group:x", 2, 3), ("", 1, 1)]
    assert counts["author"] == [("@who", 2, 3), ("", 1, 1)]
    assert counts["category"] == [("incitement", 3, 4)]
    assert [(e, t) for _, e, t in counts["day"]] == [(3, 4)]


@pytest.mark.parametrize(("days", "left"), [(0, []), (5, ["NEW"]), (6, ["NEW", "OLD"])])
def test_forget_by_age(store: Store, clock: Clock, days: int, left: list[str]) -> None:
    store.add(incident("OLD"))
    store.flush()
    clock.now += 5 * 86400
    store.add(incident("NEW"))
    store.flush()
    assert store.review.older(days) == 2 - len(left)
    assert store.review.forget(days) == 2 - len(left)
    assert sorted(e.incident.code for e in store.entries()) == left
