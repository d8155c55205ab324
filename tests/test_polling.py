"""Looking again and again: what is said, what passes, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import pytest

from safeguard.errors import AlertError, StoreError
from safeguard.polling import repeat


class Looks:
    """Gives one answer after the other, raises those that are errors, and tells to stop with the last."""

    def __init__(self, answers: Iterable[object]) -> None:
        self.left = list(answers)
        self.stop = threading.Event()

    def __call__(self) -> object:
        answer = self.left.pop(0)
        if not self.left:
            self.stop.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


def said(*answers: object, **options: bool) -> list[str]:
    looks, lines = Looks(answers), list[str]()
    repeat(looks, looks.stop, lines.append, 0.001, passing=StoreError, about="log", **options)
    return lines


def test_texts_are_said_and_other_answers_not() -> None:
    assert said("one", "", 3, None, "two") == ["one", "two"]


def test_an_error_that_passes_is_said_once_while_it_lasts() -> None:
    assert said(StoreError("locked"), StoreError("locked"), "well", StoreError("locked"), StoreError("gone")) == [
        "log: locked",
        "well",
        "log: locked",
        "log: gone",
    ]


def test_any_other_error_ends_it() -> None:
    with pytest.raises(AlertError):
        said(AlertError("no desktop"), "never")


@pytest.mark.parametrize(
    ("options", "looked"), [({}, 0), ({"at_once": True}, 0), ({"once_more": True}, 1), ({"at_once": True, "once_more": True}, 1)]
)
def test_when_told_to_stop_before_it_began(options: dict[str, bool], looked: int) -> None:
    stop, count = threading.Event(), list[int]()
    stop.set()
    look: Callable[[], None] = lambda: count.append(1)  # noqa: E731
    repeat(look, stop, print, 0.001, **options)
    assert len(count) == looked
