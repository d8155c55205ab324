"""Whatever a stranger wrote, no command prints anything that a terminal would obey."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safeguard import wiring
from safeguard.config import Settings
from tests.store.conftest import REASON, incident

Call = Callable[..., Result]
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff]")
NASTY = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\x1b\x07\x9b\r\x08\u202e\u2028\x00[]m;0"), min_size=1, max_size=40)
COMMANDS = (
    *(["log", *rest] for rest in (["list"], ["list", "--json"], ["show", "A1"], ["show", "A1", "--json"], ["export"], ["stats"])),
    *(
        ["log", *rest]
        for rest in (["export", "--format", "json"], ["stats", "--json"], ["allow", "A1", "--author"], ["allow", "A1", "--site"])
    ),
    *(["log", *rest] for rest in (["allowed"], ["allowed", "--json"], ["undo", "A1"], ["confirm", "A1"], ["purge", "--all", "--yes"])),
)


@pytest.fixture(autouse=True)
def no_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shipped rules play no part here and take their time."""
    monkeypatch.setattr("safeguard.system.shipped.rules", lambda: tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nasty=NASTY)
def test_the_log(call: Call, nasty: str) -> None:
    store = wiring.open_store(Settings())
    words = (replace(REASON, rule=nasty, words=(nasty,), suppressed_by=None),)
    store.add(
        incident(
            "A1", site=nasty, url=nasty, author=nasty, excerpt=nasty, whole=nasty, rule=nasty, group=nasty, account=nasty, reasons=words
        )
    )
    assert store.flush()
    store.close()
    for command in COMMANDS:
        done = call(*command)
        assert done.exit_code == 0, (command, done.output)
        assert not OBEYED.search(done.stdout.replace("\r\n", "\n") + done.stderr), command


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nasty=NASTY)
def test_the_status(call: Call, nasty: str) -> None:
    store = wiring.open_store(Settings())
    store.add(incident("A1", kind="unchecked", site=nasty, excerpt=nasty))
    assert store.flush()
    store.close()
    for command in (["status"], ["status", "--json"]):
        done = call(*command)
        assert done.exit_code == 1
        assert "A1" in done.stdout
        assert not OBEYED.search(done.stdout.replace("\r\n", "\n") + done.stderr), command


@pytest.mark.parametrize(
    "command", [["log", "show"], ["log", "allow"], ["log", "undo"], ["log", "confirm"], ["rules", "show"], ["check"]], ids=" ".join
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nasty=NASTY.filter(lambda t: not t.startswith("-") and "\0" not in t))
def test_what_was_typed(call: Call, command: list[str], nasty: str) -> None:
    done = call(*command, nasty)
    assert done.exit_code in (0, 1, 2)
    assert not OBEYED.search(done.stdout + done.stderr)
