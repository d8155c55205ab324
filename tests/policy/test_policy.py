"""From a verdict to what a child sees: profiles, what is hidden, the words that stand in its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.matching.verdict import CLEAN, Category, Level, Reason, Verdict
from safeguard.policy import blocked
from safeguard.policy.decision import decide, is_evidence
from safeguard.policy.notice import KIND, NOTICES, UNCHECKED, WHAT, code_in, language, notice
from safeguard.policy.profile import DEFAULT, PROFILES, TEEN, TRIAL, YOUNG_CHILD, Action, Profile


def verdict(level: Level, severity: int = 2, category: Category = Category.DEROGATION, segments: tuple[int, ...] = (0,)) -> Verdict:
    reasons = tuple(Reason("r", category, severity, 1.0, s, 0, 1, ("w",), level) for s in segments)
    return Verdict(level, category, severity, 1.0, None, reasons)


@pytest.mark.parametrize(
    ("profile", "level", "severity", "action"),
    [
        (YOUNG_CHILD, Level.CLEAN, 0, Action.SHOW),
        (YOUNG_CHILD, Level.SUSPECT, 2, Action.LOG),
        (YOUNG_CHILD, Level.HARMFUL, 0, Action.BLOCK),
        (YOUNG_CHILD, Level.HARMFUL, 3, Action.BLOCK),
        (TEEN, Level.HARMFUL, 0, Action.LOG),
        (TEEN, Level.HARMFUL, 1, Action.BLUR),
        (TEEN, Level.HARMFUL, 3, Action.BLOCK),
        (TRIAL, Level.HARMFUL, 3, Action.LOG),
    ],
)
def test_what_each_profile_does(profile: Profile, level: Level, severity: int, action: Action) -> None:
    decision = decide(verdict(level, severity), profile)
    assert decision.action is action
    assert decision.hides == (action in (Action.BLUR, Action.BLOCK))
    assert decision.segments == ((0,) if decision.hides else ())


def test_the_default_hides_all_that_is_harmful() -> None:
    assert all(DEFAULT.action(Level.HARMFUL, severity) is Action.BLOCK for severity in range(4))


def test_only_the_segments_that_are_harmful_go() -> None:
    reasons = (
        Reason("r", Category.SLUR, 1, 1.0, 2, 0, 1, ("w",), Level.HARMFUL),
        Reason("r", Category.SLUR, 1, 0.5, 1, 0, 1, ("w",), Level.SUSPECT),
        Reason("r", Category.SLUR, 1, 1.0, 0, 0, 1, ("w",), Level.CLEAN, suppressed_by="ctx"),
    )
    assert decide(Verdict(Level.HARMFUL, Category.SLUR, 1, 1.0, None, reasons), DEFAULT).segments == (2,)


@pytest.mark.parametrize(
    ("level", "severity", "category", "kept"),
    [
        (Level.HARMFUL, 3, Category.INCITEMENT, True),
        (Level.HARMFUL, 1, Category.PERSONAL_THREAT, True),
        (Level.HARMFUL, 2, Category.SLUR, False),
        (Level.SUSPECT, 3, Category.PERSONAL_THREAT, False),
    ],
)
def test_what_is_kept_whole_as_evidence(level: Level, severity: int, category: Category, kept: bool) -> None:
    assert is_evidence(verdict(level, severity, category)) is kept
    assert not is_evidence(CLEAN)


@pytest.mark.parametrize(("tag", "lang"), [("hy-AM", "hy"), ("TR", "tr"), ("az_Latn_AZ", "az"), ("de", "en"), ("", "en")])
def test_the_language_of_a_notice(tag: str, lang: str) -> None:
    assert language(tag) == lang


@pytest.mark.parametrize("lang", NOTICES)
@pytest.mark.parametrize("category", [c.value for c in Category])
def test_a_notice_names_the_code_and_the_kind(lang: str, category: str) -> None:
    said = notice(category, "AB12", lang)
    assert "AB12" in said
    assert WHAT[lang][KIND.get(category, "")] in said
    assert "{" not in said


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_go_by_their_names(profile: str) -> None:
    assert PROFILES[profile].name == profile


@given(st.sampled_from(sorted(NOTICES)), st.text(), st.text("ABC234", min_size=4, max_size=8))
def test_a_blocked_page_says_why_and_obeys_nothing(lang: str, why: str, code: str) -> None:
    why = why.encode("utf-8", "replace").decode()
    page, kind = blocked.page(lang, why, code)
    assert kind == "text/html; charset=utf-8"
    assert code in page.decode()
    assert page.decode().count("<") == blocked.page(lang, "", code)[0].decode().count("<")
    answer, kind = blocked.answer(lang, why, code)
    assert kind == "application/json; charset=utf-8"
    assert json.loads(answer)["why"] == why


@pytest.mark.parametrize("lang", NOTICES)
def test_the_code_in_a_notice(lang: str) -> None:
    said = notice("slur", "AB2C-DE7F", lang)
    assert code_in(f" {said}\n") == "AB2C-DE7F"
    for other in (said[:-1], f"{said} and more", UNCHECKED[lang], "[AB2C-DE7F]", "SafeGuard AB2C-DE7F", "[SafeGuard] " * 1000):
        assert code_in(other) == ""
