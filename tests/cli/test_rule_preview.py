"""What `safeguard rules add` shows before an entry holds: forms, the log, everyday texts, slow patterns, bare names of groups."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from safeguard import wiring
from safeguard.cli import rules_own
from safeguard.config import Settings
from safeguard.matching.verdict import Category, Level, Reason
from safeguard.policy.incident import Incident
from safeguard.system.own_rules import FOLDER
from safeguard.system.paths import Paths

Call = Callable[..., Result]
SMALL = {
    "inflection/en.yaml": 'kind: inflection\nlang: en\nclasses:\n  n: {sg: [""], pl: [s]}\n  v: {inf: [""], past: [ed], noun: [ing]}\n',
    "inflection/own.yaml": 'kind: shapes\nshapes:\n  en:\n    "[a-z]": ["0/n", "0/v"]\n',
    "lexicon/en.yaml": "kind: lexicon\nlang: en\nKILL: [kill/v]\nFUNC: [a, the, what, see, I, at]\n",
    "frames/core.yaml": "kind: frames\nframes:\n  - {id: some.rule, category: incitement, severity: 3, why: Why., all: [KILL, GROUP]}\n",
    "groups/people.yaml": "kind: groups\ngroups:\n  - {id: kurds, kind: people, title: Kurds, names: {en: [Kurd/n]}}\n",
    "everyday/en.txt": "# everyday\nWe zorblatted all day.\nGood morning.\n",
    "everyday/tr.txt": "Günaydın.\n",
}


@pytest.fixture(autouse=True)
def few_rules(ship: Callable[[dict[str, str]], None]) -> None:
    """A handful of shipped rules and everyday texts."""
    ship(SMALL)


@pytest.fixture
def logged() -> None:
    """A suspect text that was shown and logged, a hidden one, one hidden for other words, and a body that could not be checked."""
    store = wiring.open_store(Settings())
    weak = (Reason("some.rule", Category.INCITEMENT, 3, 1.0, 0, 0, 4, ("kill",), Level.CLEAN, suppressed_by="ctx.news"),)
    for code, kind, action, author, text in (
        ("AAAA", "unit", "log", "@one", "two zorblats here"),
        ("BBBB", "unit", "block", "@two", "hide the zorblat"),
        ("CCCC", "unit", "block", "@three", "something else"),
        ("DDDD", "unchecked", "block", "", "zorblat: not to be checked"),
    ):
        store.add(Incident(code, kind, "x", "https://x.test/1", action, "threat", 2, 1.0, None, "some.rule", author, "post", text, weak))
    assert store.flush()
    store.close()


def added(call: Call, *args: str) -> dict[str, object]:
    done = call("rules", "add", "--json", *args)
    assert done.exit_code == 0, done.output
    out: dict[str, object] = json.loads(done.stdout)
    return out


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(
    ("args", "found", "changed"),
    [
        (["zorblat", "--lang", "en"], {"AAAA", "BBBB"}, {"AAAA"}),
        (["zorblat", "--lang", "en", "--allow"], {"AAAA", "BBBB"}, {"BBBB"}),
        (["--exact", "zorblat"], {"BBBB"}, set()),
        (["--regex", "zorblats?"], {"AAAA", "BBBB"}, {"AAAA"}),
        (["@one"], {"AAAA"}, {"AAAA"}),
        (["zerblatt", "--fuzzy", "--lang", "en"], set(), set()),
        (["#zorblat"], set(), set()),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_the_log_is_looked_at_suspect_texts_too(call: Call, args: list[str], found: set[str], changed: set[str]) -> None:
    log = added(call, *args)["log"]
    assert isinstance(log, dict)
    assert log["entries"] == 3
    assert {e["code"] for e in log["found"]} == found
    assert {e["code"] for e in log["found"] if e["changes"]} == changed


@pytest.mark.usefixtures("logged")
def test_a_parent_reads_it(call: Call) -> None:
    done = call("rules", "add", "zorblat", "--lang", "en")
    assert "Found as (English): zorblat, zorblats, zorblated, zorblating\n" in done.stdout
    assert "found in 2 of 3 entries; 1 of them would be hidden from now on." in done.stdout
    assert "two >>zorblats<< here" in done.stdout
    assert "Texts that were shown are not stored" in done.stdout
    assert "it would hide: English 0 of 2, Turkish 0 of 1." in done.stdout


def test_everyday_texts_that_would_be_hidden_are_shown(call: Call) -> None:
    done = call("rules", "add", "zorblat*")
    assert "it would hide: English 1 of 2, Turkish 0 of 1." in done.stdout
    assert "We >>zorblatted<< all day." in done.stdout
    assert "The log is empty." in done.stdout


@pytest.mark.parametrize(("answer", "code", "written"), [("n\n", 1, False), ("y\n", 0, True)])
def test_where_harmless_texts_would_be_hidden_the_parent_is_asked(
    call: Call, paths: Paths, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, written: bool
) -> None:
    monkeypatch.setattr(rules_own, "at_a_terminal", lambda: True)
    assert call("rules", "add", "zorblat*", stdin=answer).exit_code == code
    assert (paths.rules / FOLDER / "own.yaml").exists() is written


def test_a_dry_run_writes_nothing(call: Call, paths: Paths) -> None:
    assert "Nothing was written" in call("rules", "add", "zorblat", "--dry-run").stdout
    assert added(call, "zorblat", "--dry-run")["added"] is False
    assert not paths.rules.exists()


@pytest.mark.parametrize(("pattern", "slow"), [("(z+z+)+y", True), ("(a|aa)+$", True), ("z+(foo|bar) ?baz", False), (r"\bzorb\w*", False)])
def test_a_slow_pattern_is_told(call: Call, pattern: str, slow: bool) -> None:
    assert ("takes too long on some texts" in call("rules", "add", "--regex", pattern).stderr) is slow


@pytest.mark.parametrize(("word", "warned"), [("Kurd", True), ("kurds", True), ("kur*", True), ("zorblat", False)])
def test_the_bare_name_of_a_group_is_warned_of(call: Call, word: str, warned: bool) -> None:
    assert ("bare name of a group (Kurds)" in call("rules", "add", word).stderr) is warned


@pytest.mark.parametrize("mode", [0o700, 0o755], ids=["no file", "not private"])
def test_a_log_that_cannot_be_read_stops_nothing(call: Call, paths: Paths, mode: int) -> None:
    paths.log.parent.mkdir(parents=True)
    paths.log.parent.chmod(mode)
    paths.log.mkdir()
    done = call("rules", "add", "zorblat")
    assert done.exit_code == 0
    assert "the log cannot be read" in done.stderr
    assert (paths.rules / FOLDER / "own.yaml").exists()
