"""The log in numbers: each text once, on its day by this computer's clock, as what became of it in the end."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from safeguard.policy.allowance import Scope
from safeguard.store import Store, days
from safeguard.store.overview import BY, TOP, Count
from tests.store.conftest import Clock, incident

FIRST = dt.date(2023, 11, 12)
LAST = dt.date(2023, 11, 18)


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A place with summer time, whatever this computer's is."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(clock: Clock, *when: int) -> None:
    clock.now = dt.datetime(*when).astimezone().timestamp()  # type: ignore[arg-type]


def put(store: Store, clock: Clock, code: str, *when: int, **changed: object) -> None:
    at(clock, *(when or (2023, 11, 14, 12)))
    store.add(incident(code, **changed))
    assert store.flush()


def names(counts: tuple[Count, ...]) -> list[tuple[str, int, int, int]]:
    return [(c.name, c.hidden, c.again, c.noted) for c in counts]


def test_what_became_of_each_text(store: Store, clock: Clock) -> None:
    put(store, clock, "A1")
    put(store, clock, "A1")  # met again: still one text
    put(store, clock, "A2", action="blur", site="y", author="@other")
    put(store, clock, "A3", action="allowed", category="slur", group=None)
    put(store, clock, "A4", action="warn", author="")
    put(store, clock, "A5")
    store.review.mark("A5", "wrong")  # allowed, and not met since
    store.review.mark("A2", "right")
    put(store, clock, "A6", kind="unchecked", category="unchecked", action="block", site="z")
    put(store, clock, "A7", kind="pin", category="pin_guessed", action="log")
    seen = store.counting.overview(FIRST, LAST)
    assert names((seen.all,)) == [("", 2, 2, 1)]
    assert (seen.unchecked, seen.right) == (1, 1)
    assert names(seen.by["site"]) == [("x", 1, 2, 1), ("y", 1, 0, 0)]
    assert names(seen.by["category"]) == [("incitement", 2, 1, 1), ("slur", 0, 1, 0)]
    assert names(seen.by["group"]) == [("group:x", 2, 1, 1), ("", 0, 1, 0)]
    assert [(c.name, c.site, c.total) for c in seen.by["author"]] == [("@who", "x", 3), ("", "x", 1), ("@other", "y", 1)]
    assert {by: c.total for by, c in seen.rest.items()} == dict.fromkeys(BY, 0)
    for by in BY:
        assert store.counting.counts(by, FIRST, LAST) == seen.by[by]


def test_an_empty_period(store: Store, clock: Clock) -> None:
    put(store, clock, "A1")
    seen = store.counting.overview(dt.date(2022, 1, 1), dt.date(2022, 1, 2))
    assert (seen.all, seen.unchecked, seen.right) == (Count(), 0, 0)
    assert names(seen.by["day"]) == [("2022-01-01", 0, 0, 0), ("2022-01-02", 0, 0, 0)]
    assert seen.by["author"] == ()


def test_days_begin_at_this_computers_midnight(store: Store, clock: Clock) -> None:
    put(store, clock, "A1", 2023, 11, 11, 23, 59)  # the day before
    put(store, clock, "A2", 2023, 11, 12, 0, 0)
    put(store, clock, "A3", 2023, 11, 18, 23, 59, 59)
    put(store, clock, "A4", 2023, 11, 19, 0, 0)  # the day after
    days_ = store.counting.overview(FIRST, LAST).by["day"]
    assert [c.name for c in days_] == [f"2023-11-{n}" for n in range(12, 19)]
    assert [c.hidden for c in days_] == [1, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(("month", "day"), [(3, 26), (10, 29)], ids=["the day of 23 hours", "the day of 25 hours"])
def test_when_the_clock_is_changed(store: Store, clock: Clock, month: int, day: int) -> None:
    for n, (offset, hour) in enumerate([(-1, 23), (0, 0), (0, 4), (0, 23), (1, 0), (1, 23), (2, 0)]):
        put(store, clock, f"A{n}", 2023, month, day + offset, hour, 30)
    first = dt.date(2023, month, day - 5)
    counted = store.counting.counts("day", first, first + dt.timedelta(7))
    assert [c.hidden for c in counted] == [0, 0, 0, 0, 1, 3, 2, 1]


def test_a_year_needs_few_comparisons() -> None:
    from safeguard.store.tables import incident as table

    begins = days.midnights(dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    assert len(begins) == 366
    assert str(days.number(table.c.last_seen, begins)).count("WHEN") == 5


def test_the_most_met_are_named_and_the_rest_is_summed_up(store: Store, clock: Clock) -> None:
    at(clock, 2023, 11, 14, 12)
    for n in range(TOP + 5):
        for turn in range(2 if n == 7 else 1):
            store.add(incident(f"C{n}-{turn}", author=f"@a{n:02}", action="allowed" if n == TOP + 4 else "block"))
    assert store.flush()
    seen = store.counting.overview(FIRST, LAST)
    assert len(seen.by["author"]) == TOP
    assert names(seen.by["author"])[:3] == [("@a07", 2, 0, 0), ("@a00", 1, 0, 0), ("@a01", 1, 0, 0)]
    assert (seen.rest["author"].hidden, seen.rest["author"].again) == (4, 1)
    assert len(store.counting.counts("author", FIRST, LAST)) == TOP + 5


def test_corrections(store: Store, clock: Clock) -> None:
    at(clock, 2023, 11, 1)
    store.allowances.add(Scope.SITE, "old")
    at(clock, 2023, 11, 14)
    kept = store.allowances.add(Scope.TEXT, "A1")
    store.allowances.add(Scope.TEXT, "A2")
    store.allowances.add(Scope.AUTHOR, "@who", site="x")
    at(clock, 2023, 11, 20)
    store.allowances.undo(kept.allowance.id)
    found = {c.scope: (c.made, c.undone) for c in store.counting.overview(FIRST, LAST).corrections}
    assert found == {Scope.TEXT: (2, 1), Scope.AUTHOR: (1, 0), Scope.SITE: (0, 0), Scope.RULE: (0, 0)}


def test_the_database_counts_and_few_rows_come_back(store: Store, clock: Clock) -> None:
    """However long the log: two statements, and as many rows as a page shows."""
    at(clock, 2023, 11, 14, 12)
    for n in range(120):
        store.add(incident(f"C{n}", author=f"@a{n}", site=f"s{n % 40}", group=f"g{n}"))
    assert store.flush(60)
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "incident" in statement or "allowance" in statement:
            statements.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    seen = store.counting.overview(FIRST, LAST)
    event.remove(store._engine, "before_cursor_execute", note)
    assert len(statements) == 2
    assert statements[0].count("FROM incident") == 1  # walked through once
    assert sum(len(counts) for counts in seen.by.values()) <= 7 + 4 * TOP
