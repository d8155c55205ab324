"""`safeguard log allow | allowed | undo | confirm | stats | purge`: a parent's word, as the store and a running filter get it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from click.testing import Result

from safeguard import wiring
from safeguard.config import Settings
from safeguard.matching.verdict import Category
from safeguard.policy.allowance import Allowance, Scope
from safeguard.store import Store
from safeguard.watches import AllowanceWatch
from tests.formats.fake import pipeline
from tests.store.conftest import REASON, incident

Call = Callable[..., Result]


@pytest.fixture
def log() -> Iterator[Store]:
    store = wiring.open_store(Settings())
    store.add(incident("AB12-CD34", account="kim"))
    store.add(incident("NOAU-THOR", author=""))
    store.add(incident("UNCH-CKED", kind="unchecked", category="unchecked"))
    threat = (REASON.__class__(**{f: getattr(REASON, f) for f in REASON.__slots__} | {"category": Category.PERSONAL_THREAT}),)
    store.add(incident("THRE-ATXX", category="personal_threat", reasons=threat))
    assert store.flush()
    yield store
    store.close()


@pytest.mark.parametrize(
    ("option", "made"),
    [
        ([], Allowance(1, Scope.TEXT, "AB12-CD34")),
        (["--text"], Allowance(1, Scope.TEXT, "AB12-CD34")),
        (["--author"], Allowance(1, Scope.AUTHOR, "@who", "x")),
        (["--site"], Allowance(1, Scope.SITE, "x")),
        (["--rule"], Allowance(1, Scope.RULE, "some-rule", account="kim")),
    ],
    ids=["default", "text", "author", "site", "rule"],
)
def test_allow_reaches_the_running_filter_and_is_taken_back(log: Store, call: Call, option: list[str], made: Allowance) -> None:
    running = pipeline()
    watch = AllowanceWatch(log, running)
    done = call("log", "allow", "ab12-cd34", *option)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "Take it back with: safeguard log undo 1")
    assert ("Personal threats stay hidden" in done.stdout) is (made.scope is not Scope.TEXT)
    watch.poll()
    assert running.allowances == (made,)
    [listed] = map(json.loads, call("log", "allowed", "--json").stdout.splitlines())
    assert (listed["number"], listed["scope"], listed["code"]) == (1, made.scope.value, "AB12-CD34")
    assert "AB12-CD34" in call("log", "allowed").stdout
    assert call("log", "undo", "1").exit_code == 0
    watch.poll()
    assert running.allowances == ()
    assert call("log", "allowed").stdout == "Nothing is allowed.\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["allow", "NONE"], "no entry 'NONE'"),
        (["allow", "NOAU-THOR", "--author"], "did not say who wrote this"),
        (["allow", "UNCH-CKED"], "never let through"),
        (["allow", "THRE-ATXX", "--rule"], "finds personal threats, which are allowed text by text"),
        (["undo", "7"], "no allowance '7'"),
        (["undo", "a\x1b[2J"], "no allowance 'a\\\\x1b[2J'"),
        (["confirm", "NONE"], "no entry 'NONE'"),
        (["purge"], "one of the two"),
        (["purge", "--all", "--older-than", "3"], "one of the two"),
    ],
)
@pytest.mark.usefixtures("log")
def test_what_cannot_be_done_is_one_clear_line(call: Call, args: list[str], says: str) -> None:
    done = call("log", *args)
    assert done.exit_code == 2
    assert says in done.stderr
    assert call("log", "allowed").stdout == "Nothing is allowed.\n"


def test_that_a_child_looked_at_a_text_cannot_be_allowed(log: Store, call: Call) -> None:
    log.add(incident("SEEN-BYKI", kind="reveal", category="revealed"))
    assert log.flush()
    done = call("log", "allow", "SEEN-BYKI")
    assert (done.exit_code, "a child looked at a hidden text" in done.stderr) == (2, True)


@pytest.mark.usefixtures("log")
def test_a_threat_can_be_allowed_as_a_text(call: Call) -> None:
    assert call("log", "allow", "THRE-ATXX").exit_code == 0


@pytest.mark.usefixtures("log")
def test_undo_by_code_and_confirm_take_back_everything_of_an_entry(call: Call) -> None:
    for option in ("--text", "--author", "--site"):
        call("log", "allow", "AB12-CD34", option)
    assert json.loads(call("log", "show", "AB12-CD34", "--json").stdout)["review"] == "wrong"
    assert len(call("log", "undo", "ab12-cd34").stdout.splitlines()) == 3
    call("log", "allow", "AB12-CD34")
    done = call("log", "confirm", "AB12-CD34")
    assert done.stdout.splitlines() == ["No longer allowed: this text, on every site.", "AB12-CD34 is marked as right."]
    assert json.loads(call("log", "show", "AB12-CD34", "--json").stdout)["review"] == "right"
    assert "rightly found" in call("log", "show", "AB12-CD34").stdout


@pytest.mark.usefixtures("log")
def test_stats(call: Call) -> None:
    done = json.loads(call("log", "stats", "--json").stdout)
    assert done["entries"] == 4
    assert done["site"] == [{"name": "x", "entries": 4, "times": 4}]
    assert {c["name"] for c in done["category"]} == {"incitement", "personal_threat", "unchecked"}
    assert set(json.loads(call("log", "stats", "--by", "day", "--by", "site", "--json").stdout)) == {"entries", "day", "site"}
    shown = call("log", "stats").stdout
    assert "personal threat" in shown
    assert shown.splitlines()[-1] == "4 entries"


def test_stats_of_an_empty_log(call: Call) -> None:
    assert call("log", "stats").stdout == "The log is empty.\n"


def test_purge_asks(log: Store, call: Call) -> None:
    assert call("log", "purge", "--older-than", "1").stdout == "0 entries deleted.\n"
    done = call("log", "purge", "--all", stdin="n\n")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "Nothing was deleted.")
    assert call("log", "purge", "--all").exit_code == 1
    assert log.review.count() == 4
    assert call("log", "purge", "--all", stdin="y\n").stdout.splitlines()[-1] == "4 entries deleted."
    assert log.review.count() == 0
    assert call("log", "purge", "--all", "--yes").stdout == "0 entries deleted.\n"
