"""The tone: points of all words hear what no frame foresaw, and doubt what a frame found in a text that sounds otherwise."""

from pathlib import Path

import pytest

from safeguard.errors import RuleError
from safeguard.matching.engine import Engine
from safeguard.matching.verdict import Level
from safeguard.text.unit import TextUnit
from tests.matching.small import check, counted, engine
from tests.matching.test_scoring import WEIGHTS

TONE = """kind: tone
base: -2.0
harmful: 1.0
suspect: 0.5
doubt: -4.0
few: 4
found: {harmful: 1.0, off: -1.0, quoted: -1.0, named: 0.5, points: 0.0}
taken: {group: [GROUP], slur: [SLUR]}
"""
WORDS = """kind: words
lang: en
words:
  incitement:
    "1.5": [petro* lorr*]
    "0.5": [bring]
  harmless:
    "-2.5": [recipe teacher]
    "0.0": ["<group>"]
"""


def level(text: str, tone: str = TONE, words: str = WORDS) -> Level:
    return check(text, weights=WEIGHTS, tone=tone, words=words).level


def test_words_add_up_and_are_told() -> None:
    verdict = check("Bring petrol to the Zemblans", weights=WEIGHTS, tone=TONE, words=WORDS)
    assert counted(verdict) == ["scored.incitement"]
    assert verdict.level is Level.HARMFUL
    assert verdict.reasons[0].words == ("Bring", "petrol", "Zemblans")
    assert verdict.group == "zembla"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Somebody bring petrol to the teacher", Level.CLEAN),
        ("the recipe: bring petroleum jelly, Zemblans", Level.CLEAN),
        ("Petrol", Level.CLEAN),  # a few words do not say more than many
        ("petrol and lorries, bring them", Level.CLEAN),  # nobody is named
        ("Zemblans, " + "a day like any other day, " * 8 + "petrol", Level.CLEAN),  # what many words say counts less each
    ],
)
def test_a_sum_decides(text: str, want: Level) -> None:
    assert level(text) is want


def test_an_address_says_nothing() -> None:
    assert level("see Zemblans at petrol.example/bring/petrol/lorries") is Level.CLEAN


def test_more_is_asked_for_where_nobody_is_named() -> None:
    text, tone = "bring petrol and lorries and petrol tonight", TONE.replace("suspect: 0.5", "suspect: 0.5\nunnamed: 1.5")
    assert level(text) is Level.CLEAN
    assert level(text, tone) is Level.HARMFUL
    assert level("bring petrol lorries petrol tonight", tone) is Level.CLEAN  # so few words may be a button
    assert level("petrol lorries " * 9, tone) is Level.CLEAN  # and these a program's, as the twenty `"undefined"` of one


def test_what_frames_find_is_doubted_where_the_text_sounds_otherwise() -> None:
    text = "we must murder Zemblans"
    assert level(text) is Level.HARMFUL
    assert level(text + ", said the teacher of the recipe, teacher", TONE.replace("-4.0", "-3.0")) is Level.CLEAN


def test_it_does_not_matter_who_is_meant() -> None:
    other = WORDS.replace('"<group>"', "Zemblan*")  # points for a name are never asked for
    text = "Bring petrol to the Zemblans"
    assert level(text, words=other.replace('"0.0"', '"-9.0"')) is level(text)
    assert level(text, words=WORDS.replace('"0.0"', '"-9.0"')) is Level.CLEAN


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("incitement:", "rudeness:", "words.yaml:4: unknown category 'rudeness'"),
        ('"1.5"', '"many"', "'many': points expected"),
        ("petro* lorr*", "petro* bring", "words.yaml:6: 'bring' has points already"),
        ("lang: en", "lang: xx", "unknown language 'xx'"),
    ],
)
def test_a_broken_table_says_where(old: str, new: str, what: str) -> None:
    with pytest.raises(RuleError, match=what):
        engine(tone=TONE, words=WORDS.replace(old, new, 1))


def test_there_is_one_tone_of_known_parts() -> None:
    with pytest.raises(RuleError, match=r"the tone stands in tone\.yaml too"):
        engine(tone=TONE, tone2=TONE)
    with pytest.raises(RuleError, match="found: 'loud' is unknown"):
        engine(tone=TONE.replace("named:", "loud:"))


def test_the_gate_lets_through_what_the_tone_finds(engine: Engine) -> None:
    """Every text on which the shipped table was fitted, as far as the tone alone finds it."""
    folder = Path(__file__).parents[1] / "weights/talk"
    lost = []
    for path in sorted(folder.glob("*.csv")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:400]:
            unit = TextUnit.of(line)
            verdict = engine._check(unit, True, [])
            if verdict.level is not Level.CLEAN and not engine._gate.lets(unit):
                lost.append(line)
    assert lost == []


@pytest.mark.parametrize(
    "threat",
    [
        "I will kill you tonight, we know where you live.",
        "Bu gece seni öldüreceğim, nerede oturduğunu biliyorum.",
        "Я убью тебя сегодня ночью.",
    ],
)
def test_harmless_sentences_beside_it_clear_nothing(engine: Engine, threat: str) -> None:
    around = ("Mix the flour with the eggs and bake the cake for an hour.", "The teacher gave us homework for Monday, page 12 of the book.")
    assert engine.check_many([TextUnit.of(f"{around[0]} {threat} {around[1]}")])[0].level is Level.HARMFUL
    assert engine.check_many([TextUnit.of("\n".join((*around, threat)))])[0].level is Level.HARMFUL
    assert engine.check_many([TextUnit.of(" ".join(around))])[0].level is Level.CLEAN
