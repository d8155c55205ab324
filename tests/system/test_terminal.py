"""Nothing from outside makes a terminal do anything, and JSON stays the same value."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.system.terminal import json_line, safe

ANY = st.text(st.characters(exclude_categories=[]), max_size=100)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – Ընկեր друг ə ı İ 👩‍👧", "plain – Ընկեր друг ə ı İ 👩‍👧"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("title\x1b]0;x\x07", "title\\x1b]0;x\\x07"),
        ("a\rb\nc\td", "a\\x0db\\x0ac\\x09d"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202egnp", "\\u202egnp"),
        ("a\u200bb\u00adc", "a\\u200bb\\xadc"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_lines_may_stay() -> None:
    assert safe("a\r\nb\tc\x1b", lines=True) == "a\nb\tc\\x1b"


@given(ANY)
def test_no_control_character_is_left(text: str) -> None:
    for shown in (safe(text), json_line({text: text})):
        assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)
        shown.encode()


@given(st.recursive(ANY | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(ANY, inner), max_leaves=10))
def test_json_reads_back_the_same(value: object) -> None:
    assert json.loads(json_line(value)) == value
