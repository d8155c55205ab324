"""The waits after wrong PINs, and that no number of origins fills the table or loses a count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeguard.policy import guesses
from safeguard.policy.guesses import MOST_ORIGINS, OTHERS, Moment, Table, Wrong

NOW = Moment("b", 1000.0)


def test_waits_of_one_and_of_all() -> None:
    assert guesses.wait({}, "a", NOW) == 0
    assert guesses.wait({"a": Wrong(2, NOW)}, "a", NOW) == 0
    assert guesses.wait({"a": Wrong(3, NOW)}, "a", NOW) == 30
    assert guesses.wait({"a": Wrong(3, NOW)}, "b", NOW) == 0
    assert guesses.wait({"a": Wrong(3, NOW), "b": Wrong(3, NOW)}, "c", NOW) == 30
    assert guesses.wait({"a": Wrong(10**9, NOW)}, "a", NOW) == 3600
    assert guesses.wait({"a": Wrong(10**9, NOW)}, "c", NOW) == 900


def test_a_restart_is_as_if_it_were_now() -> None:
    later = Moment("c", 5.0)
    assert guesses.rebased({"a": Wrong(4, NOW)}, later) == {"a": Wrong(4, later)}
    assert guesses.rebased({"a": Wrong(4, NOW)}, Moment("b", 999.0)) == {"a": Wrong(4, Moment("b", 999.0))}
    assert guesses.rebased({"a": Wrong(4, NOW)}, Moment("b", 1001.0)) == {"a": Wrong(4, NOW)}


@given(st.lists(st.integers(0, 200), max_size=400))
def test_no_count_is_lost_in_a_flood_of_origins(origins: list[int]) -> None:
    table: Table = {}
    for i, number in enumerate(origins):
        table = guesses.after_wrong(table, f"page:{number}", Moment("b", float(i)))
        assert len(table) <= MOST_ORIGINS
        assert f"page:{number}" in table
    assert guesses.total(table) == len(origins)


def test_the_worst_guesser_keeps_his_own_count() -> None:
    table: Table = {"uid:1000": Wrong(9, NOW)}
    for i in range(3 * MOST_ORIGINS):
        table = guesses.after_wrong(table, f"page:{i}", NOW)
    assert table["uid:1000"].count == 9
    assert OTHERS in table


def test_a_right_one_clears_its_own_origin_alone() -> None:
    assert guesses.after_right({"a": Wrong(4, NOW), "b": Wrong(1, NOW)}, "a") == {"b": Wrong(1, NOW)}
