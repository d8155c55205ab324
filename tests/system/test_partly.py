"""What the guard could not protect is kept, also where the log cannot be written for a while."""

from __future__ import annotations

import threading

import pytest

from safeguard.errors import StoreError
from safeguard.system.partly import Pair, PartlyWatch


class Table:
    def __init__(self) -> None:
        self.kept: list[Pair] = []
        self.broken = False

    def met(self, pairs: list[Pair]) -> None:
        if self.broken:
            raise StoreError("no disk")
        self.kept += pairs


def test_kept_once_and_nothing_is_lost() -> None:
    new: list[Pair] = [("x", "a"), ("x", "b")]
    table = Table()
    watch = PartlyWatch(lambda: [new.pop() for _ in range(len(new))], table)  # type: ignore[arg-type]
    table.broken = True
    with pytest.raises(StoreError):
        watch.poll()
    table.broken = False
    new.append(("y", "c"))
    watch.poll()
    watch.poll()
    assert table.kept == [("x", "a"), ("x", "b"), ("y", "c")]


def test_the_end_is_kept_too_and_a_broken_log_is_told_once() -> None:
    stop, table, said = threading.Event(), Table(), list[str]()
    table.broken = True
    looks = 0

    def take() -> list[Pair]:
        nonlocal looks
        looks += 1
        if looks == 3:
            stop.set()
        return [("x", "a")]

    PartlyWatch(take, table).run(stop, said.append, every=0.001)  # type: ignore[arg-type]
    assert said == ["sites that are partly protected: no disk"]
    assert looks == 4
    table.broken = False
    PartlyWatch(take, table).run(stop, said.append)  # type: ignore[arg-type]
    assert table.kept == [("x", "a")]
