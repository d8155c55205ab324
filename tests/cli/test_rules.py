"""`safeguard rules`: the shipped rules are sound, hold their examples, and errors in a family's own files are all named at once."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.cli import rule_examples
from safeguard.cli.rule_shown import shown
from safeguard.config import Settings
from safeguard.matching.verdict import Category, Level, Reason, Verdict
from safeguard.ruleset.model import LANGS, Context, Example, Frame
from safeguard.system.paths import Paths

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_the_shipped_rules_have_no_problems(run: Run) -> None:
    done = run("rules", "lint")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d+ files: no problems(, \d+ warnings?)?$", done.stdout.splitlines()[-1])
    assert all(": warning: " in line for line in done.stdout.splitlines()[:-1])


def test_all_errors_of_named_files_at_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: nonsense\n")
    (tmp_path / "b.yaml").write_text("kind: frames\nframes: [\n")
    done = run("rules", "lint", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"))
    assert done.returncode == 1
    assert f"{tmp_path / 'a.yaml'}:1: " in done.stdout
    assert f"{tmp_path / 'b.yaml'}:" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("problems")


def test_own_files_are_linted_with_the_shipped_ones(run: Run, paths: Paths) -> None:
    paths.rules.mkdir(parents=True)
    (paths.rules / "own.yaml").write_text("kind: frames\nframes: [\n")
    done = run("rules", "lint")
    assert done.returncode == 1
    assert f"{paths.rules / 'own.yaml'}:" in done.stdout


def test_a_file_that_is_not_there(run: Run) -> None:
    done = run("rules", "lint", "/nowhere/a.yaml")
    assert (done.returncode, done.stderr) == (2, "/nowhere/a.yaml: cannot be read (No such file or directory)\n")


def test_list_and_show(run: Run) -> None:
    rules = [json.loads(line) for line in run("rules", "list", "--json").stdout.splitlines()]
    assert {r["kind"] for r in rules} == {"rule", "context"}
    assert all(r["why"] and r["file"] and r["line"] for r in rules)
    shown = run("rules", "list").stdout
    for r in rules:
        assert r["id"] in shown
    one = rules[0]
    assert run("rules", "show", one["id"]).stdout.startswith(f"{one['id']}  {one['file']}:{one['line']}\n{one['why']}\n")
    assert json.loads(run("rules", "show", one["id"], "--json").stdout)["id"] == one["id"]


def test_show_tells_what_a_rule_needs_with_words_and_examples(run: Run) -> None:
    lines = run("rules", "show", "incitement.ought-kill").stdout.splitlines()
    assert "incitement, severity 3 (highest), harmful; in Turkish, Azerbaijani" in lines
    assert any(
        line.startswith("needs OUGHT + KILL") and line.endswith("in one sentence, at most 6 other words between two") for line in lines
    )
    assert any(line.startswith("  OUGHT ") and " tr " in line and " · az " in line and "lazım" in line for line in lines)
    assert "  GROUP        the name of a group (rules/groups)" in lines
    assert "examples, tried by `safeguard rules test` (hit: found · miss: not hidden):" in lines
    assert [line[:11].split() for line in lines if line.startswith(("  tr hit", "  az miss"))]


def test_show_tells_what_a_context_switches_off_and_where(run: Run) -> None:
    lines = run("rules", "show", "context.quoted").stdout.splitlines()
    assert any(line.startswith("switches off: ") and "incitement" in line for line in lines)
    [needs] = [line for line in lines if line.startswith("needs ")]
    assert ", or SPEECH" in needs
    assert needs.endswith("anywhere in the text; what was found must stand in quotation marks, and this outside them")
    for lang in LANGS:
        assert any(line.startswith(f"  {lang} hit ") for line in lines)


def test_show_of_every_rule_says_what_it_needs() -> None:
    compiled = wiring.compiled_rules(Settings())
    rules: list[Frame | Context] = [*compiled.findings, *compiled.contexts]
    assert any(r.id == "scored.derogation" for r in rules)
    for rule in rules:
        lines = [line.plain for line in shown(rule, compiled.examples, (), str)]
        assert any(line.startswith("needs ") for line in lines), rule.id


def test_show_of_an_unknown_rule_names_near_ones(run: Run) -> None:
    done = run("rules", "show", "context.qouted")
    assert done.returncode == 2
    assert done.stderr.startswith("no rule 'context.qouted'; did you mean context.quoted")
    assert done.stderr.endswith("? `safeguard rules list` lists them\n")


def test_show_of_an_unknown_rule(run: Run) -> None:
    done = run("rules", "show", "no.such")
    assert (done.returncode, done.stderr) == (2, "no rule 'no.such'; `safeguard rules list` lists them\n")


def test_the_examples_of_all_rules_hold(run: Run) -> None:
    done = run("rules", "test")
    assert done.returncode == 0, done.stdout
    assert " 0 failed" in done.stdout.splitlines()[-1]


HIT = Reason("r", Category.SLUR, 1, 1.0, 0, 0, 1, ("w",), Level.HARMFUL)
OFF = Reason("r", Category.SLUR, 1, 1.0, 0, 0, 1, ("w",), Level.CLEAN, suppressed_by="ctx")
HARMFUL = Verdict(Level.HARMFUL, Category.SLUR, 1, 1.0, None, (HIT,))
SWITCHED_OFF = Verdict(reasons=(OFF,))


@pytest.mark.parametrize(
    ("rule", "hit", "verdict", "holds"),
    [
        ("r", True, HARMFUL, True),
        ("r", True, SWITCHED_OFF, False),
        ("other", True, HARMFUL, False),
        ("r", False, HARMFUL, False),
        ("r", False, SWITCHED_OFF, True),
        ("ctx", True, SWITCHED_OFF, True),
        ("ctx", True, HARMFUL, False),
        ("ctx", True, Verdict(), False),
        ("ctx", False, HARMFUL, True),
        ("ctx", False, SWITCHED_OFF, False),
    ],
)
def test_what_an_example_demands(rule: str, hit: bool, verdict: Verdict, holds: bool) -> None:
    example = Example(rule, "en", "text", hit, False, "f.yaml", 1)
    assert rule_examples.holds(example, verdict, is_context=rule == "ctx") is holds
