"""The settings come from this account's file, or are the defaults."""

from __future__ import annotations

import pytest

from safeguard.config import Settings
from safeguard.errors import ConfigError
from safeguard.system import settings_file
from safeguard.system.paths import Paths


def test_no_file_means_defaults(paths: Paths) -> None:
    assert settings_file.read(paths) == Settings()
    assert not paths.config.exists()


def test_the_file_is_read(paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    paths.settings.write_text("listen: {port: 9001}\n")
    assert settings_file.read(paths).port == 9001


def test_messages_name_the_file(paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    paths.settings.write_text("\nprt: 1\n")
    with pytest.raises(ConfigError, match=rf"{paths.settings}:2: unknown setting"):
        settings_file.read(paths)


def test_an_unreadable_file_is_not_the_defaults(paths: Paths) -> None:
    paths.settings.mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        settings_file.read(paths)
