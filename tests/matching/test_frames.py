"""Frames: what must stand together, how near, in which order, and what forbids it."""

import pytest

from safeguard.matching.verdict import Level
from tests.matching.small import check, counted


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("We must murder Zemblans", ["x.kill"]),
        ("Zemblans we must murder", ["x.kill"]),
        ("We must not murder Zemblans", []),
        ("Murder the Zemblans", ["x.order"]),
        ("He said murder Zemblans", []),
        ("Zemblans are rats", ["x.vermin"]),
        ("Zemblans know the words of a song about rats", []),
        ("Zemblans. We must murder time", []),
        ("Zemblans murdered", []),
    ],
)
def test_which_frames_hold(text: str, rules: list[str]) -> None:
    assert counted(check(text)) == rules


def test_a_score_under_one_is_suspect() -> None:
    assert check("Zemblans are rats").level is Level.SUSPECT


def test_a_misspelt_word_counts_beside_another_cue_only() -> None:
    assert counted(check("We must murdre Zemblans")) == ["x.kill"]
    assert counted(check("We must murder Zembalns")) == ["x.kill"]
    assert counted(check("zembbo")) == []
