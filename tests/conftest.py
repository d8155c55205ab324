"""What every test shares: folders of its own instead of this account's, and short ways to make values."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard.system.paths import Paths


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled rules, made once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, shared_cache: Path) -> Path:
    """No test reads or writes the settings, log or secrets of the account that runs it, nor does a process it starts."""
    home = tmp_path_factory.mktemp("home")
    for name, folder in (
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_DATA_HOME", "data"),
    ):
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared_cache))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return home


@pytest.fixture
def paths(own_folders: Path) -> Paths:
    """The folders that a command of this test uses."""
    return Paths.of_user()


def pytest_addoption(parser: pytest.Parser) -> None:
    """See tests/pictured.py and tests/e2e/test_parents_stories.py."""
    parser.addoption("--pictures", action="store_true", help="make the pictures of the README anew")
