"""Scoring: open weights of the words around a group's name add up to a finding no frame foresaw."""

import pytest

from safeguard.errors import RuleError
from safeguard.matching.verdict import Level, Verdict
from tests.matching.small import check, counted

WEIGHTS = """kind: weights
near: 4
base: -1.0
harmful: 1.0
suspect: 0.0
doubt: -3.0
traits: {slur: 0.5, quoted: -2.0}
categories: {dehumanisation: 2, incitement: 3}
weights:
  VERMIN: [2.5, 1.2, dehumanisation]
  "VERMIN:neg": [-1.0, 0.0]
  KILL: [0.9, 0.4, incitement]
  SPEECH: [-2.5, -2.5]
  OUGHT: [3.0, 3.0]
"""


ALONE = "kind: overrides\ndisable: [x.vermin, {}]\n"


def scored(text: str, also: str = "x.slur") -> Verdict:
    """The verdict by weights, without the frame that would find the same."""
    return check(text, weights=WEIGHTS, overrides=ALONE.format(also))


def test_words_near_a_name_add_up() -> None:
    verdict = scored("rats, cried the old man, and murdered Zemblans")
    assert counted(verdict) == ["scored.dehumanisation"]
    assert verdict.level is Level.HARMFUL
    assert set(verdict.reasons[0].words) >= {"rats", "murdered", "Zemblans"}
    assert verdict.group == "zembla"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Zemblans live in the old town where many rats are", Level.SUSPECT),  # far off, it weighs less
        ("rats are in the old town", Level.CLEAN),  # nobody is named
        ("Zemblans should see the old town", Level.CLEAN),  # a name alone never scores, nor do words without a category
        ("Some said that in the old town rats and Zemblans", Level.CLEAN),  # what speaks against it counts too
        ("in that town not rats but Zemblans", Level.CLEAN),  # negated
        ("in the town, “rats and Zemblans” stood there", Level.CLEAN),  # quoted
    ],
)
def test_a_sum_decides(text: str, level: Level) -> None:
    assert scored(text).level is level


def test_frames_speak_first_and_are_doubted_where_all_speaks_against_them() -> None:
    text = "we must murder Zemblans"
    assert counted(scored(text)) == ["x.kill"]
    assert scored(text).level is Level.HARMFUL
    told = "He said and wrote: " + text
    assert check(told).level is Level.HARMFUL
    assert check(told, weights=WEIGHTS.replace("SPEECH: [-2.5, -2.5]", "SPEECH: [-9, -9]")).level is Level.SUSPECT


def test_a_category_can_be_switched_off() -> None:
    assert counted(scored("rats and Zemblans")) == ["scored.dehumanisation"]
    assert counted(scored("rats and Zemblans", also="scored.dehumanisation")) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("VERMIN: [2.5, 1.2, dehumanisation]", "VERMIN: 2.5", r"weights.yaml:10: VERMIN: \[points near"),
        ("dehumanisation]", "rudeness]", "category 'rudeness'"),
        ("{slur: 0.5", "{loud: 0.5", "traits: 'loud' is unknown"),
        ("incitement: 3}", "malice: 3}", "unknown category 'malice'"),
        ("near: 4", "near: many", "'near' must be a whole number"),
    ],
)
def test_a_broken_table_is_named(old: str, new: str, what: str) -> None:
    with pytest.raises(RuleError, match=what):
        check("x", weights=WEIGHTS.replace(old, new))
