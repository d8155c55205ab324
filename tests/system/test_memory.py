"""Hidden texts stay in memory for an hour and 16 MB, the last ones first; pictures go with their account and code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeguard.system.memory import KEEP_S, MOST_BYTES, Memory, Recent


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_text_is_there_for_an_hour() -> None:
    clock = Clock()
    memory = Memory(clock)
    memory.keep_original("A", "привет")
    clock.now = KEEP_S - 1
    assert memory.original("A") == "привет".encode()
    clock.now = KEEP_S
    assert memory.original("A") is None


def test_sweep_frees_what_nobody_asks_for() -> None:
    clock = Clock()
    recent: Recent[bytes] = Recent(10, 5.0, clock)
    recent.put("a", b"1", 4)
    clock.now = 5.0
    recent.sweep()
    assert recent.weight == 0


def test_the_oldest_goes_first_and_being_read_counts() -> None:
    recent: Recent[str] = Recent(2, 9.0, Clock())
    recent.put("a", "1", 1)
    recent.put("b", "2", 1)
    assert recent.get("a") == "1"
    recent.put("c", "3", 1)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == ("1", None, "3")


def test_what_is_too_large_alone_is_not_kept_and_throws_nothing_out() -> None:
    memory = Memory()
    memory.keep_original("A", "a")
    memory.keep_original("B", "b" * MOST_BYTES)
    assert memory.original("A") == b"a"
    assert memory.original("B") is None


def test_a_picture_is_hidden_from_one_account_until_its_text_is_shown() -> None:
    memory = Memory()
    assert not memory.hides_pictures
    memory.hide_picture("ann", "a.test/1", "A")
    assert memory.hides_pictures
    assert memory.hides_picture("ann", "a.test/1") == "A"
    assert memory.hides_picture("ben", "a.test/1") is None
    memory.hide_picture("ben", "a.test/1", "A")
    memory.show_pictures("ann", "A")
    assert memory.hides_picture("ben", "a.test/1") == "A"
    assert memory.hides_picture("ann", "a.test/1") is None
    memory.show_pictures("ben", "A")
    assert not memory.hides_pictures


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 12))))
def test_the_weight_is_that_of_what_is_kept_and_never_too_much(puts: list[tuple[str, int]]) -> None:
    recent: Recent[int] = Recent(10, 9.0, Clock())
    for key, weight in puts:
        recent.put(key, weight, weight)
        assert recent.weight == sum(recent.get(k) or 0 for k in "abcde") <= 10
        assert recent.get(key) == (weight if weight <= 10 else None)


def test_a_text_is_given_to_the_account_whose_notice_it_was() -> None:
    clock = Clock()
    memory = Memory(clock)
    memory.keep_original("A", "привет", "ann")
    assert memory.original_of("ann", "A") == "привет"
    assert memory.original_of("ben", "A") is None
    assert memory.original_of("", "A") is None
    memory.keep_original("A", "привет", "ben")
    assert memory.original_of("ben", "A") == memory.original_of("ann", "A") == "привет"
    clock.now = KEEP_S
    assert memory.original_of("ann", "A") is None
