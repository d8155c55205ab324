"""Contexts: what they turn off, how far they reach, and that it stays visible."""

from safeguard.matching.verdict import Level
from tests.matching.small import check, counted


def test_a_quotation_with_a_cue_outside_it() -> None:
    verdict = check('He wrote "Zemblans are rats" on a wall')
    assert verdict.level is Level.CLEAN
    assert [r.suppressed_by for r in verdict.reasons] == ["c.quoted"]


def test_a_finding_over_two_quotations_is_quoted_too() -> None:
    assert counted(check('He wrote "Zemblans" "are rats" on a wall')) == []
    assert counted(check('He wrote "Zemblans" are rats on a wall')) == ["x.vermin"]


def test_a_cue_inside_the_quotation_is_none() -> None:
    assert counted(check('"He wrote Zemblans are rats"')) == ["x.vermin"]


def test_a_context_reaches_its_sentence_and_its_rules() -> None:
    assert counted(check("Murder the Zemblans in the game")) == []
    assert counted(check("Murder the Zemblans. It is in the game")) == ["x.order"]
    assert counted(check("Zemblans are rats in the game")) == ["x.vermin"]


def test_weakening_leaves_a_suspicion() -> None:
    assert check("zembos").level is Level.HARMFUL
    verdict = check("He said zembos")
    assert (verdict.level, verdict.score) == (Level.SUSPECT, 0.5)
