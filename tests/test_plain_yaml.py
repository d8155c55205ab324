"""The short way of reading a rule file says what the whole of YAML says, or leaves it to that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard import plain_yaml, strict_yaml
from safeguard.errors import RuleError
from safeguard.strict_yaml import Map, Seq
from safeguard.system import rule_files, shipped

GOOD = """# a comment
kind: lexicon   # another
lang: en

KILL:           # kill
  - kill/v
  - "do # away: with"   # quoted
  - 'it''s' # left
  - 1915
"""


def told(value: Any) -> Any:
    """A value with every line number that its readers are told."""
    if isinstance(value, Map):
        return "map", value.line, value.lines, {key: told(v) for key, v in value.items()}
    if isinstance(value, Seq):
        return "seq", value.line, value.lines, [told(v) for v in value]
    return type(value), value


def by_whole(text: str) -> Any:
    """What the whole of YAML says; None for a problem."""
    try:
        return told(strict_yaml.whole("x.yaml", text))
    except RuleError:
        return None


def test_the_usual_shape_is_read() -> None:
    found = plain_yaml.read(GOOD)
    assert found == {"kind": "lexicon", "lang": "en", "KILL": ["kill/v", "do # away: with", "it's", 1915]}
    assert (found.line, found.lines, found["KILL"].line, found["KILL"].lines) == (2, {"kind": 2, "lang": 3, "KILL": 5}, 6, [6, 7, 8, 9])
    assert told(found) == by_whole(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "KEY:",
        "KEY:\nOTHER: x",
        "KEY: x\n  - y",
        "KEY: x\nKEY: y",
        "KEY:\n  - yes: no",
        "KEY:\n  - a\n    b",
        "KEY:\n  - 1.5",
        "KEY:\n  - -1",
        "KEY:\n  - true",
        "KEY: ~",
        "KEY:\n  - a:",
        "KEY:\n  - [a, b]",
        "KEY:\n  - &name a\n  - *name",
        "KEY:\n  - |\n    a",
        'KEY:\n  - "a\\n"',
        "KEY:\n  - 'it's'",
        "KEY:\n  -",
        "KEY:\n  - a\tb",
        "KEY:\r\n  - a\r\n",
        "KEY:\n  - a\u2028b",
        "KEY:#x",
        "- a",
        "---\nKEY: a",
        "KEY: a\n...\n",
        "KEY:\n - a",
    ],
)
def test_what_is_not_of_that_shape_is_left(text: str) -> None:
    assert plain_yaml.read(text) is None


PIECES = st.sampled_from(
    [
        *("KEY", "key", "a", "no", "12", "0", "1.5", "true", "~", ":", ": ", " #", "#", "'", '"', "- ", "  - ", "-", "  ", " "),
        *("\n", "\t", "\r", "(b|c)", "<KILL>", "*", "&", "!", "|", ">", "[", "]", "{", "}", ",", "%", "@", "`", "?", "=", "^"),
        *("/v", "ğ", "ու", "😂", "\u2028", "\x85", "\\", ".."),
    ]
)
LINES = st.one_of(
    st.builds("  - {}".format, st.lists(PIECES, min_size=1, max_size=6).map("".join)),
    st.builds("{}: {}".format, st.sampled_from(["a", "b", "KEY", "_x1", "é", "1"]), st.lists(PIECES, max_size=4).map("".join)),
    st.builds("{}:".format, st.sampled_from(["c", "d", "MEANING"])),
    st.lists(PIECES, max_size=5).map("".join),
)


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_it_says_what_yaml_says_or_nothing(text: str) -> None:
    found = plain_yaml.read(text)
    assert found is None or told(found) == by_whole(text)


def test_most_shipped_words_are_read_so_and_alike() -> None:
    lexicons = [(name, data.decode()) for name, data in rule_files.named([shipped.rules() / "lexicon"])]
    found = {name: plain_yaml.read(text) for name, text in lexicons}
    assert sum(v is not None for v in found.values()) > len(lexicons) / 2
    assert [name for name, text in lexicons if found[name] is not None and told(found[name]) != by_whole(text)] == []
