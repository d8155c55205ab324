"""`safeguard ca`: says what waits, changes nothing without a yes, and then all of it."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from safeguard.proxy import ca, ca_store
from safeguard.system import reveal
from safeguard.system.paths import Paths

Call = Callable[..., Result]
NOW = dt.datetime.now(dt.UTC)
SITES = {
    "sites/old.yaml": "title: Old\ndomains: [old.test]\n",
    "sites/new.yaml": "title: New\ndomains: [new.test, www.old.test]\n",
}


@pytest.fixture
def folder(paths: Paths) -> Path:
    paths.state.mkdir(parents=True, mode=0o700)
    return paths.state / "ca"


@pytest.fixture(autouse=True)
def few(ship: Callable[[dict[str, str]], None]) -> None:
    ship(SITES)


def shown(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call("ca", "show", "--json").stdout)
    return found


def status(call: Call, paths: Paths, *, ok: bool) -> dict[str, Any]:
    with reveal.Service(paths.state, lambda code: None, lambda: None):
        done = call("status", "--json")
        assert done.exit_code == (0 if ok else 1)
        found: dict[str, Any] = json.loads(done.stdout)
        found["text"] = call("status").stdout
    return found


def test_none_yet(call: Call, paths: Paths) -> None:
    for command in ("show", "renew"):
        done = call("ca", command)
        assert done.exit_code == (1 if command == "show" else 2)
        assert "no certificate yet" in done.stdout + done.stderr
    assert not (paths.state / "ca").exists()


def test_nothing_waits(call: Call, folder: Path, paths: Paths) -> None:
    ca_store.open_authority(folder, ["old.test", "new.test"])
    found = shown(call)
    assert (found["waits"], found["missing"], found["replaced"]) == ([], [], [])
    assert found["domains"] == ["new.test", "old.test"]
    assert found["renewal"]["added"] == found["renewal"]["removed"] == []
    assert {s["state"] for s in status(call, paths, ok=True)["sites"]} == {"protected"}


def test_a_site_that_waits_is_named_everywhere_until_the_parent_agrees(call: Call, folder: Path, paths: Paths) -> None:
    before = ca_store.open_authority(folder, ["old.test", "gone.test"]).authority.root_pem
    found = shown(call)
    assert found["missing"] == ["new.test"]
    assert (found["renewal"]["added"], found["renewal"]["removed"]) == (["new.test"], ["gone.test"])
    told = status(call, paths, ok=True)
    assert {s["site"]: s["state"] for s in told["sites"]} == {"old": "protected", "new": "waiting"}
    assert "wait for your yes" in told["text"]

    for answer in ("n\n", "\n", ""):
        done = call("ca", "renew", stdin=answer)
        assert done.exit_code == 1
        for said in ("new.test", "gone.test", "valid until"):
            assert said in done.stdout
        assert ca_store.roots(folder) == ca_store.Roots(before, ())

    done = call("ca", "renew", stdin="y\n")
    assert done.exit_code == 0
    roots = ca_store.roots(folder)
    assert roots.old == (before,)
    found = shown(call)
    assert (found["waits"], found["domains"]) == ([], ["new.test", "old.test", "www.old.test"])
    assert found["replaced"] == [ca_store.fingerprint(before)]
    assert found["fingerprint"] == ca_store.fingerprint(roots.new)
    told = status(call, paths, ok=True)
    assert {s["state"] for s in told["sites"]} == {"protected"}
    assert "replaced" in told["text"]


@pytest.mark.parametrize(("age", "ok", "word"), [(1070, True, "ends on"), (1100, False, "ended on"), (900, True, "")])
def test_an_end_that_comes_near(call: Call, folder: Path, paths: Paths, age: int, ok: bool, word: str) -> None:
    ca_store.open_authority(folder, ["old.test", "new.test"], NOW - dt.timedelta(days=age))
    told = status(call, paths, ok=ok)
    assert [word in line for line in told["certificate"]["waits"]] == ([True] if word else [])
    assert word in told["text"]
    assert call("ca", "renew", "--yes").exit_code == 0
    assert ca_store.read(folder).ends > NOW + ca.VALID - dt.timedelta(days=3)
    assert status(call, paths, ok=True)["certificate"]["waits"] == []


def test_a_broken_file_is_said_and_can_be_renewed(call: Call, folder: Path, paths: Paths) -> None:
    ca_store.open_authority(folder, ["old.test"])
    (folder / ca_store.FILE).write_text("junk")
    assert "BROKEN" in status(call, paths, ok=False)["text"]
    assert call("ca", "show").exit_code == 1
    assert call("ca", "renew", "--yes").exit_code == 0
    assert shown(call)["error"] == ""


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_key_that_others_can_read_is_no_reason_to_renew_silently(call: Call, folder: Path) -> None:
    ca_store.open_authority(folder, ["old.test"])
    (folder / ca_store.FILE).chmod(0o644)
    before = (folder / ca_store.FILE).read_bytes()
    done = call("ca", "renew", "--yes")
    assert done.exit_code == 2
    assert "chmod 600" in done.stderr
    assert (folder / ca_store.FILE).read_bytes() == before
