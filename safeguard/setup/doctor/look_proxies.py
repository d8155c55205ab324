"""Looks for proxies that somebody set: in the environment, in GNOME's and KDE's settings, in the profiles of browsers."""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from safeguard.setup import databases
from safeguard.setup.doctor import dconf
from safeguard.setup.doctor.facts import ProxySet
from safeguard.setup.doctor.look_files import listed, read, text

VARIABLES = ("http_proxy", "https_proxy", "all_proxy")
ENVIRONMENTS = ("etc/environment", "etc/profile.d/*.sh")
OF_HOME = (".profile", ".bash_profile", ".bashrc", ".pam_environment", ".config/environment.d/*.conf")
CHROMIUMS = (
    ".config/chromium",
    ".config/google-chrome",
    ".config/microsoft-edge",
    ".config/BraveSoftware/Brave-Browser",
    "snap/chromium/common/chromium",
    ".var/app/*/config/chromium",
    ".var/app/*/config/google-chrome",
    ".var/app/*/config/microsoft-edge",
    ".var/app/*/config/BraveSoftware/Brave-Browser",
)
"""Where Chromium and its kin keep profiles, relative to a home."""
_SET = re.compile(
    rf"^[ \t]*(?:export[ \t]+)?({'|'.join(VARIABLES)})[ \t]*(?:DEFAULT)?=[ \t]*[\"']?([^\s\"'#;]+)", re.MULTILINE | re.IGNORECASE
)
_PREF = re.compile(r'^user_pref\("network\.proxy\.([a-z_.]+)",[ ]*("(?:[^"\\]|\\.)*"|-?\d+|true|false)\);', re.MULTILINE)
_KDE = {"1": "manual", "2": "a script", "3": "found by itself", "4": "of the environment"}
_FIREFOX = {1: "manual", 2: "a script", 4: "found by itself"}
OF_BROWSER = ("a Firefox profile", "a browser's profile", "an extension of a browser")
"""How `where` begins where a browser itself has the proxy."""
_MOST_SHOWN = 200


def in_environment(environment: Mapping[str, str]) -> Iterator[ProxySet]:
    """Of this session."""
    for name, value in environment.items():
        if name.lower() in VARIABLES and value:
            yield ProxySet(f"the environment variable {name} of this session", _short(value))


def of_system(root: Path = Path("/")) -> Iterator[ProxySet]:
    """For every account."""
    for pattern in ENVIRONMENTS:
        for path in listed(root, pattern):
            yield from _variables(path, "")
    for path in listed(root, "etc/dconf/db/*"):
        yield from _gnome(path, "")


def of_home(home: Path, whose: str) -> Iterator[ProxySet]:
    """Of one account; whether a browser heeds a policy instead is not known here."""
    for pattern in OF_HOME:
        for path in listed(home, pattern):
            yield from _variables(path, whose)
    yield from _gnome(home / ".config/dconf/user", whose)
    yield from _kde(home / ".config/kioslaverc", whose)
    for place in CHROMIUMS:
        for path in listed(home, f"{place}/*/Preferences"):
            yield from _chromium(path, whose)
    for place in databases.FIREFOX:
        for path in (*listed(home, f"{place}/*/prefs.js"), *listed(home, f"{place}/*/user.js")):
            yield from _firefox(path, whose)


def _variables(path: Path, whose: str) -> Iterator[ProxySet]:
    for name, value in _SET.findall(text(path)):
        yield ProxySet(str(path), _short(f"{name}={value}"), whose)


def _gnome(path: Path, whose: str) -> Iterator[ProxySet]:
    told = dconf.values(read(path))
    at = "/system/proxy/"
    match told.get(at + "mode"):
        case "manual":
            hosts = [
                f"{told[at + k + '/host']}:{told.get(at + k + '/port', '')}"
                for k in ("http", "https", "socks")
                if told.get(at + k + "/host")
            ]
            yield ProxySet(f"GNOME's network settings ({path})", _short(", ".join(hosts) or "manual"), whose)
        case "auto":
            yield ProxySet(f"GNOME's network settings ({path})", _short(str(told.get(at + "autoconfig-url") or "found by itself")), whose)


def _kde(path: Path, whose: str) -> Iterator[ProxySet]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text(path))
    except configparser.Error:
        return
    told = dict(parser.items("Proxy Settings")) if parser.has_section("Proxy Settings") else {}
    kind = _KDE.get((told.get("proxytype") or "").strip())
    if kind:
        value = (
            told.get("proxy config script")
            if kind == "a script"
            else told.get("httpsproxy") or told.get("httpproxy") or told.get("socksproxy")
        )
        yield ProxySet(f"KDE's network settings ({path})", _short(value or kind), whose)


def _firefox(path: Path, whose: str) -> Iterator[ProxySet]:
    told = {}
    for name, value in _PREF.findall(text(path)):
        try:
            told[name] = json.loads(value)
        except ValueError:
            continue
    kind = _FIREFOX.get(told.get("type", 5) if isinstance(told.get("type", 5), int) else 5)
    if kind:
        value = told.get("autoconfig_url") if kind == "a script" else told.get("ssl") or told.get("http") or told.get("socks")
        yield ProxySet(f"a Firefox profile ({path})", _short(str(value or kind)), whose)


def _chromium(path: Path, whose: str) -> Iterator[ProxySet]:
    try:
        told = json.loads(read(path) or b"null")
    except (ValueError, RecursionError):
        return
    proxy = _inside(told, "proxy")
    if proxy.get("mode") in ("fixed_servers", "pac_script", "auto_detect"):
        value = proxy.get("server") or proxy.get("pac_url") or proxy["mode"]
        yield ProxySet(f"a browser's profile ({path})", _short(str(value)), whose)
    for id_, extension in _inside(_inside(told, "extensions"), "settings").items():
        if _inside(_inside(extension, "preferences"), "proxy"):
            yield ProxySet(f"an extension of a browser ({path})", _short(f"the extension {id_} sets the proxy"), whose)


def _inside(told: Any, key: str) -> dict[str, Any]:
    found = told.get(key) if isinstance(told, dict) else None
    return found if isinstance(found, dict) else {}


def _short(value: str) -> str:
    """Without a password, and not longer than a line."""
    return re.sub(r"//[^/@\s]*@", "//…@", value)[:_MOST_SHOWN]
