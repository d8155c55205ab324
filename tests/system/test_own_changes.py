"""One click takes a change of the family's rules back, and never somebody else's change."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard.system.own_changes import MOST, Changes
from safeguard.system.own_rules import OwnRules, Place


@pytest.fixture
def own(tmp_path: Path) -> OwnRules:
    return OwnRules(tmp_path)


def add(own: OwnRules, value: str) -> None:
    data = own.with_entry(Place("own"), "words", value)
    assert data is not None
    own.write(own.path(Place("own")), data)


def test_back_and_not_twice(own: OwnRules) -> None:
    changes = Changes(own)
    with changes.change() as one:
        add(own, "one")
    with changes.change() as two:
        add(own, "two")
        own.disable("some.rule", True)
    assert not changes.undo(one.number)  # the file is another by now
    assert changes.undo(two.number)
    assert own.values(Place("own"), "words") == ["one"]
    assert own.disabled() == []
    assert not changes.undo(two.number)
    assert changes.undo(one.number)
    assert own.files() == {}


def test_nothing_changed(own: OwnRules) -> None:
    with Changes(own).change() as made:
        pass
    assert made.number == 0
    assert not Changes(own).undo(0)


def test_old_ones_are_forgotten(own: OwnRules) -> None:
    changes = Changes(own)
    for n in range(MOST + 5):
        with changes.change():
            add(own, f"w{n}")
    assert len(changes._made) == MOST
