"""Whether installed browsers heed our policy, by the very files that setup writes; certificates in a real NSS database."""

from __future__ import annotations

import datetime as dt
import json
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest

from safeguard.proxy import ca
from safeguard.setup import policies, trust
from safeguard.setup.doctor import look_browsers
from safeguard.setup.doctor.facts import Policy
from safeguard.system import browser_nss, browser_pac

DOMAINS = ("video.test", "photos.test")
PORT = 8877
AUTHORITY = ca.issue(DOMAINS, dt.datetime.now(dt.UTC))
CHROMIUM = next(iter(policies.CHROMIUM_FOLDERS))
needs_certutil = pytest.mark.skipif(shutil.which("certutil") is None, reason="needs certutil (libnss3-tools)")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def path(tmp_path: Path) -> str:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("chromium", "firefox-esr", "brave-browser"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return str(folder)


def at(root: Path, place: PurePosixPath) -> Path:
    found = root / place.relative_to("/")
    found.parent.mkdir(parents=True, exist_ok=True)
    return found


def under_policy(root: Path, port: int = PORT, domains: tuple[str, ...] = DOMAINS, pac: str = "") -> None:
    """As setup leaves it."""
    url = pac or browser_pac.data_url(domains, f"127.0.0.1:{port}")
    for place, data in policies.files(url, AUTHORITY.root_pem, policies.Options()).items():
        at(root, place).write_bytes(data)


def states(root: Path, path: str) -> dict[str, Policy]:
    return {b.title: b.policy for b in look_browsers.there(root, PORT, DOMAINS, path)}


def test_without_a_policy(root: Path, path: str) -> None:
    assert states(root, path) == {"Chromium": Policy.MISSING, "Brave": Policy.MISSING, "Firefox": Policy.MISSING}
    assert look_browsers.there(root, PORT, DOMAINS, "/nowhere") == ()


def test_under_policy(root: Path, path: str) -> None:
    under_policy(root)
    assert set(states(root, path).values()) == {Policy.OURS}


def test_in_strict_mode_everything_goes_to_the_filter(root: Path, path: str) -> None:
    under_policy(root, pac=browser_pac.all_url(f"127.0.0.1:{PORT}"))
    assert set(states(root, path).values()) == {Policy.OURS}


@pytest.mark.parametrize(("port", "domains"), [(9000, DOMAINS), (PORT, DOMAINS[:1])], ids=["another port", "a site more is watched"])
def test_a_policy_of_before(root: Path, path: str, port: int, domains: tuple[str, ...]) -> None:
    under_policy(root, port, domains)
    assert set(states(root, path).values()) == {Policy.OLD}


def other_file(root: Path) -> None:
    told = {"ProxySettings": {"ProxyMode": "direct"}}
    at(root, CHROMIUM / "zzz-other.json").write_text(json.dumps(told))


def another_pac(root: Path) -> None:
    file = at(root, CHROMIUM / policies.CHROMIUM_FILE)
    told = json.loads(file.read_bytes())
    told["ProxySettings"]["ProxyPacUrl"] = "data:application/x-ns-proxy-autoconfig;base64,eA=="
    file.write_text(json.dumps(told))


def not_mandatory(root: Path) -> None:
    file = at(root, CHROMIUM / policies.CHROMIUM_FILE)
    file.write_text(file.read_text().replace('"ProxyPacMandatory": true', '"ProxyPacMandatory": false'))


@pytest.mark.parametrize("change", [other_file, another_pac, not_mandatory])
def test_somebody_elses_policy_has_its_say(root: Path, path: str, change: Callable[[Path], None]) -> None:
    under_policy(root)
    change(root)
    assert states(root, path) == {"Chromium": Policy.OTHER, "Brave": Policy.OURS, "Firefox": Policy.OURS}


def test_a_policy_of_firefox_that_the_child_could_change(root: Path, path: str) -> None:
    under_policy(root)
    file = at(root, policies.FIREFOX_FILE)
    file.write_text(file.read_text().replace('"Locked": true', '"Locked": false'))
    assert states(root, path)["Firefox"] is Policy.OTHER
    file.write_text("{")
    assert states(root, path)["Firefox"] is Policy.MISSING


def test_the_systems_store(root: Path) -> None:
    def has() -> bool | None:
        [store] = look_browsers.stores(root, AUTHORITY.root_pem, [])
        return store.has

    assert has() is False
    at(root, trust.SYSTEM_ROOT).write_bytes(AUTHORITY.root_pem)
    assert has() is False  # update-ca-certificates did not run
    at(root, look_browsers.BUNDLE).write_bytes(b"another\n" + AUTHORITY.root_pem)
    assert has() is True
    other = ca.issue(DOMAINS, dt.datetime.now(dt.UTC))
    at(root, trust.SYSTEM_ROOT).write_bytes(other.root_pem)
    assert has() is False


@pytest.fixture
def child(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An account of its own where root runs the tests, else the one that does; and a home that it may enter."""
    if os.geteuid() != 0:
        yield pwd.getpwuid(os.geteuid()).pw_name, tmp_path / "home"
        return
    name = f"sgt-{secrets.token_hex(4)}"
    home = Path("/var/tmp") / name
    try:
        subprocess.run(["useradd", "--create-home", "--home-dir", str(home), name], check=True, capture_output=True)
        yield name, home
    finally:
        subprocess.run(["userdel", "--force", "--remove", name], check=False, capture_output=True)


def give(home: Path, account: str) -> None:
    entry = pwd.getpwnam(account)
    for found in (home, *home.rglob("*")):
        os.chown(found, entry.pw_uid, entry.pw_gid)


@needs_certutil
def test_real_databases_of_a_childs_browsers(root: Path, child: tuple[str, Path]) -> None:
    account, home = child
    good, other, profile = home / ".pki/nssdb", home / ".local/share/pki/nssdb", home / ".mozilla/firefox/ab12.default"
    browser_nss.trust(good, AUTHORITY.root_pem)
    browser_nss.trust(other, ca.issue(DOMAINS, dt.datetime.now(dt.UTC)).root_pem)  # one of an earlier setup
    browser_nss.trust(profile, AUTHORITY.root_pem)
    browser_nss.forget(profile)
    give(home, account)
    found = {s.where: s for s in look_browsers.stores(root, AUTHORITY.root_pem, [child]) if s.whose}
    assert {where: s.has for where, s in found.items()} == {str(good): True, str(other): False, str(profile): False}
    assert not any(s.by_policy for s in found.values())
    under_policy(root)
    found = {s.where: s for s in look_browsers.stores(root, AUTHORITY.root_pem, [child]) if s.whose}
    assert set(found) == {str(good), str(other)}  # Firefox copies it there itself by policy
    assert all(s.by_policy for s in found.values())


@needs_certutil
def test_a_broken_database(root: Path, child: tuple[str, Path]) -> None:
    account, home = child
    folder = home / ".pki/nssdb"
    folder.mkdir(parents=True)
    (folder / "cert9.db").write_bytes(b"no database")
    give(home, account)
    assert [s.has for s in look_browsers.stores(root, AUTHORITY.root_pem, [child]) if s.whose] == [None]
