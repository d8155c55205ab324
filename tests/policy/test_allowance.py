"""What each kind of allowance lets through, and what none but an allowed text ever does."""

from __future__ import annotations

import pytest

from safeguard.matching.verdict import Category, Level, Reason, Verdict
from safeguard.policy.allowance import Allowance, Met, Scope, allow

SLUR = Reason("slur.one", Category.SLUR, 1, 1.0, 0, 0, 4, ("word",), Level.HARMFUL)
HATE = Reason("hate.one", Category.DEHUMANISATION, 2, 1.5, 1, 0, 4, ("word",), Level.HARMFUL, "group:x")
THREAT = Reason("threat.me", Category.PERSONAL_THREAT, 3, 2.0, 0, 5, 9, ("word",), Level.HARMFUL)
MET = Met("AB12-CD34", "reddit", "@otto", "kim")


def verdict(*reasons: Reason) -> Verdict:
    worst = reasons[0]
    return Verdict(worst.level, worst.category, worst.severity, worst.score, worst.group, reasons)


@pytest.mark.parametrize(
    ("allowance", "lets"),
    [
        pytest.param(Allowance(1, Scope.TEXT, "AB12-CD34"), True, id="this text"),
        pytest.param(Allowance(1, Scope.TEXT, "AB12-CD35"), False, id="another text"),
        pytest.param(Allowance(1, Scope.AUTHOR, "@otto", "reddit"), True, id="this author"),
        pytest.param(Allowance(1, Scope.AUTHOR, "@otto", "x"), False, id="this author elsewhere"),
        pytest.param(Allowance(1, Scope.AUTHOR, "@ottilie", "reddit"), False, id="another author"),
        pytest.param(Allowance(1, Scope.SITE, "reddit"), True, id="this site"),
        pytest.param(Allowance(1, Scope.SITE, "x"), False, id="another site"),
        pytest.param(Allowance(1, Scope.RULE, "slur.one"), True, id="this rule"),
        pytest.param(Allowance(1, Scope.RULE, "slur.two"), False, id="another rule"),
        pytest.param(Allowance(1, Scope.RULE, "slur.one", account="kim"), True, id="this rule for this child"),
        pytest.param(Allowance(1, Scope.RULE, "slur.one", account="lee"), False, id="this rule for another child"),
    ],
)
def test_what_it_lets_through(allowance: Allowance, lets: bool) -> None:
    before = verdict(SLUR)
    after = allow(before, MET, (allowance,))
    assert (after.level is Level.CLEAN) is lets
    assert (after is before) is not lets
    assert after.reasons[0].suppressed_by == ("allowance.1" if lets else None)


@pytest.mark.parametrize("scope", [Scope.AUTHOR, Scope.SITE, Scope.RULE])
def test_a_personal_threat_gets_through_no_broad_allowance(scope: Scope) -> None:
    value = {Scope.AUTHOR: "@otto", Scope.SITE: "reddit", Scope.RULE: "threat.me"}[scope]
    allowance = Allowance(1, scope, value, "reddit" if scope is Scope.AUTHOR else "")
    after = allow(verdict(THREAT, SLUR), MET, (allowance,))
    assert (after.level, after.category) == (Level.HARMFUL, Category.PERSONAL_THREAT)


def test_a_text_that_was_read_can_be_allowed_whatever_it_says() -> None:
    assert allow(verdict(THREAT, SLUR), MET, (Allowance(1, Scope.TEXT, MET.code),)).level is Level.CLEAN


def test_an_author_nobody_knows_is_no_author() -> None:
    assert allow(verdict(SLUR), Met("AB12", "reddit"), (Allowance(1, Scope.AUTHOR, "", "reddit"),)).level is Level.HARMFUL


def test_what_is_left_speaks() -> None:
    after = allow(verdict(HATE, SLUR), MET, (Allowance(7, Scope.RULE, "hate.one"),))
    assert (after.category, after.severity, after.group, after.segments(Level.HARMFUL)) == (Category.SLUR, 1, None, (0,))
    assert [r.suppressed_by for r in after.reasons] == ["allowance.7", None]


def test_what_a_context_had_switched_off_keeps_its_reason() -> None:
    off = Reason("hate.one", Category.DEHUMANISATION, 2, 1.5, 1, 0, 4, ("word",), Level.CLEAN, suppressed_by="ctx.news")
    after = allow(verdict(SLUR, off), MET, (Allowance(1, Scope.SITE, "reddit"),))
    assert [r.suppressed_by for r in after.reasons] == ["allowance.1", "ctx.news"]
