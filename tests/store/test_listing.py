"""The log page by page: each entry once, whatever comes meanwhile, found by what the parent types."""

from __future__ import annotations

import pytest

from safeguard.store import Store
from safeguard.store.listing import Key, Wanted, folded
from tests.store.conftest import Clock, incident


def fill(store: Store, clock: Clock, count: int, at_once: int = 3) -> None:
    for n in range(count):
        store.add(incident(f"C{n:04d}", excerpt=f"text {n}"))
        if n % at_once == at_once - 1:
            store.flush()
            clock.now += 1
    assert store.flush()


def codes(store: Store, wanted: Wanted, size: int) -> list[str]:
    out: list[str] = []
    after: Key | None = None
    while True:
        page = store.listing.page(wanted, size, after)
        assert len(page.entries) <= size
        out += [e.incident.code for e in page.entries]
        if page.after is None:
            return out
        after = page.after


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_every_entry_once_newest_first(store: Store, clock: Clock, size: int) -> None:
    fill(store, clock, 20)
    got = codes(store, Wanted(), size)
    assert got == [e.incident.code for e in store.entries()]
    assert len(set(got)) == 20


def test_what_comes_meanwhile_moves_no_page(store: Store, clock: Clock) -> None:
    fill(store, clock, 10, 1)
    first = store.listing.page(Wanted(), 4)
    store.add(incident("NEW"))
    store.flush()
    second = store.listing.page(Wanted(), 4, first.after)
    assert [e.incident.code for e in first.entries + second.entries] == [f"C{n:04d}" for n in range(9, 1, -1)]


def test_a_page_that_is_just_full_is_the_last(store: Store, clock: Clock) -> None:
    fill(store, clock, 4)
    assert store.listing.page(Wanted(), 4).after is None
    assert store.listing.page(Wanted(), 3).after is not None
    assert store.listing.page(Wanted(text="nowhere"), 3).entries == ()


def test_a_search_goes_on_behind_its_first_rows(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safeguard.store.listing.STEP", 3)
    fill(store, clock, 30)
    assert set(codes(store, Wanted(text="TEXT 2"), 2)) == {"C0002", *(f"C{n:04d}" for n in range(20, 30))}


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("ISPARTA", "ısparta"),
        ("İstanbul", "istanbul"),
        ("ӘЛИ ЁЛКА", "ёлка"),
        ("ԵՐԵՒԱՆ", "երևան"),
        ("Straße", "STRASSE"),
        ("100%", "0%"),
        ("a_b", "_"),
    ],
)
def test_case_does_not_count_in_any_alphabet(store: Store, text: str, sought: str) -> None:
    store.add(incident("AB12", excerpt=text))
    store.add(incident("AB13", excerpt="nothing of it"))
    store.flush()
    assert [e.incident.code for e in store.listing.page(Wanted(text=sought), 9).entries] == ["AB12"]
    assert folded(sought) in folded(text)


def test_each_field_is_searched(store: Store) -> None:
    for n, field in enumerate(("excerpt", "author", "url", "site", "rule", "whole")):
        store.add(incident(f"F{n}", **{field: "a Needle of it"}))
    store.flush()
    assert len(codes(store, Wanted(text="needle"), 3)) == 6


def test_what_can_be_chosen(store: Store) -> None:
    store.add(incident("A1", site="y", account="anna"))
    store.add(incident("A2", action="blur"))
    store.flush()
    assert store.listing.choices() == {"site": ["x", "y"], "category": ["incitement"], "account": ["anna"], "action": ["block", "blur"]}


def test_filters_together(store: Store, clock: Clock) -> None:
    store.add(incident("A1", site="y", severity=1))
    store.flush()
    clock.now += 2 * 86_400
    store.add(incident("A2", site="y", severity=3))
    store.flush()
    assert codes(store, Wanted(site="y", severity=1), 5) == ["A2", "A1"]
    assert codes(store, Wanted(site="y", severity=2), 5) == ["A2"]
    assert codes(store, Wanted(days=1), 5) == ["A2"]
    assert codes(store, Wanted(days=3, author="@who"), 5) == ["A2", "A1"]
    assert codes(store, Wanted(author="@WHO"), 5) == []
