"""Patterns of parents' lists: what cannot be compiled in time and memory is refused at once."""

from __future__ import annotations

import time

import pytest

from safeguard.ruleset.patterns import BROKEN, compiled, everything
from safeguard.system import catalogue


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "missing"),
        ("[a", "unterminated"),
        ("*", "nothing to repeat"),
        ("((((a{100}){100}){100}){100}){100}", "repeats"),
        ("a{1000000000}", "repeats"),
        ("(?:ab?){1,5000000}", "repeats"),
        ("(" * 400 + "a" + ")" * 400, "brackets"),
    ],
)
def test_a_bad_pattern_is_refused_at_once(pattern: str, said: str) -> None:
    began = time.perf_counter()
    with pytest.raises(ValueError, match=said):
        compiled(pattern)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"\d{4}[ -]\d{4}[ -]\d{4}", "1234-5678 9012"), (r"a{2,}b{,3}c{}", "AAbbC{}"), (r"\{99999999\}", "{99999999}")]
)
def test_ordinary_ones_are_not(pattern: str, text: str) -> None:
    assert compiled(pattern).search(text)


def test_what_fits_everything_is_known() -> None:
    assert everything(compiled("a*"))
    assert not everything(compiled("a+"))


MISTAKES = ("(", "[a", "*a", "a**", "a)", "\\", "[z-a]", "a{5,2}")


def test_the_usual_mistakes_are_said_in_the_parents_language() -> None:
    """And the table has no message that the library does not say."""
    assert {said(pattern).partition(" at position ")[0] for pattern in MISTAKES} == set(BROKEN)
    catalogue.speak("tr")
    try:
        assert said("a)") == "fazladan ) (yer: 1)"
    finally:
        catalogue.speak("en")


def said(pattern: str) -> str:
    with pytest.raises(ValueError, match=r"\w") as e:
        compiled(pattern)
    return str(e.value)
