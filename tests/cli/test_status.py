"""`safeguard status`: what runs and what is protected, with every broken part named and none of them hiding another."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import Result

from safeguard import wiring
from safeguard.config import Settings
from safeguard.policy.drift import MISSES, OVER, Drift
from safeguard.setup.doctor import look_accounts, look_browsers, look_service
from safeguard.setup.doctor.facts import BrowserThere, Policy
from safeguard.system import reveal
from safeguard.system.packs import Packs
from safeguard.system.paths import Paths
from tests.store.conftest import incident
from tests.system.publishing import LATER, Publisher

Call = Callable[..., Result]
SITES = {
    "sites/plain.yaml": "title: Plain\ndomains: [plain.test]\n",
    "sites/half.yaml": "title: Half\ndomains: [half.test]\nopaque: dom_guard\nnot_covered: the rest\n",
    "sites/leaky.yaml": "title: Leaky\ndomains: [leaky.test]\nopaque: not_protected\nhealthy:\n  json: [post]\n",
}


@pytest.fixture(autouse=True)
def few(ship: Callable[[dict[str, str]], None]) -> None:
    ship(SITES)


@contextmanager
def filter_running(paths: Paths) -> Iterator[None]:
    with reveal.Service(paths.state, lambda code: None, lambda: None):
        yield


def facts(call: Call, *, ok: bool) -> dict[str, Any]:
    done = call("status", "--json")
    assert done.exit_code == (0 if ok else 1)
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["ok"] is ok
    return found


def row(done: Result, name: str) -> str:
    return next(line for line in done.stdout.splitlines() if line.startswith(name))


def test_no_filter_runs(call: Call) -> None:
    assert facts(call, ok=False)["running"] == []
    done = call("status")
    assert done.exit_code == 1
    assert "does not run" in row(done, "filter")


def test_a_filter_runs(call: Call, paths: Paths) -> None:
    before = time.time()
    with filter_running(paths):
        (found,) = facts(call, ok=True)["running"]
        assert abs(time.mktime(time.strptime(found["since"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone - before) < 10
        done = call("status")
    assert done.exit_code == 0
    assert f"process {found['pid']}" in row(done, "filter")
    assert facts(call, ok=False)["running"] == []


def test_what_a_killed_filter_left_does_not_count(call: Call, paths: Paths) -> None:
    paths.state.mkdir(parents=True, mode=0o700)
    (paths.state / "reveal-1.port").write_text('{"port": 9, "secret": "x"}')
    (paths.state / "reveal-1.port").chmod(0o600)
    (paths.state / "reveal-2.sock").write_text("")
    assert facts(call, ok=False)["running"] == []


def test_pages_that_went_without_the_guard(call: Call, paths: Paths) -> None:
    store = wiring.open_store(Settings())
    store.partly.met([("plain", "a page of it is XHTML"), ("gone", "x")])
    store.close()
    with filter_running(paths):
        found = {s["site"]: s for s in facts(call, ok=True)["sites"]}
        done = call("status")
    assert found["plain"]["state"] == "partly"
    (page,) = found["plain"]["without_guard"]
    assert page["why"] == "a page of it is XHTML"
    assert page["since"] == page["last"]
    assert found["half"]["without_guard"] == []
    said = " ".join(done.stdout.split())
    assert "a page of it is XHTML" in said
    assert re.search(r"Plain\s+partly protected\s+since 20\d\d-", done.stdout)


def test_sites(call: Call, paths: Paths) -> None:
    store = wiring.open_store(Settings())
    now = int(time.time() * 1000)
    store.drift.save([Drift("leaky", "json", MISSES, now - OVER, now), Drift("plain", "json", 1, now, now)], [])
    store.close()
    with filter_running(paths):
        sites = {s["site"]: s for s in facts(call, ok=True)["sites"]}
        done = call("status")
    assert {name: s["state"] for name, s in sites.items()} == {"plain": "protected", "half": "partly", "leaky": "reduced"}
    assert sites["half"]["why"][0] == "not read: the rest"
    assert len(sites["half"]["why"]) == 2
    assert sites["leaky"]["since"] is not None
    assert re.search(
        r"Leaky +protection reduced +Protection reduced on Leaky since \d{4}-.*; answers in binary form pass unread", done.stdout
    )
    assert re.search(r"^Plain +protected *$", done.stdout, re.M)


def test_the_computer_around_the_filter(call: Call, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    paths.config.mkdir(parents=True)
    (paths.config / "profiles.yaml").write_text("default: teen\naccounts:\n  anna: young-child\n")
    there = (
        BrowserThere("Chromium", "/usr/bin/chromium", Policy.OURS, "/etc/chromium"),
        BrowserThere("Firefox", "/usr/bin/firefox", Policy.MISSING, "/etc/firefox"),
    )
    asked = []
    monkeypatch.setattr(look_browsers, "there", lambda root, port, domains: asked.append((port, domains)) or there)
    monkeypatch.setattr(look_accounts, "people", lambda: ["berta"])
    monkeypatch.setattr(look_service, "service", lambda root: "the service safeguard of systemd is active")
    monkeypatch.setattr(look_service, "strict_mode", lambda root: True)
    found = facts(call, ok=False)["computer"]
    assert asked == [(8877, ("half.test", "leaky.test", "plain.test"))]
    assert found["browsers"] == {"Chromium": "ours", "Firefox": "missing"}
    assert found["people"]["anna"] == {"profile": "young-child", "filtered_in": ["Chromium"], "not_filtered_in": ["Firefox"]}
    done = call("status")
    assert "the service safeguard of systemd is active" in row(done, "service")
    assert "on: the child's account reaches the filter" in row(done, "strict mode")
    assert "Chromium goes through SafeGuard; Firefox does not go through SafeGuard" in row(done, "browsers")
    assert "anna (young-child): filtered in Chromium; NOT FILTERED in Firefox" in done.stdout
    assert "berta (teen): filtered in Chromium; NOT FILTERED in Firefox" in done.stdout


def test_reduced_protection_in_the_parents_language(call: Call, paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    paths.settings.write_text("notice:\n  lang: ru\n")
    store = wiring.open_store(Settings())
    store.drift.save([Drift("leaky", "json", MISSES, 0, OVER)], [])
    store.close()
    assert "Защита на Leaky ослаблена" in call("status").stdout


def test_profiles_rules_log_and_alerts(call: Call, paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    (paths.config / "profiles.yaml").write_text("default: teen\naccounts:\n  anna: young-child\n")
    store = wiring.open_store(Settings())
    store.add(incident("A1"))
    store.add(incident("U1", kind="unchecked", category="unchecked", excerpt="an odd encoding"))
    assert store.flush()
    store.close()
    (paths.log.parent / f"{paths.log.name}.damaged-2030-01-02-030405").write_text("")
    (paths.log.parent / f"{paths.log.name}.damaged-2030-01-02-030405-wal").write_text("")
    found = facts(call, ok=False)
    assert (found["profile"], found["accounts"]) == ("teen", {"anna": "young-child"})
    assert found["rules"]["files"] == len(SITES)
    assert (found["log"]["entries"], found["log"]["alerts_waiting"]) == (2, 1)
    assert found["log"]["damaged"] == ["log.sqlite.damaged-2030-01-02-030405"]
    assert found["log"]["unchecked"]["answers"] == 1
    assert found["log"]["unchecked"]["newest"][0]["why"] == "an odd encoding"
    done = call("status")
    assert row(done, "profiles").split(None, 1)[1].strip() == "teen for everybody else, anna: young-child"
    assert row(done, "alerts").split(None, 1)[1].strip() == "1 waiting"
    assert "an odd encoding" in done.stdout


def test_the_pack_in_force_and_one_that_is_damaged(call: Call, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    Packs(paths.packs).install(Publisher(monkeypatch).pack({"sites/plain.yaml": SITES["sites/plain.yaml"]}), LATER)
    found = facts(call, ok=False)
    assert found["rules"]["pack"] == LATER
    assert [s["site"] for s in found["sites"]] == ["plain"]
    assert f"of the pack {LATER}" in row(call("status"), "rules")
    Packs(paths.packs).path(LATER).write_bytes(b"damaged")
    assert len(facts(call, ok=False)["sites"]) == len(SITES)
    assert f"the pack of rules {LATER} is not used" in row(call("status"), "rules")


def test_broken_rules_hide_nothing_else(call: Call, paths: Paths) -> None:
    (paths.rules / "sites").mkdir(parents=True)
    (paths.rules / "sites" / "own.yaml").write_text("title: Own\n")
    with filter_running(paths):
        found = facts(call, ok=False)
        done = call("status")
    assert "1 problem" in found["rules"]["error"]
    assert "BROKEN" in row(done, "rules")
    assert "runs since" in row(done, "filter")


def test_a_broken_log_hides_nothing_else(call: Call, paths: Paths) -> None:
    paths.state.mkdir(parents=True, mode=0o700)
    paths.log.write_bytes(b"nonsense" * 1000)
    with filter_running(paths):
        found = facts(call, ok=False)
        done = call("status")
    assert "damaged" in found["log"]["error"]
    assert len(found["sites"]) == len(SITES)
    assert "BROKEN" in row(done, "log")
    assert paths.log.read_bytes() == b"nonsense" * 1000


def test_wrong_settings_are_one_clear_line(call: Call, paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    paths.settings.write_text("nonsense: 1\n")
    done = call("status")
    assert done.exit_code == 2
    assert "settings.yaml:1:" in done.stderr
