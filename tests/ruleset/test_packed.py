"""Packed tables say what went into them, before and after a pickle, and only the parts that were asked for are taken apart."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.ruleset.compiler import compile_rules
from safeguard.ruleset.model import CompiledRules, Item, Sense, Tone
from safeguard.ruleset.packed import EndingTables, Numbered, PhraseIndex, Phrases, Records, Rows, Senses, Slips, Stems
from tests.ruleset.test_parser import GOOD

SENSES = [Sense("KILL", 3, 1, "", -1, ""), Sense("", 0, 63, "", 7, ""), Sense("GROUP", 0, 31, "zembla", -1, "Zemblan/n", "Zémblan")]
ENDINGS = [{"": 0, "s": 5}, {"ed": 1}]
TABLE = {"kill": [1, 0, 0, 1], "zemblan": [2, 2], "kilt": [0, 1]}
ITEMS = [Item(frozenset({1, 2})), Item(gap=3), Item(meaning="GROUP", tags=4), Item(frozenset({3}), optional=True)]
PHRASES = [Numbered("KILL", 0, 1, "", (0, 1, 2)), Numbered("KILL", 0, 1, "", (0, 3))]


def stems() -> Stems:
    return Stems(TABLE, EndingTables(ENDINGS), Senses(SENSES))


def again[T](value: T) -> T:
    kept: T = pickle.loads(pickle.dumps(value))
    return kept


@given(
    st.lists(
        st.one_of(st.text(), st.integers(), st.tuples(st.text(), st.frozensets(st.integers())), st.dictionaries(st.text(), st.integers()))
    )
)
def test_records(values: list[object]) -> None:
    kept = again(Records(values))
    assert [kept[n] for n in range(len(kept))] == values


@given(st.lists(st.lists(st.integers(0, 2**32 - 1))))
def test_rows(rows: list[list[int]]) -> None:
    kept = again(Rows(rows))
    assert [list(kept[n]) for n in range(len(kept))] == rows


@pytest.mark.parametrize("pickled", [False, True])
def test_stems(pickled: bool) -> None:
    kept = again(stems()) if pickled else stems()
    assert dict(kept) == {
        "kill": ((ENDINGS[0], SENSES[0]), (None, SENSES[1])),
        "zemblan": ((ENDINGS[1], SENSES[2]),),
        "kilt": ((None, SENSES[1]),),
    }
    assert sorted(kept.prefixes("kilts")) == ["kilt"]
    assert kept.get("kil") is None


def test_a_phrase_is_one_object_however_it_is_found() -> None:
    book = Phrases(PHRASES, ITEMS)
    index = again(PhraseIndex(book, {1: [0, 1], 2: [1], "GROUP": [0]}))
    assert index[1][1] is index[2][0]
    assert index[1][0] is index["GROUP"][0]
    assert [(p.items, p.needed, p.literal) for p in index[1]] == [
        ((ITEMS[0], ITEMS[1], ITEMS[2]), (ITEMS[0], ITEMS[2]), False),
        ((ITEMS[0], ITEMS[3]), (ITEMS[0],), True),
    ]
    assert index.get(9, ()) == ()


def test_what_was_taken_apart_is_not_pickled() -> None:
    fresh = len(pickle.dumps(stems()))
    used = stems()
    assert len(dict(used)) == 3
    assert len(pickle.dumps(used)) == fresh


def test_slips() -> None:
    kept = stems()
    slips = again(Slips(kept, ["kill", "kilt"]))
    found = {size: sorted(stems) for size, stems in slips.beginning("kilo")}
    assert found == {3: [("kill", 2), ("kill", 3), ("kilt", 3)]}


def test_compiled_rules_outlive_a_pickle() -> None:
    rules: CompiledRules = compile_rules(GOOD)  # frames are compared with all their fields
    kept = again(rules)
    assert {r: dict(t) for r, t in kept.stems.items()} == {r: dict(t) for r, t in rules.stems.items()}
    assert (kept.frames, kept.groups, kept.asked, len(kept.phrases)) == (rules.frames, rules.groups, rules.asked, len(rules.phrases))
    (phrase,) = {p for found in kept.phrases.values() for p in found}
    assert (phrase.meaning, len(phrase.items)) == ("KILL", 3)


def test_rules_without_a_word_compile() -> None:
    rules = compile_rules([])
    assert (dict(rules.stems[""]), dict(rules.phrases), list(rules.slips.beginning("word"))) == ({}, {}, [])


def test_phrases_are_found_by_the_word_that_is_least_used() -> None:
    lexicon = b"kind: lexicon\nlang: en\nONE: [do away with, do <KILL> well, <KILL> of <GROUP>]\nFUNC: [of]\n"
    rules = compile_rules([*GOOD, ("one.yaml", lexicon)])
    word = {sense.word: stem for stem, found in rules.stems[""].items() for _, sense in found if sense.word >= 0}
    assert {word.get(key, key) for key, found in rules.phrases.items() if any(p.meaning == "ONE" for p in found)} == {"away", "well", "of"}
    assert {word.get(key, key) for key, found in rules.openings.items() if any(p.meaning == "ONE" for p in found)} == {
        "away",
        "well",
        "GROUP",
    }


def test_a_word_of_everyday_texts_opens_no_phrase_that_has_a_rarer_one() -> None:
    lexicon = b"kind: lexicon\nlang: en\nONE: [do away with]\n"
    rules = compile_rules([*GOOD, ("one.yaml", lexicon)], everyday=["Gone away!"])
    word = {sense.word: stem for stem, found in rules.stems[""].items() for _, sense in found if sense.word >= 0}
    assert {word.get(key, key) for key, found in rules.openings.items() if any(p.meaning == "ONE" for p in found)} == {"do"}


def test_a_tone_outlives_a_pickle() -> None:
    tone = Tone(0.0, 1.0, 0.5, 9.0, -1.0, 3, {}, {}, {"kill*": 0.5, "lol": -0.1}, {"kill*": "threat"}, "tone.yaml", 3)
    assert again(tone) == tone
    assert again(replace(tone, words={}, categories={})) == replace(tone, words={}, categories={})


def test_no_phrase_stands_under_a_number_that_no_word_has() -> None:
    index = PhraseIndex(Phrases(PHRASES, ITEMS), {1: [0, 1], 3: [1], "GROUP": [0]})
    assert [index.get(key, ()) for key in (-1, 0, 2, 4, "KILL")] == [()] * 5
    assert sorted(map(str, index)) == ["1", "3", "GROUP"]


def test_a_word_with_the_end_of_a_line_in_it_shifts_no_other() -> None:
    lexicon = 'kind: lexicon\nlang: ru\nONE: ["вг (а\\nб)", "де"]\n'.encode()
    rules = compile_rules([("one.yaml", lexicon)])
    assert {stem for stem, found in rules.stems[""].items() if any(s.meaning == "ONE" for _, s in found)} == {"де"}
    assert "de" in rules.stems["ru"]
