"""Looks which browsers are installed, whether they heed our policy, and where certificates are trusted."""

from __future__ import annotations

import base64
import binascii
import json
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from safeguard.errors import ProxyError
from safeguard.setup import databases, policies, trust
from safeguard.setup.doctor.facts import BrowserThere, Policy, TrustStore
from safeguard.setup.doctor.look_files import listed, read
from safeguard.system import browser, browser_nss

PATH = "/usr/local/bin:/usr/bin:/bin:/opt/google/chrome:/opt/microsoft/msedge:/opt/brave.com/brave"
"""Where browsers are for every account; those of snap are look_packed's."""
TITLES = {"chromium": "Chromium", "chrome": "Google Chrome", "edge": "Microsoft Edge", "brave": "Brave", "firefox": "Firefox"}
PROGRAMS = {name: programs for name, (_, programs) in browser.NAMES.items()} | {"brave": ("brave-browser", "brave-browser-stable", "brave")}
BUNDLE = PurePosixPath("/etc/ssl/certs/ca-certificates.crt")
_WATCHED = re.compile(r"var watched = (\{.*?\});")


def there(root: Path, port: int, domains: Collection[str], path: str = "") -> tuple[BrowserThere, ...]:
    """Every browser installed for all, and how it stands to our policy for that port and those watched domains."""
    out = []
    for name, programs in PROGRAMS.items():
        program = next((found for p in programs if (found := shutil.which(p, path=path or PATH))), None)
        if program:
            policy, place = _policy(name, root, port, domains)
            out.append(BrowserThere(TITLES[name], program, policy, place))
    return tuple(out)


def _policy(name: str, root: Path, port: int, domains: Collection[str]) -> tuple[Policy, str]:
    if name == "firefox":
        proxy = _inside(_firefox(root), "Proxy")
        heeded = proxy if proxy.get("Mode") == "autoConfig" and proxy.get("Locked") is True else {}
        return _state(bool(_firefox(root)), heeded.get("AutoConfigURL"), port, domains), str(policies.FIREFOX_FILE)
    folders = [f for f in policies.CHROMIUM_FOLDERS if f.parts[-3].startswith(name)]
    states = []
    for folder in folders:
        proxy = _inside(_chromium(_at(root, folder)), "ProxySettings")
        heeded = proxy if proxy.get("ProxyMode") == "pac_script" and proxy.get("ProxyPacMandatory") is True else {}
        ours = _at(root, folder / policies.CHROMIUM_FILE).is_file()
        states.append((_state(ours, heeded.get("ProxyPacUrl"), port, domains), str(folder)))
    # which of two folders a distribution's Chromium reads is not known, and setup fills both: the worse one counts
    return next((s for s in states if s[0] is not Policy.OURS), states[0])


def _state(ours: bool, pac: Any, port: int, domains: Collection[str]) -> Policy:
    if not ours:
        return Policy.MISSING
    code = _code(pac) if isinstance(pac, str) else ""
    if "FindProxyForURL" not in code or 'return "PROXY 127.0.0.1:' not in code:
        return Policy.OTHER
    told = _WATCHED.search(code)
    names = json.loads(told[1]).keys() if told else domains  # without a list everything goes to the filter
    return Policy.OURS if f'"PROXY 127.0.0.1:{port}"' in code and set(domains) <= set(names) else Policy.OLD


def _code(url: str) -> str:
    """The script in a `data:` address, "" where there is none."""
    try:
        return base64.b64decode(url.partition(";base64,")[2]).decode() if url.startswith("data:") else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _chromium(folder: Path) -> dict[str, Any]:
    """What Chromium makes of all files of the folder: of two that speak of one policy the last by name is heard."""
    told: dict[str, Any] = {}
    for path in listed(folder, "*.json"):
        told |= _json(path)
    return told


def _firefox(root: Path) -> dict[str, Any]:
    return _inside(_json(_at(root, policies.FIREFOX_FILE)), "policies")


def stores(root: Path, root_pem: bytes, homes: Collection[tuple[str, Path]]) -> tuple[TrustStore, ...]:
    """The system's store, and the databases of the browsers in these (account, home)."""
    return (_system(root, root_pem), *(store for account, home in homes for store in _databases(root, root_pem, account, home)))


def _system(root: Path, root_pem: bytes) -> TrustStore:
    body = root_pem.strip()
    has = all(body in read(_at(root, path)) for path in (trust.SYSTEM_ROOT, BUNDLE))
    return TrustStore(f"{trust.SYSTEM_ROOT} and {BUNDLE}, for programs that are no browser", has)


def _databases(root: Path, root_pem: bytes, account: str, home: Path) -> Iterator[TrustStore]:
    """Those that exist. Firefox copies the certificate there itself where its policy says so."""
    body = "".join(root_pem.decode("ascii").split()[2:-2])
    chromium = any(body in str(_chromium(_at(root, f)).get("CACertificates", "")) for f in policies.CHROMIUM_FOLDERS)
    firefox = str(policies.FIREFOX_ROOT) in str(_inside(_firefox(root), "Certificates").get("Install", ""))
    for place in (*databases.CHROMIUM, *(f"{app}/{p}" for app in databases.PACKED for p in databases.CHROMIUM)):
        for found in listed(home, f"{place}/cert9.db"):
            yield TrustStore(str(found.parent), trusted(found.parent, root_pem, account), account, by_policy=chromium)
    for place in databases.FIREFOX if not firefox else ():
        for found in listed(home, f"{place}/*/cert9.db"):
            yield TrustStore(str(found.parent), trusted(found.parent, root_pem, account), account)


def trusted(database: Path, root_pem: bytes, account: str) -> bool | None:
    """Whether the database has that certificate; None where it cannot be looked at. The child's account looks: the file is the child's."""
    listing = _certutil(database, account)
    if listing is None:
        return None
    names = [line.rsplit(None, 1)[0] for line in listing.splitlines() if line.startswith(browser_nss.NICKNAME)]
    wanted = "".join(root_pem.decode("ascii").split())
    return any(wanted in "".join((_certutil(database, account, "-n", name, "-a") or "").split()) for name in names)


def _certutil(database: Path, account: str, *more: str) -> str | None:
    try:
        command = [browser_nss.certutil(), "-L", "-d", f"sql:{database}", *more]
        entry = pwd.getpwnam(account)
        other: dict[str, Any] = {}
        if os.geteuid() == 0 and entry.pw_uid:  # with an environment that the account may read
            other = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "env": {"PATH": PATH, "LC_ALL": "C.UTF-8"}}
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False, cwd="/", **other)
    except (ProxyError, OSError, KeyError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(read(path) or b"null")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _inside(told: dict[str, Any], key: str) -> dict[str, Any]:
    found = told.get(key)
    return found if isinstance(found, dict) else {}


def _at(root: Path, path: PurePosixPath) -> Path:
    return root / path.relative_to("/")
