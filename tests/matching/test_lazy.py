"""What is remembered, and for how long."""

from safeguard.matching.lazy import LONGEST, Lazy, Remembered, RememberedText


def test_a_value_is_made_once() -> None:
    asked: list[int] = []
    table: Lazy[int, int] = Lazy(lambda n: asked.append(n) or n * n)
    assert (table[3], table[3], asked) == (9, 9, [3])


def test_all_is_forgotten_when_there_is_too_much() -> None:
    table: Remembered[int, int] = Remembered(lambda n: -n, most=2)
    assert [table[n] for n in range(5)] == [0, -1, -2, -3, -4]
    assert len(table) <= 3


def test_long_texts_are_not_kept() -> None:
    table: RememberedText[int] = RememberedText(len)
    assert [table["a" * n] for n in (LONGEST, LONGEST + 1)] == [LONGEST, LONGEST + 1]
    assert list(table) == ["a" * LONGEST]


def test_texts_that_are_the_same_are_kept_once() -> None:
    asked: list[str] = []
    table: RememberedText[int] = RememberedText(lambda text: asked.append(text) or 7, str.lower)
    assert [table["User"], table["USER"], table["user"]] == [7, 7, 7]
    assert asked == ["user"]
    assert list(table) == ["user"]
