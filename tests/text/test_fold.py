"""Folding makes the same word of what a reader takes for the same word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.text.fold import begins_exactly, exact, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ÖLDÜRMEK", "oldurmek"),
        ("İIıi", "iiii"),
        ("Azərbaycanlıların", "azerbaycanlilarin"),
        ("Ёлка Йод", "елка йод"),
        ("k\u200bi\u00adll", "kill"),
        ("ｋｉｌｌ", "kill"),
        ("𝐤𝒊𝖑𝚕", "kill"),
        ("ki\u0301ll", "kill"),
        ("Ermeni'ler", "ermeniler"),
        ("Ի՞նչ", "ինչ"),
        ("և", "եվ"),
        ("👩🏽", "👩"),
        ("1\ufe0f\u20e3", "1"),
    ],
    ids=lambda t: t[:12],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "stem", "begins"),
    [
        ("ölsün", "öl", True),
        ("olsun", "öl", False),
        ("SIKIŞ", "sık", True),
        ("SIKIŞ", "sik", True),
        ("sikiş", "sık", False),
        ("o\u0308l", "öl", True),
    ],
)
def test_exact_letters(text: str, stem: str, begins: bool) -> None:
    assert begins_exactly(exact(text), stem) is begins
