"""Entries of a lexicon are read as their authors mean them."""

import pytest

from safeguard.ruleset.entries import Word, element, entries
from safeguard.ruleset.model import TAG_BIT


def test_word_with_class() -> None:
    (one,) = entries("kill/v")
    assert one.parts[0].words == (Word("kill", "v"),)


def test_phrase_with_tags_gaps_and_alternatives() -> None:
    (one,) = entries("put|lay <GROUP> .. down =inf,pass")
    assert [p.words for p in one.parts] == [(Word("put", ""), Word("lay", "")), (), (), (Word("down", ""),)]
    assert one.parts[2].gap
    assert one.tags == TAG_BIT["inf"] | TAG_BIT["pass"]


def test_several_words_that_may_be_missing() -> None:
    assert [[w.stem for p in e.parts for w in p.words] for e in entries("worst (in the world|on earth)")] == [
        ["worst"],
        ["worst", "in", "the", "world"],
        ["worst", "on", "earth"],
    ]


def test_exact_letters() -> None:
    (one,) = entries("^öl/v")
    assert one.parts[0].words == (Word("öl", "v", exact=True),)


@pytest.mark.parametrize("text", ["", "(only)", "..", "/v", "kill =quickly", "<kill>", "kill ()", "kill |", "kill <", "kill (|)"])
def test_bad_entries_say_what_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        entries(text)


@pytest.mark.parametrize(
    ("text", "tags", "matches"),
    [
        ("KILL", "", True),
        ("KILL", "neg", False),
        ("KILL:*", "neg", True),
        ("KILL:neg", "", False),
        ("KILL:fut", "past", False),
        ("KILL!past", "past", False),
    ],
)
def test_elements(text: str, tags: str, matches: bool) -> None:
    assert element(text).matches("KILL", TAG_BIT[tags] if tags else 0) is matches
