"""Each check by itself: what it names, for which facts, and that it says nothing where all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from safeguard.setup.doctor.checks import ALL, findings
from safeguard.setup.doctor.facts import BrowserThere, Child, Facts, Holder, Policy, Port, ProxySet, Seen, Shown, TrustStore, Tunnel

NOW = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)
WELL = Facts(
    now=NOW,
    released=NOW.date() - timedelta(days=30),
    clock=(NOW, NOW + timedelta(minutes=2)),
    shown=(Shown("video.test", Seen.PUBLIC, "A public authority", NOW),),
    tunnels=(Tunnel("tun0", "tun", False),),
    children=(Child("anna"),),
    browsers=(BrowserThere("Chromium", "/usr/bin/chromium", Policy.OURS, "/etc/chromium"),),
    stores=(TrustStore("the system", True),),
    ca_ends=NOW + timedelta(days=31),
)
CHROMIUM = BrowserThere("Chromium", "/usr/bin/chromium", Policy.MISSING, "/etc/chromium/policies/managed")
PACKED = BrowserThere("Firefox (snap)", "/snap/firefox", Policy.PACKED, "snap remove firefox")
TAKEN = Port(8877, True, False, Holder("nc -l 8877", 4711, "anna"))

# id of the case -> (what is other than well, id of the finding, whether it is wrong, words of it)
CASES: dict[str, tuple[dict[str, Any], str, bool, tuple[str, ...]]] = {
    "antivirus": (
        {"shown": (Shown("video.test", Seen.LOCAL, "Acme Web Shield"),)},
        "intercepted",
        True,
        ("Acme Web Shield", "HTTPS scanning"),
    ),
    "café": ({"shown": (Shown("video.test", Seen.UNKNOWN, "Hotel"),)}, "intercepted", True, ("Hotel", "nobody trusts")),
    "no network": ({"shown": (Shown("video.test", Seen.UNREACHED),)}, "no-network", False, ("video.test",)),
    "vpn": ({"tunnels": (Tunnel("wg0", "wireguard", True),)}, "vpn", True, ("wg0", "wireguard")),
    "proxy": ({"proxies": (ProxySet("GNOME", "10.0.0.1:3128", "anna"),)}, "proxy", True, ("GNOME (anna): 10.0.0.1:3128",)),
    "proxy under policy": ({"proxies": (ProxySet("a profile", "p:1", "anna", policy=True),)}, "proxy", False, ("not used",)),
    "clock before the release": (
        {"now": NOW - timedelta(days=40), "clock": None, "shown": ()},
        "clock",
        True,
        ("2030-04-22", "2030-05-02"),
    ),
    "clock behind": ({"shown": (), "clock": (NOW + timedelta(hours=3), NOW)}, "clock", True, ("3 hours behind",)),
    "clock ahead": ({"shown": (), "clock": (NOW, NOW + timedelta(minutes=11))}, "clock", True, ("11 minutes ahead",)),
    "clock by a site that was asked": (
        {"shown": (Shown("video.test", Seen.PUBLIC, "", NOW + timedelta(days=3)),)},
        "clock",
        True,
        ("3 days behind",),
    ),
    "clock by a certificate": ({"shown": (Shown("video.test", Seen.DATED, "A"),)}, "clock", True, ("not valid at the time",)),
    "no policy": ({"browsers": (CHROMIUM,)}, "browser", True, ("Chromium is installed and does not go through", "/etc/chromium")),
    "another policy": ({"browsers": (replace(CHROMIUM, policy=Policy.OTHER),)}, "browser", True, ("policy of somebody else",)),
    "an old policy": ({"browsers": (replace(CHROMIUM, policy=Policy.OLD),)}, "browser", True, ("no longer fits",)),
    "from snap": ({"browsers": (PACKED,)}, "browser", True, ("Firefox (snap) is not protected", "`snap remove firefox`", "setup --strict")),
    "from snap, in strict mode": (
        {"browsers": (PACKED,), "strict": True, "strict_holds": True},
        "browser",
        False,
        ("Strict mode keeps the child's account",),
    ),
    "administrator by group": ({"children": (Child("anna", ("adm", "sudo")),)}, "administrator", True, ("gpasswd --delete anna sudo",)),
    "administrator by rule": (
        {"children": (Child("anna", (), ("/etc/sudoers.d/x: anna ALL=(ALL) ALL",)),)},
        "administrator",
        True,
        ("/etc/sudoers.d/x: anna", "standard account"),
    ),
    "root": ({"children": (Child("toor", root=True),)}, "administrator", True, ("it is root",)),
    "no such account": ({"children": (Child("ana", missing=True),)}, "account", True, ("profile assign ana --none",)),
    "no child": ({"children": ()}, "no-child", False, ("safeguard profile assign",)),
    "not as root": ({"root": False}, "not-root", False, ("anna", "sudo safeguard doctor")),
    "strict mode is gone": ({"strict": True, "strict_holds": False}, "strict", True, ("not in force",)),
    "no certificate": (
        {"stores": (TrustStore("/home/anna/.pki", False, "anna"),)},
        "certificate",
        True,
        ("(anna) lacks", "/home/anna/.pki"),
    ),
    "certificate by policy": ({"stores": (TrustStore("x", False, "anna", by_policy=True),)}, "certificate", False, ("has it by policy",)),
    "certificate not seen": ({"stores": (TrustStore("x", None, "anna"),)}, "certificate", False, ("could not be looked",)),
    "port taken": ({"port": TAKEN}, "port", True, ("nc -l 8877 (process 4711) of the account anna", "sudo kill 4711")),
    "port taken, seen by the account": (
        {"port": replace(TAKEN, holder=Holder("", 0, "anna"))},
        "port",
        True,
        ("a program of the account anna",),
    ),
    "port taken, not seen": ({"port": replace(TAKEN, holder=None)}, "port", True, ("could not be seen",)),
    "not running": ({"port": Port(8877), "running": 0}, "not-running", True, ("port 8877", "safeguard run")),
    "another port": ({"port": Port(8877)}, "other-port", True, ("not on the port of the settings", "port 8877")),
    "reduced": ({"reduced": (("Reddit", "2030-05-01 10:00"),)}, "reduced", True, ("Reddit, since 2030-05-01", "safeguard update FILE")),
    "authority ends": ({"ca_ends": NOW + timedelta(days=29)}, "authority", True, ("ends soon", "2030-06-30")),
    "authority ended": ({"ca_ends": NOW - timedelta(days=1)}, "authority", True, ("has ended",)),
    "authority broken": ({"ca_error": "file: broken"}, "authority", True, ("file: broken",)),
    "authority not for new sites": ({"ca_missing": ("new.test",)}, "authority", True, ("new.test", "safeguard ca renew")),
    "settings": ({"settings_error": "settings.yaml:3: no"}, "settings", True, ("settings.yaml:3",)),
    "rules": ({"rules_error": "own.yaml:1: no"}, "rules", True, ("own.yaml:1", "rules lint")),
    "pack": ({"pack_unused": "damaged"}, "pack", True, ("damaged", "--rollback")),
    "log": ({"log_error": "log.sqlite: damaged"}, "log", True, ("log.sqlite: damaged",)),
    "log set aside": ({"asides": ("log.sqlite.damaged-2030",)}, "log-aside", False, ("log.sqlite.damaged-2030",)),
    "alerts": ({"alerts": "no desktop"}, "alerts", False, ("no desktop", "safeguard agent")),
    "unsent": ({"unsent": (("tgram (3f9a1c)", "2026-11-01 08:00", "no answer"),)}, "unsent", True, ("tgram (3f9a1c)", "alerts test")),
    "pin": ({"pin": False}, "pin", True, ("sudo safeguard pin set",)),
}


def test_nothing_where_all_is_well() -> None:
    assert findings(WELL) == []
    assert findings(Facts()) == [f for f in findings(Facts()) if f.id == "no-child"]


@pytest.mark.parametrize("case", CASES)
def test_named(case: str) -> None:
    other, id_, wrong, words = CASES[case]
    [found] = findings(replace(WELL, **other))
    assert (found.id, found.wrong) == (id_, wrong)
    said = f"{found.what}\n{found.where}\n{found.mend}"
    for part in words:
        assert part in said
    assert all((found.what, found.where, found.mend))


def test_every_check_has_a_case() -> None:
    met = {check for check in ALL for other, *_ in CASES.values() if any(True for _ in check(replace(WELL, **other)))}
    assert met == set(ALL)


def test_what_is_wrong_comes_before_what_is_worth_knowing() -> None:
    every = replace(WELL, children=(), alerts="x", pin=False, port=TAKEN, running=0, asides=("x",))
    wrong = [f.wrong for f in findings(every)]
    assert wrong == sorted(wrong, reverse=True)
    assert len(wrong) == 6


@pytest.mark.parametrize(
    "other",
    [
        {"pin": None},  # another account's: not for us to see
        {"running": 0},  # our certificate on the port says enough: the service is another account's
        {"clock": None, "shown": ()},
        {"now": NOW - timedelta(days=31), "shown": (), "clock": None, "ca_ends": None},  # a day, for time zones
        {"ca_ends": None},
        {"strict": True, "strict_holds": True},
        {"strict": True, "strict_holds": None},
        {"strict": False, "strict_holds": False},
    ],
    ids=str,
)
def test_not_named(other: dict[str, Any]) -> None:
    assert findings(replace(WELL, **other)) == []
