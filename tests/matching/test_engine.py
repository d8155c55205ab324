"""The engine on the shipped rules: verdicts explained in the words of the text, and no text changes another's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeguard.matching.engine import Engine
from safeguard.matching.verdict import Level
from safeguard.text.unit import Role, Segment, TextUnit

HARMFUL = [
    "We must kill all Georgians",
    "Всех грузин надо убить",
    "Gürcülerin hepsini öldürmek lazım",
    "Gürcülərin hamısını öldürmək lazımdır",
    "Բոլոր վրացիներին պետք է սպանել",
]
DISGUISED = [
    "k1ll 4ll Georgians",
    "K i l l all Georgians",
    "#KillAllGeorgians",
    "killallgeorgians",
    "killallgeorgians2020",
    "ki\u200bll all Georgians",
    "All Georgians must be kliled",
]
HARMLESS = ["My Georgian neighbour bakes bread", "Nobody should be killed for being a Georgian", "I'm dying of laughter", ""]


def check(engine: Engine, text: str) -> Level:
    return engine.check_many([TextUnit.of(text)])[0].level


@pytest.mark.parametrize("text", HARMFUL + DISGUISED)
def test_harmful(engine: Engine, text: str) -> None:
    assert check(engine, text) is Level.HARMFUL


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless(engine: Engine, text: str) -> None:
    assert check(engine, text) is Level.CLEAN


@pytest.mark.parametrize("text", HARMFUL + DISGUISED)
def test_reasons_carry_the_very_words(engine: Engine, text: str) -> None:
    (verdict,) = engine.check_many([TextUnit.of(text)])
    for r in verdict.reasons:
        assert r.words
        assert all(w in text[r.start : r.end] for w in r.words)
        assert text[r.start : r.end].startswith(r.words[0])


def test_group_is_named(engine: Engine) -> None:
    (verdict,) = engine.check_many([TextUnit.of(HARMFUL[0])])
    assert verdict.group == "georgians"
    assert (verdict.category, verdict.severity) == ("incitement", 3)


def test_poll_is_judged_as_question_and_options(engine: Engine) -> None:
    parts = (
        Segment("What should we do with Georgians?", Role.POLL_QUESTION),
        Segment("Kill them", Role.POLL_OPTION),
        Segment("Help them", Role.POLL_OPTION),
    )
    (verdict,) = engine.check_many([TextUnit(parts)])
    assert verdict.level is Level.HARMFUL
    assert 1 in verdict.segments(Level.HARMFUL)
    assert 2 not in verdict.segments(Level.HARMFUL)


def test_the_report_around_a_quotation_is_seen(engine: Engine) -> None:
    quote = "We must kill all Georgians"
    report = f"Police have arrested a man who wrote “{quote}” on a wall, a court spokesman said."
    assert check(engine, quote) is Level.HARMFUL
    assert check(engine, report) is Level.CLEAN
    verdict = engine.explain(TextUnit.of(report))
    assert any(r.suppressed_by for r in verdict.reasons), "what was found and why it was let through must be told"


def test_what_was_said_before_is_judged_the_same(engine: Engine) -> None:
    units = [TextUnit.of(t) for t in (*HARMFUL, *HARMLESS)]
    assert engine.check_many(units) == engine.check_many(units)


def test_what_says_the_same_in_one_body_is_judged_alike(engine: Engine) -> None:
    twice = [
        TextUnit.of(HARMFUL[0]),
        TextUnit.of(HARMLESS[0]),
        TextUnit.of(HARMFUL[0])._replace(author="somebody"),
        TextUnit.of(HARMFUL[1]),
    ]
    first, harmless, again, other = engine.check_many(twice)
    assert again == first
    assert (first.level, harmless.level, other.level) == (Level.HARMFUL, Level.CLEAN, Level.HARMFUL)


def test_a_text_of_very_many_findings_is_told_by_the_worst(engine: Engine) -> None:
    few, many = (engine.check_many([TextUnit.of("Georgians are rats. " * n + HARMFUL[0])])[0] for n in (1, 300))
    assert (many.level, many.category, many.severity, many.group) == (few.level, few.category, few.severity, few.group)
    assert len(many.reasons) < 300


@settings(max_examples=60, deadline=None)
@given(st.permutations([*HARMFUL, *DISGUISED, *HARMLESS]), st.text(max_size=80))
def test_neither_order_nor_other_units_change_a_verdict(engine: Engine, texts: list[str], other: str) -> None:
    units = [TextUnit.of(t) for t in texts]
    alone = {t: engine.check_many([TextUnit.of(t)])[0] for t in texts}
    assert engine.check_many([TextUnit.of(other), *units])[1:] == [alone[t] for t in texts]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=3))
def test_any_text_gets_a_verdict_with_true_offsets(engine: Engine, texts: list[str]) -> None:
    (verdict,) = engine.check_many([TextUnit(tuple(Segment(t) for t in texts))])
    for r in verdict.reasons:
        assert 0 <= r.start < r.end <= len(texts[r.segment])
