"""Entries that are read otherwise than they look are named with their line; their mended forms pass."""

from __future__ import annotations

import pytest

from safeguard.errors import Problem
from safeguard.ruleset.lint import lint

FRAMES = b"""kind: frames
frames:
  - {id: x.kill, category: incitement, severity: 3, why: Says so., all: [BE, KILL, GROUP], not: [NEG, REPORT]}
  - {id: x.threat, category: personal_threat, severity: 3, why: Says so., all: [PTHREAT], langs: [en]}
"""
BASE = b"""kind: lexicon
lang: en
NEG: [not, never]
BE: [is]
KILL: [kill]
REPORT: [police]
PTHREAT: [you are next]
"""
GROUPS = b"kind: groups\ngroups:\n  - {id: zembla, kind: people, title: Zemblans, names: {en: [Zemblan]}}\n"


def found(entries: str, lang: str = "en") -> list[Problem]:
    """What lint says of a lexicon of these entries beside the base."""
    file = ("more.yaml", f"kind: lexicon\nlang: {lang}\n{entries}".encode())
    return lint([("frames.yaml", FRAMES), ("base.yaml", BASE), ("groups.yaml", GROUPS), file], need_examples=False)


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ("KILL:\n  - false|not true", "more.yaml:4: `false|not true` reads as (false|not) and then (true)"),
        ("KILL:\n  - k1ll", "more.yaml:4: 'k1ll' would no longer be read as 'kill'"),
        ("KILL:\n  - p0lice dog", "more.yaml:4: 'p0lice' would no longer be read as 'police'"),
        ("PTHREAT:\n  - watch (your) (back)", "more.yaml:4: 'watch (your) (back)': 'watch' alone would do"),
        ("PTHREAT:\n  - (just you) wait|run ..", "more.yaml:4: '(just you) wait|run ..': 'wait|run' alone would do"),
        ("KILL:\n  - not (a) (human)", "more.yaml:4: 'not (a) (human)': 'not' alone would do"),
        ("BE:\n  - never", "more.yaml:4: never: both BE and NEG, which x.kill needs and forbids"),
    ],
    ids=lambda v: v.split("- ")[-1][:20] if "\n" in v else "",
)
def test_a_trap_is_named(entries: str, says: str) -> None:
    [problem] = found(entries)
    assert str(problem).startswith(says)
    assert not problem.warning


def test_a_word_both_needed_and_forbidden_may_be_meant_so() -> None:
    [problem] = found("KILL:\n  - police")
    assert problem.warning
    assert str(problem).startswith("more.yaml:4: warning: police: both KILL and REPORT, which x.kill needs and forbids")


@pytest.mark.parametrize(
    "entries",
    [
        "KILL:\n  - not|false true",
        "KILL:\n  - never|not true",
        "KILL:\n  - call it wrong|not (so) true",
        "KILL:\n  - not true\n  - wrong",
        "KILL:\n  - h8\n  - ww2\n  - 1v1",
        "KILL:\n  - watch (your) (back)",
        "PTHREAT:\n  - watch your (back)\n  - run",
        "REPORT:\n  - never say die",
    ],
)
def test_what_is_meant_so_passes(entries: str) -> None:
    assert found(entries) == []


def test_a_little_word_behind_denies_only_where_the_language_has_it_so() -> None:
    assert found("NEG: [չի]\nKILL:\n  - տուն|չի գնա", "hy") == []
