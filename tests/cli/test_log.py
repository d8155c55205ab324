"""`safeguard log`: the parent finds an entry by its code, and hostile text stays text."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.matching.verdict import Category, Level, Reason
from safeguard.policy.incident import Incident

Run = Callable[..., "subprocess.CompletedProcess[str]"]
REASONS = (
    Reason("rule.one", Category.THREAT, 3, 1.5, 0, 0, 4, ("some", "wo\x1b[31mrds"), Level.HARMFUL),
    Reason("rule.two", Category.SLUR, 1, 1.0, 0, 5, 9, ("other",), Level.CLEAN, suppressed_by="ctx.news"),
)


@pytest.fixture
def logged() -> None:
    store = wiring.open_store(Settings())
    for code, author in (("K7Q2", "@one"), ("M3XX", "@two\x1b]0;owned\x07[bold]")):
        store.add(
            Incident(
                code, "unit", "x", "https://x.test/1", "block", "threat", 3, 1.5, None, "rule.one", author, "message", "an excerpt", REASONS
            )
        )
    store.add(
        Incident(
            "K7Q2", "unit", "x", "https://x.test/1", "block", "threat", 3, 1.5, None, "rule.one", "@one", "message", "an excerpt", REASONS
        )
    )
    assert store.flush()
    store.close()


@pytest.mark.usefixtures("logged")
def test_list(run: Run) -> None:
    done = run("log", "list")
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"code", "K7Q2", "M3XX"}
    assert "\x1b" not in done.stdout
    assert "@two\\x1b]0;owned\\x07[bold]" in done.stdout
    assert len(run("log", "list", "--limit", "1").stdout.splitlines()) == 2


@pytest.mark.usefixtures("logged")
def test_list_as_json(run: Run) -> None:
    entries = {e["code"]: e for e in map(json.loads, run("log", "list", "--json").stdout.splitlines())}
    assert (entries["K7Q2"]["seen"], entries["M3XX"]["seen"]) == (2, 1)
    assert entries["M3XX"]["author"] == "@two\x1b]0;owned\x07[bold]"


@pytest.mark.usefixtures("logged")
def test_show(run: Run) -> None:
    done = run("log", "show", "k7q2")
    assert done.returncode == 0
    for part in (
        "K7Q2",
        "2 times",
        "https://x.test/1",
        "@one",
        "an excerpt",
        "rule.one (threat): some … wo\\x1b[31mrds",
        "switched off by ctx.news",
    ):
        assert part in done.stdout
    [entry] = map(json.loads, run("log", "show", "K7Q2", "--json").stdout.splitlines())
    assert [r["suppressed_by"] for r in entry["reasons"]] == [None, "ctx.news"]


def test_an_unknown_code_says_so(run: Run) -> None:
    done = run("log", "show", "NO\x1b[2J")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "no entry 'NO\\\\x1b[2J' in the log; `safeguard log list` lists them\n"


def test_an_empty_log(run: Run) -> None:
    assert run("log", "list").stdout == "The log is empty.\n"
    assert run("log", "list", "--json").stdout == ""
