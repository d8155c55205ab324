"""Proxies set elsewhere are found in the files that desktops and browsers write; no file of a child can hold the look up."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.setup.doctor import dconf, look_proxies
from safeguard.setup.doctor.facts import ProxySet

# `dconf compile` (0.40) of: system/proxy mode 'manual', autoconfig-url ''; system/proxy/https host '10.0.0.1', port 3128; a clock format
DCONF = base64.b64decode(
    "R1ZhcmlhbnQAAAAAAAAAABgAAACMAQAAAAAAKA0AAAAAAAAAAAAAAAEAAAACAAAABQAAAAcAAAAIAAAACQAAAAoAAAAKAAAACwAAAAsAAAALAAAA1LUCAP////+M"
    "AQAAAQBMAJABAACYAQAAG7RHxAoAAACYAQAABgBMAKABAACoAQAAiG/dGQoAAACoAQAADgB2ALgBAAC7AQAAS1CQCwAAAAC7AQAABABMAMABAADEAQAAsLckMAMA"
    "AADEAQAABgBMAMwBAADQAQAAO2+qCQgAAADQAQAADAB2AOABAADmAQAA6DfVkgAAAADmAQAABwBMAPABAAD0AQAAeTglSwEAAAD0AQAABAB2APgBAAADAgAAOcU7"
    "TwkAAAADAgAACgBMABACAAAUAgAAuYj92gQAAAAUAgAACABMABwCAAAgAgAAGSL5MQYAAAAgAgAABgBMACgCAAA0AgAAXjG87woAAAA0AgAABAB2ADgCAABBAgAA"
    "YJspSwEAAABBAgAABAB2AEgCAABOAgAALwAAAAMAAAAGAAAAaHR0cHMvAAAHAAAADAAAAGF1dG9jb25maWctdXJsAAAAAHNvcmcvAAQAAABnbm9tZS8AAAkAAABj"
    "bG9jay1mb3JtYXQAAAAAMjRoAABzc3lzdGVtLwAAAAoAAABob3N0MTAuMC4wLjEAAHNpbnRlcmZhY2UvAAAABQAAAGRlc2t0b3AvCAAAAHByb3h5LwAAAgAAAAEA"
    "AAALAAAAbW9kZW1hbnVhbAAAc3BvcnQAAAA4DAAAAGk="
)
CHROMIUM = ".config/chromium/Default/Preferences"
FIREFOX = ".mozilla/firefox/ab12.default/prefs.js"

FILES: dict[str, tuple[str, str | bytes, list[str]]] = {
    "profile": (".profile", "export https_proxy='http://anna:secret@10.0.0.1:3128'\n", ["https_proxy=http://…@10.0.0.1:3128"]),
    "environment.d": (".config/environment.d/x.conf", "ALL_PROXY=socks5://localhost:9050\n", ["ALL_PROXY=socks5://localhost:9050"]),
    "a comment": (".bashrc", "# https_proxy=x\nno_proxy=localhost\n", []),
    "gnome": (".config/dconf/user", DCONF, ["10.0.0.1:3128"]),
    "gnome without": (".config/dconf/user", DCONF.replace(b"manual", b"none\0\0"), []),
    "kde": (".config/kioslaverc", "[Proxy Settings]\nProxyType=1\nhttpsProxy=http://10.0.0.1 3128\n", ["http://10.0.0.1 3128"]),
    "kde script": (".config/kioslaverc", "[Proxy Settings]\nProxy Config Script=http://x/p.pac\nProxyType=2\n", ["http://x/p.pac"]),
    "kde none": (".config/kioslaverc", "[Proxy Settings]\nProxyType=0\nhttpsProxy=http://10.0.0.1 3128\n", []),
    "kde broken": (".config/kioslaverc", "ProxyType=1\n[[[", []),
    "firefox": (
        FIREFOX,
        'user_pref("network.proxy.ssl", "10.0.0.1");\nuser_pref("network.proxy.type", 1);\n',
        ["10.0.0.1"],
    ),
    "firefox script": (
        FIREFOX,
        'user_pref("network.proxy.autoconfig_url", "http://x/\\"p");\nuser_pref("network.proxy.type", 2);\n',
        ['http://x/"p'],
    ),
    "firefox as the system": (FIREFOX, 'user_pref("network.proxy.type", 5);\nuser_pref("network.proxy.ssl", "10.0.0.1");\n', []),
    "firefox direct": (FIREFOX, 'user_pref("network.proxy.type", 0);\n', []),
    "firefox user.js": (".mozilla/firefox/ab12.default/user.js", 'user_pref("network.proxy.type", 4);\n', ["found by itself"]),
    "chromium": (CHROMIUM, json.dumps({"proxy": {"mode": "fixed_servers", "server": "10.0.0.1:3128"}}), ["10.0.0.1:3128"]),
    "chromium as the system": (CHROMIUM, json.dumps({"proxy": {"mode": "system"}}), []),
    "brave": (
        ".config/BraveSoftware/Brave-Browser/Profile 1/Preferences",
        json.dumps({"proxy": {"mode": "pac_script", "pac_url": "http://x/p.pac"}}),
        ["http://x/p.pac"],
    ),
    "an extension": (
        CHROMIUM,
        json.dumps({"extensions": {"settings": {"abcd": {"preferences": {"proxy": {"mode": "fixed_servers"}}}}}}),
        ["the extension abcd sets the proxy"],
    ),
    "chromium odd": (CHROMIUM, '{"proxy": [1], "extensions": {"settings": {"a": 1}}}', []),
    "chromium broken": (CHROMIUM, "{" * 100_000, []),
}


@pytest.mark.parametrize("name", FILES)
def test_in_a_home(name: str, tmp_path: Path) -> None:
    file, data, values = FILES[name]
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    found = list(look_proxies.of_home(tmp_path, "anna"))
    assert [p.value for p in found] == values
    assert all(str(path) in p.where and p.whose == "anna" for p in found)


def test_for_all_accounts(tmp_path: Path) -> None:
    (tmp_path / "etc/profile.d").mkdir(parents=True)
    (tmp_path / "etc/dconf/db").mkdir(parents=True)
    (tmp_path / "etc/environment").write_text('PATH="/usr/bin"\nhttp_proxy="http://p:1"\n')
    (tmp_path / "etc/profile.d/proxy.sh").write_text("export HTTPS_PROXY=http://p:2\n")
    (tmp_path / "etc/dconf/db/local").write_bytes(DCONF)
    assert [p.value for p in look_proxies.of_system(tmp_path)] == ["http_proxy=http://p:1", "HTTPS_PROXY=http://p:2", "10.0.0.1:3128"]


def test_of_this_session() -> None:
    found = list(look_proxies.in_environment({"https_proxy": "http://me:secret@p:1", "HTTP_PROXY": "", "no_proxy": "x", "HOME": "/"}))
    assert found == [ProxySet("the environment variable https_proxy of this session", "http://…@p:1")]


@pytest.mark.parametrize("kind", ["pipe", "link", "folder", "huge"])
def test_what_stands_in_the_place_of_a_file_is_passed_over(kind: str, tmp_path: Path) -> None:
    path = tmp_path / CHROMIUM
    path.parent.mkdir(parents=True)
    told = json.dumps({"proxy": {"mode": "fixed_servers", "server": "x"}})
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "link":
            (tmp_path / "other").write_text(told)
            path.symlink_to(tmp_path / "other")
        case "folder":
            path.mkdir()
        case "huge":
            with path.open("w") as f:
                f.write(told)
                f.truncate(10**10)
    assert list(look_proxies.of_home(tmp_path, "anna")) == []


def test_dconf() -> None:
    found = dconf.values(DCONF)
    assert found == {
        "/system/proxy/mode": "manual",
        "/system/proxy/autoconfig-url": "",
        "/system/proxy/https/host": "10.0.0.1",
        "/system/proxy/https/port": 3128,
        "/org/gnome/desktop/interface/clock-format": "24h",
    }


@given(st.binary(max_size=200), st.integers(0, len(DCONF)), st.integers(0, 60))
def test_dconf_of_any_bytes(data: bytes, at: int, cut: int) -> None:
    for tried in (data, DCONF[:at] + data + DCONF[at + cut :], DCONF[:at]):
        dconf.values(tried)
