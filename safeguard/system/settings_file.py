"""Reads the settings from the account's settings.yaml; no file means all defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from safeguard import config
from safeguard.errors import ConfigError
from safeguard.language import _
from safeguard.system.paths import Paths


def read(paths: Paths, choices: Mapping[str, Sequence[str]] | None = None) -> config.Settings:
    """The settings. Raises ConfigError with every problem in the file, or where it cannot be read."""
    try:
        data = paths.settings.read_bytes()
    except FileNotFoundError:
        return config.Settings()
    except OSError as e:
        raise ConfigError(_("%(file)s: cannot be read (%(why)s)", file=paths.settings, why=e.strerror)) from e
    return config.parse(str(paths.settings), data, choices)
