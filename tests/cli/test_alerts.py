"""`safeguard alerts`: an address is added, tried, named in status and doctor when it fails, and removed; its secret is never seen."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.formats.sites.model import Sites
from safeguard.setup.doctor import checks_filter
from safeguard.setup.doctor.facts import Facts
from safeguard.setup.doctor.gather import _log
from safeguard.system.paths import Paths
from tests.alerts import sinks
from tests.cli.conftest import Call
from tests.cli.test_guarded import at_a_terminal

SECRET = "t0ken-of-mine"


def test_added_tried_and_removed(call: Call, paths: Paths, tmp_path: Path) -> None:
    with sinks.http() as sink:
        added = call("alerts", "add", "--url-file", "-", stdin=f"json://127.0.0.1:{sink.port}/{SECRET}\n")
        assert added.exit_code == 0, added.stderr
        [kept] = wiring.channels().list()
        assert added.stdout == f"Alerts go to json ({kept.id}) from now on. Try it: safeguard alerts test {kept.id}\n"
        tried = call("alerts", "test")
        assert (tried.exit_code, tried.stdout) == (0, f"json ({kept.id}): sent; look whether it has come\n")
        assert "This is a test." in sink.got[0]
        sink.status = 500
        failed = call("alerts", "test", kept.id)
        assert failed.exit_code == 1
        assert "could not be reached, or refused" in failed.stderr
    store = wiring.open_store(Settings())
    store.troubles.failed(kept.id, "the service did not answer in time")
    facts = _log(Settings(), paths, Sites.of([]), Facts())
    listed, as_json, status = call("alerts", "list"), call("alerts", "list", "--json"), call("status", "--json")
    shown = call("status")
    assert "in order" not in listed.stdout
    [said] = json.loads(as_json.stdout)
    assert (said["service"], said["failing"]["why"]) == ("json", "the service did not answer in time")
    [told] = json.loads(status.stdout)["log"]["alerts_to"]
    assert (told["id"], told["why"], told["waiting"]) == (kept.id, "the service did not answer in time", 0)
    assert f"to json ({kept.id}): DOES NOT WORK since {datetime.now(UTC).year}" in shown.stdout
    [finding] = checks_filter.unsent(facts)
    assert finding.wrong
    assert f"json ({kept.id}), since" in finding.where
    removed = call("alerts", "remove", kept.id)
    assert removed.stdout == f"Alerts go to json ({kept.id}) no more.\n"
    assert wiring.channels().list() == []
    assert store.troubles.list() == []
    store.close()
    everything = (added, tried, failed, listed, as_json, status, shown, removed)
    assert SECRET not in "".join(r.stdout + r.stderr for r in everything) + repr(facts)


@pytest.mark.parametrize("url", [f"nosuch://{SECRET}", SECRET, f"dbus://{SECRET}"])
def test_what_is_no_address(call: Call, url: str) -> None:
    done = call("alerts", "add", "--url-file", "-", stdin=url)
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert SECRET not in done.stdout + done.stderr
    assert wiring.channels().list() == []


def test_nothing_to_try(call: Call) -> None:
    assert call("alerts", "test").exit_code == 2
    assert call("alerts", "test", "abc").exit_code == 2
    assert "no address" in call("alerts", "list").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo terminal is POSIX")
def test_at_a_terminal_the_address_is_not_shown() -> None:
    code, seen = at_a_terminal([f"json://127.0.0.1:9/{SECRET}"], "alerts", "add")
    assert code == 0, seen
    assert SECRET not in seen
    assert [c.url for c in wiring.channels().list()] == [f"json://127.0.0.1:9/{SECRET}"]
