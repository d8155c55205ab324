"""Where things are: the account's own folders, the system's for the program that setup installed."""

from __future__ import annotations

from pathlib import Path

import pytest

import safeguard
from safeguard.system import paths, service_account
from safeguard.system.paths import Paths


def test_a_checkout_has_the_accounts_own_places(own_folders: Path) -> None:
    assert not paths.is_installed()
    assert own_folders in Paths.of_user().config.parents


def test_the_installed_program_has_the_systems_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safeguard, "__file__", "/opt/safeguard/lib/python3.13/site-packages/safeguard/__init__.py")
    assert Paths.of_user() == Paths(Path("/etc/safeguard"), Path("/var/lib/safeguard"), Path("/var/cache/safeguard"))


def test_a_neighbour_of_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safeguard, "__file__", "/opt/safeguard-dev/safeguard/__init__.py")
    assert not paths.is_installed()


def test_root_stays_root_outside_the_installed_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.setresuid", lambda *ids: pytest.fail("gave its rights up"), raising=False)
    service_account.become()
