"""The gate may let through too much, never too little."""

from dataclasses import replace

import pytest

from safeguard.matching.engine import Engine
from safeguard.matching.verdict import Level
from safeguard.ruleset import own_words
from safeguard.ruleset.model import ListRule
from safeguard.text.tokens import tokenize
from safeguard.text.unit import TextUnit


def test_whatever_the_frames_find_passes_the_gate(engine: Engine) -> None:
    lost = []
    for example in engine.rules.examples:
        unit = TextUnit.of(example.text)
        if not engine._gate.lets(unit):
            tokens, anns = engine._reader.annotate(tokenize(unit.segments))
            if any(r.level is not Level.CLEAN for r in engine._reasons(unit, tokens, anns)):
                lost.append(example.text)
    assert lost == []


def test_most_of_everyday_talk_ends_at_the_gate(engine: Engine) -> None:
    talk = [
        "see you at seven",
        "did you do the homework?",
        "завтра в семь у школы",
        "yarın okulda görüşürüz",
        "sabah görüşərik",
        "վաղը կհանդիպենք դպրոցում",
    ]
    assert sum(engine._gate.lets(TextUnit.of(t)) for t in talk) <= 1


@pytest.mark.parametrize("text", ["K i l l all Georgians", "b🌟tches", "I'll kill you.", "ihate Georgians"])
def test_disguises_pass(engine: Engine, text: str) -> None:
    assert engine._gate.lets(TextUnit.of(text))
    assert engine.check_many([TextUnit.of(text)])[0].level is Level.HARMFUL


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("3fa94bc0d1e2", False),
        ("#f9810e", False),
        ("IwNu3KO5Ril0D6EV4n53QnejEWbFA9wzWWdCI9TnPC", False),
        ("killallgypsies", True),
        ("k1ll 4rm3n14ns", True),
    ],
)
def test_keys_and_colours_are_no_words(engine: Engine, text: str, read: bool) -> None:
    assert engine._gate.lets(TextUnit.of(text)) is read


@pytest.mark.parametrize("text", ["Lucy\nuser48213", "another user", "the old people"])
def test_a_word_of_a_name_is_no_name(engine: Engine, text: str) -> None:
    """Some groups' names have several words: one of them alone does not make a text worth reading."""
    assert not engine._gate.lets(TextUnit.of(text))


@pytest.mark.parametrize("text", ["Wheelchair users are vermin", "I will find you and kill you", "wheelchair usrs are vermin"])
def test_with_a_name_or_without_what_is_found_passes(engine: Engine, text: str) -> None:
    assert engine._gate.lets(TextUnit.of(text))


def test_a_word_that_must_be_spelt_with_its_letters_is_no_name_otherwise(engine: Engine) -> None:
    """`âmâ` is blind, `ama` is but."""
    assert not engine._gate.lets(TextUnit.of("Yenildi ama taraftarlar şarkı söyledi"))


def test_a_number_in_a_familys_list_is_found(engine: Engine) -> None:
    entry = ListRule("list.own", "word", "gang88881", True)
    listing = Engine(replace(engine.rules, listed=own_words.listed([entry], engine.rules.stems[""], engine.rules.inflection)))
    assert listing.check_many([TextUnit.of("gang88881")])[0].level is Level.HARMFUL
    assert listing.check_many([TextUnit.of("gang88882")])[0].level is Level.CLEAN
