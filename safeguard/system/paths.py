"""Where settings, log and caches of this account live on each system. Tests and the demo pass their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP = "safeguard"


@dataclass(frozen=True, slots=True)
class Paths:
    """config: settings.yaml and rules/; state: the log, secrets, the certificate authority; cache: what may be deleted at any time."""

    config: Path
    state: Path
    cache: Path

    @classmethod
    def of_user(cls) -> Paths:
        """Those of the account that runs us (XDG folders on Linux)."""
        d = platformdirs.PlatformDirs(APP, appauthor=False)
        return cls(Path(d.user_config_dir), Path(d.user_state_dir), Path(d.user_cache_dir))

    @classmethod
    def under(cls, folder: Path) -> Paths:
        """All below one folder, for the demo and the tests."""
        return cls(folder / "config", folder / "state", folder / "cache")

    @property
    def settings(self) -> Path:
        return self.config / "settings.yaml"

    @property
    def rules(self) -> Path:
        """The family's own rules, unless the setting rules.folder names another place."""
        return self.config / "rules"

    @property
    def log(self) -> Path:
        return self.state / "log.sqlite"

    @property
    def code_key(self) -> Path:
        """Secret behind the codes in the notices."""
        return self.state / "code.key"

    @property
    def pin(self) -> Path:
        """Digests of the parents' PIN and recovery code, and the counted guesses."""
        return self.state / "pin.json"

    @property
    def cleared(self) -> Path:
        """Of which sites the browsers' old copies were cleared."""
        return self.state / "cleared"
