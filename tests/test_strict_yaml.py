"""Strict YAML: words stay words, duplicates and broken files are refused with their line, and nothing kills the process."""

from __future__ import annotations

import contextlib
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard import strict_yaml
from safeguard.errors import RuleError
from safeguard.system import catalogue


@pytest.mark.parametrize(
    "word", ["no", "on", "off", "yes", "Yes", "NO", "y", "n", "1:30", "0x10", "1e3", "2024-01-01", ".5", "True", "NULL"]
)
def test_words_stay_words(word: str) -> None:
    assert strict_yaml.load("f.yaml", f"a: {word}".encode()) == {"a": word}


@pytest.mark.parametrize(
    ("said", "value"), [("3", 3), ("-2", -2), ("0.5", 0.5), ("true", True), ("false", False), ("null", None), ("", None), ("~", None)]
)
def test_plain_values(said: str, value: object) -> None:
    read = strict_yaml.load("f.yaml", f"a: {said}".encode())["a"]
    assert read == value
    assert type(read) is type(value)


def test_lines_are_known() -> None:
    doc = strict_yaml.load("f.yaml", b"a: 1\n\nb:\n  - x\n  - y\n")
    assert doc.lines == {"a": 1, "b": 3}
    assert doc["b"].lines == [4, 5]


def test_every_duplicate_is_named_with_its_line() -> None:
    with pytest.raises(RuleError) as caught:
        strict_yaml.load("f.yaml", b"a: 1\nb: {x: 1, x: 2}\na: 2\n")
    assert [(p.line, "second time" in p.what) for p in caught.value.problems] == [(2, True), (3, True)]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a: [1, 2\nb: 3", 2),
        (b"a: 1\n\tb: 2", 2),
        (b"a: \xff", 1),
        (b"x: 1\na: !!python/object/apply:os.system [ls]", 0),
        (b"a: *nobody", 1),
        (b"a: 1\n---\nb: 2", 2),
        (b"? [a]\n: 1", 1),
        (b"x: 1\ny: " + b"[" * 5000, 2),
    ],
    ids=["unclosed", "tab", "not UTF-8", "python tag", "alias", "two documents", "list as key", "deep"],
)
def test_broken_files_are_refused(data: bytes, line: int) -> None:
    if b"python" in data:  # a tag is not obeyed: the value is read as the plain list it is
        assert strict_yaml.load("f.yaml", data)["a"] == ["ls"]
        return
    with pytest.raises(RuleError) as caught:
        strict_yaml.load("f.yaml", data)
    assert caught.value.problems[0].line == line
    assert caught.value.problems[0].file == "f.yaml"


@given(st.binary(max_size=300) | st.text("ab:-[]{}#&*!|>'\"%@`,? \n\t0.", max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(RuleError):
        strict_yaml.load("f.yaml", data)


@pytest.mark.parametrize(
    "data", [b"- " * 100_000, b"a:\n" + b"".join(b" " * i + b"- a:\n" for i in range(1, 3000))], ids=["dashes", "indents"]
)
def test_deep_nesting_does_not_kill(data: bytes) -> None:
    with pytest.raises(RuleError):
        strict_yaml.load("f.yaml", data)


def test_names_said_again_and_again_fill_no_memory() -> None:
    """A dozen lines, each saying the one before ten times, come to a million million words."""
    lines = [b"a: &a [x, x]"] + [f"{b}: &{b} [{', '.join(['*' + a] * 10)}]".encode() for a, b in pairwise("abcdefghijklm")]
    with pytest.raises(RuleError, match=r"^x:\d+: more than 1000000 values"):
        strict_yaml.load("x", b"\n".join(lines))


MISTAKES = (
    "a: [1, 2\n", "a: {b: 1\nc: 2", "- a\nb: c\n", "a: 'x' y\n", "a: ]\n", "a: |x\n", "a: b\nc\nd: e\n", "a: b: c\n",
    "a: - b\n", "a: 'x\n", "a: *x\n", 'a: "\\q"', "a:\n\t- b\n", "--- a\n--- b\n",
)  # fmt: skip


def test_the_usual_mistakes_are_said_in_the_parents_language() -> None:
    """And the table has no message that the library does not say."""
    assert {said(text).partition("broken YAML: ")[2] for text in MISTAKES} == set(strict_yaml.BROKEN)
    catalogue.speak("ru")
    try:
        assert not [word for text in MISTAKES for word in re.findall("[a-z]{3,}", said(text).replace("YAML", "")) if word != "name"]
    finally:
        catalogue.speak("en")


def said(text: str) -> str:
    with pytest.raises(RuleError) as e:
        strict_yaml.load("f", text.encode())
    return str(e.value)
