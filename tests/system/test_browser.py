"""Browsers are found by name and started with a folder of their own; what is missing is said in one line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from safeguard.errors import InputError, ProxyError
from safeguard.system import browser, browser_nss
from safeguard.system.chromium_pipe import BrowserError, Chromium


def program(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("there", "choice", "found", "kind"),
    [
        (["firefox-esr"], "", "firefox-esr", browser.Kind.FIREFOX),
        (["firefox", "google-chrome"], "", "google-chrome", browser.Kind.CHROMIUM),
        (["firefox", "chromium"], "firefox", "firefox", browser.Kind.FIREFOX),
        (["microsoft-edge"], "edge", "microsoft-edge", browser.Kind.CHROMIUM),
    ],
)
def test_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: list[str], choice: str, found: str, kind: browser.Kind) -> None:
    for name in there:
        program(tmp_path, name)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find(choice) == browser.Browser(kind, str(tmp_path / found))


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="no browser found"):
        browser.find("edge")
    with pytest.raises(BrowserError, match="no Chromium found"):
        Chromium()
    with pytest.raises(ProxyError, match="libnss3-tools"):
        browser_nss.certutil()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="NSS databases are Linux's")
def test_certificate_errors_are_never_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "prepare_chromium_home", lambda home, pem: home)
    monkeypatch.setenv("HTTPS_PROXY", "http://elsewhere")
    monkeypatch.setenv("SSLKEYLOGFILE", "/keys")
    launch = browser.prepare(browser.Browser(browser.Kind.CHROMIUM, "/x"), tmp_path / "b", b"pem", "data:pac", "https://social.test/")
    assert launch.command[-1] == "https://social.test/"
    assert "--proxy-pac-url=data:pac" in launch.command
    assert not [flag for flag in launch.command if "ignore-cert" in flag]
    assert launch.env["HOME"] == str(tmp_path / "b" / "chromium-home")
    assert {"HTTPS_PROXY", "SSLKEYLOGFILE"}.isdisjoint(launch.env)


def test_a_browser_that_does_not_start_is_said(tmp_path: Path) -> None:
    with pytest.raises(BrowserError, match="did not start"):
        Chromium(binary=program(tmp_path, "chromium"))
