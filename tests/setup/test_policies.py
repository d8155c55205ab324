"""What the policy files say, and what they leave as it is. That browsers heed them is shown in test_browsers.py."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

import pytest

from safeguard.errors import InputError
from safeguard.setup import policies
from safeguard.setup.policies import FIREFOX_FILE, FIREFOX_OTHERS, FIREFOX_ROOT, Options

PAC = "data:application/x-ns-proxy-autoconfig;base64,eA=="
PEM = b"-----BEGIN CERTIFICATE-----\nQUJD\nREVG\n-----END CERTIFICATE-----\n"
OPEN = Options(own_dns=True, private_windows=True, guest=True, extensions=True)


def of_firefox(options: Options = OPEN, existing: dict[PurePosixPath, bytes] | None = None) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(policies.files(PAC, PEM, options, existing)[FIREFOX_FILE])["policies"]
    return told


def test_every_browser_is_told_where_watched_sites_go_and_whom_to_trust() -> None:
    made = policies.files(PAC, PEM, Options())
    for folder in ("/etc/chromium", "/etc/opt/chrome", "/etc/opt/edge", "/etc/brave"):
        told = json.loads(made[PurePosixPath(folder) / "policies/managed/zz-safeguard.json"])
        assert told["ProxySettings"] == {"ProxyMode": "pac_script", "ProxyPacUrl": PAC, "ProxyPacMandatory": True}
        assert told["CACertificates"] == ["QUJDREVG"]
        assert told["QuicAllowed"] is False
    assert of_firefox()["Proxy"] == {"Mode": "autoConfig", "AutoConfigURL": PAC, "Locked": True}
    assert of_firefox()["Certificates"] == {"Install": [str(FIREFOX_ROOT)]}
    assert made[FIREFOX_ROOT] == PEM


CHOICES: dict[str, tuple[Options, set[str], set[str]]] = {
    "names": (Options(private_windows=True, guest=True, extensions=True), {"DnsOverHttpsMode"}, {"DNSOverHTTPS"}),
    "private": (Options(own_dns=True, guest=True, extensions=True), {"IncognitoModeAvailability"}, {"DisablePrivateBrowsing"}),
    "guest": (Options(own_dns=True, private_windows=True, extensions=True), {"BrowserGuestModeEnabled"}, set()),
    "extensions": (Options(own_dns=True, private_windows=True, guest=True), {"ExtensionInstallBlocklist"}, {"InstallAddonsPermission"}),
}


@pytest.mark.parametrize(("options", "chromium", "firefox"), CHOICES.values(), ids=CHOICES.keys())
def test_each_choice_of_the_parent_is_one_policy(options: Options, chromium: set[str], firefox: set[str]) -> None:
    assert policies.chromium(PAC, PEM, options).keys() - policies.chromium(PAC, PEM, OPEN).keys() == chromium
    assert of_firefox(options).keys() - of_firefox().keys() == firefox


def test_some_extensions_may_be_allowed() -> None:
    options = Options(allowed_extensions=("abc",), firefox_addons=("dictionary@test",))
    assert policies.chromium(PAC, PEM, options)["ExtensionInstallAllowlist"] == ["abc"]
    assert of_firefox(options)["ExtensionSettings"]["dictionary@test"] == {"installation_mode": "normal_installed"}


def test_brands_have_names_of_their_own() -> None:
    assert policies.chromium(PAC, PEM, Options(), "edge")["InPrivateModeAvailability"] == 1
    assert policies.chromium(PAC, PEM, OPEN, "brave")["TorDisabled"] is True
    assert "TorDisabled" not in policies.chromium(PAC, PEM, Options())


THEIRS = {
    "Homepage": {"URL": "https://school.test/"},
    "Proxy": {"Mode": "none"},
    "Certificates": {"Install": ["/school.pem"]},
    "Preferences": {"places.history.enabled": True, "network.proxy.failover_direct": True},
}


@pytest.mark.parametrize("place", [FIREFOX_FILE, *FIREFOX_OTHERS], ids=str)
def test_what_the_distribution_tells_firefox_stays(place: PurePosixPath) -> None:
    told = of_firefox(existing={place: json.dumps({"policies": THEIRS}).encode()})
    assert told["Homepage"] == {"URL": "https://school.test/"}
    assert told["Proxy"]["Mode"] == "autoConfig"
    assert told["Certificates"]["Install"] == ["/school.pem", str(FIREFOX_ROOT)]
    assert told["Preferences"]["places.history.enabled"] is True
    assert told["Preferences"]["network.proxy.failover_direct"] == {"Value": False, "Status": "locked"}


def test_firefox_reads_one_file_so_only_that_one_counts() -> None:
    files = {FIREFOX_OTHERS[0]: b'{"policies": {"DisablePocket": true}}', FIREFOX_FILE: b'{"policies": {"DisableTelemetry": true}}'}
    told = of_firefox(existing=files)
    assert "DisableTelemetry" in told
    assert "DisablePocket" not in told


def test_a_second_setup_starts_from_what_stood_there_before_the_first() -> None:
    theirs = {FIREFOX_FILE: json.dumps({"policies": THEIRS}).encode()}
    first = policies.files(PAC, PEM, Options(), theirs)
    again = policies.files(PAC, PEM, OPEN, {FIREFOX_FILE: first[FIREFOX_FILE]})
    assert again == policies.files(PAC, PEM, OPEN, theirs)
    assert "DisablePrivateBrowsing" not in json.loads(again[FIREFOX_FILE])["policies"]


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"{}", b'{"policies": []}', b'"x"', b"\xff"])
def test_a_broken_file_is_said(broken: bytes) -> None:
    with pytest.raises(InputError, match=r"policies\.json"):
        policies.files(PAC, PEM, Options(), {FIREFOX_FILE: broken})
