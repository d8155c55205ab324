"""Whatever could not be read is said in the language of who asks why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeguard.policy import unread
from safeguard.policy.notice import NOTICES

ROOT = Path(__file__).parents[2] / "safeguard"
OTHERS = [lang for lang in NOTICES if lang != "en"]


def reasons() -> Iterator[str]:
    """Every reason that the code gives; 7 stands for what is filled in."""
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            said = node.args[0] if name in ("Unchecked", "on_failure") else node.args[-1] if name == "unchecked" else None
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                yield said.value
            elif isinstance(said, ast.JoinedStr) and not (file.name == "checks.py" and name == "unchecked"):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in said.values)


REASONS = sorted(set(reasons()))


def test_the_code_gives_reasons() -> None:
    assert len(REASONS) > 40
    assert "the gzip data of an event stream is broken" in REASONS
    assert "the body is over 7 MiB" in REASONS


@pytest.mark.parametrize("lang", OTHERS)
@pytest.mark.parametrize("why", REASONS)
def test_each_is_said_in_the_language(why: str, lang: str) -> None:
    assert unread.said(why, lang) != why


@pytest.mark.parametrize("why", REASONS)
def test_in_english_it_stays_as_it_is(why: str) -> None:
    assert unread.said(why, "en") == why


@pytest.mark.parametrize("lang", OTHERS)
def test_kinds_are_told_apart(lang: str) -> None:
    told = {
        unread.said(why, lang) for why in ("the body is over 32 MiB", "the br data is cut off", "charset 'x' is not one SafeGuard reads")
    }
    assert len(told) == 3
    assert unread.said("a text in the page: the br data is broken", lang) == unread.said("the br data is broken", lang)
    assert unread.said("something new", lang) == "something new"
