"""Patterns of endings expand to what they stand for, and not without end."""

import pytest

from safeguard.ruleset.endings import expand

LETTERS = {"A": ["a", "e"], "I": ["ı", "i", "u", "ü"]}


@pytest.mark.parametrize(
    ("pattern", "endings"),
    [
        ("", {""}),
        ("s", {"s"}),
        ("(s|es)", {"", "s", "es"}),
        ("[lAr]", {"lar", "ler"}),
        ("[lAr](I)", {"lar", "ler", "lari", "leri", "laru", "leru"}),
        ("a[b|c]d", {"abd", "acd"}),
    ],
)
def test_expand(pattern: str, endings: set[str]) -> None:
    assert expand(pattern, LETTERS) == endings


@pytest.mark.parametrize("pattern", ["[a", "a|b", "(a(b))", "[" + "|".join(map(str, range(200))) + "]" * 1 + "[0|1|2|3|4|5|6|7|8|9]" * 3])
def test_bad_or_endless_patterns_say_so(pattern: str) -> None:
    with pytest.raises(ValueError, match="ending"):
        expand(pattern, LETTERS)
