"""What was looked at one by one, put together: a browser's own proxy counts only where a browser heeds something else than our policy."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from safeguard.config import Settings
from safeguard.proxy import ca, ca_store
from safeguard.setup import policies
from safeguard.setup.doctor import look_accounts, look_browsers
from safeguard.setup.doctor.checks import findings
from safeguard.setup.doctor.facts import Facts
from safeguard.setup.doctor.gather import gather
from safeguard.system import browser_pac
from safeguard.system.paths import Paths
from tests.cli.conftest import ship

PORT = 18877
AUTHORITY = ca.issue(["plain.test"], dt.datetime.now(dt.UTC))
__all__ = ["ship"]


@pytest.fixture
def look(ship: Callable[[dict[str, str]], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], Facts]:
    """A computer with Chromium and one home, whose Chromium has a proxy of its own, and an environment that has another."""
    ship({"sites/plain.yaml": "title: Plain\ndomains: [plain.test]\n"})
    program, home, root = tmp_path / "bin" / "chromium", tmp_path / "home", tmp_path / "root"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr(look_browsers, "PATH", str(program.parent))
    monkeypatch.setattr(look_accounts, "people", lambda: ["anna"])
    monkeypatch.setattr(look_accounts, "home", lambda name: home)
    preferences = home / ".config/chromium/Default/Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps({"proxy": {"mode": "fixed_servers", "server": "10.0.0.1:3128"}}))
    environment = {"https_proxy": "http://10.0.0.2:1"}
    return lambda: gather(Settings(port=PORT), root=root, offline=True, environment=environment)


def proxies(facts: Facts) -> dict[str, bool]:
    """Where -> whether that is wrong."""
    return {f.where.rsplit(" ", 1)[1]: f.wrong for f in findings(facts) if f.id == "proxy"}


def test_proxies_without_and_under_our_policy(look: Callable[[], Facts], tmp_path: Path) -> None:
    assert proxies(look()) == {"10.0.0.1:3128": True, "http://10.0.0.2:1": True}
    url = browser_pac.data_url(["plain.test"], f"127.0.0.1:{PORT}")
    for place, data in policies.files(url, AUTHORITY.root_pem, policies.Options()).items():
        path = tmp_path / "root" / place.relative_to("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert proxies(look()) == {"10.0.0.1:3128": False, "http://10.0.0.2:1": True}


def test_an_authority_of_before_and_one_that_is_broken(look: Callable[[], Facts], paths: Paths) -> None:
    assert (look().ca_ends, look().ca_error, look().stores) == (None, "", ())
    file = paths.state / "ca" / ca_store.FILE
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_bytes(AUTHORITY.to_pem())
    facts = look()
    assert facts.ca_ends == AUTHORITY.root.not_valid_after_utc
    assert [s.has for s in facts.stores] == [False]
    file.write_bytes(ca.issue(["other.test"], dt.datetime.now(dt.UTC)).to_pem())
    assert look().ca_missing == ("plain.test",)
    file.write_bytes(b"broken")
    assert "broken" in look().ca_error
