"""Where settings, log and caches of this account live on each system. Tests and the demo pass their own."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

import safeguard

APP = "safeguard"
ELSEWHERE = {
    "win32": (r"C:\Program Files\SafeGuard", r"C:\ProgramData\SafeGuard"),
    "darwin": ("/Library/Application Support/SafeGuard/program", "/Library/Application Support/SafeGuard/family"),
}
"""System -> the program's folder and the one with settings, state and caches, as setup's plan for it has them (not tried)."""
PROGRAM = Path(ELSEWHERE[sys.platform][0] if sys.platform in ELSEWHERE else "/opt/safeguard")
"""Where setup puts the program; only root can write there."""


@dataclass(frozen=True, slots=True)
class Paths:
    """config: settings.yaml and rules/; state: the log, secrets, the certificate authority; cache: what may be deleted at any time."""

    config: Path
    state: Path
    cache: Path

    @classmethod
    def of_user(cls) -> Paths:
        """Those of the account that runs us (XDG folders on Linux); the system's where we run from the installed program."""
        if is_installed():
            return cls.of_system()
        d = platformdirs.PlatformDirs(APP, appauthor=False)
        return cls(Path(d.user_config_dir), Path(d.user_state_dir), Path(d.user_cache_dir))

    @classmethod
    def of_system(cls) -> Paths:
        """Those of an installed SafeGuard; they belong to the account of its service."""
        if sys.platform in ELSEWHERE:
            return cls.under(Path(ELSEWHERE[sys.platform][1]))
        return cls(Path("/etc", APP), Path("/var/lib", APP), Path("/var/cache", APP))

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
    def packs(self) -> Path:
        """Packs of newer rules, signed; the newest counts."""
        return self.state / "packs"

    @property
    def clock(self) -> Path:
        """What sites said the time is, as the filter saw it."""
        return self.state / "clock.json"

    @property
    def code_key(self) -> Path:
        """Secret behind the codes in the notices."""
        return self.state / "code.key"

    @property
    def pin(self) -> Path:
        """Digests of the parents' PIN and recovery code, and the counted guesses."""
        return self.state / "pin.json"

    @property
    def channels(self) -> Path:
        """The parent's addresses for alerts; secrets."""
        return self.state / "alerts.json"

    @property
    def quiet(self) -> Path:
        """Hours without alerts, as set on the parents' page."""
        return self.state / "quiet.json"

    @property
    def saved(self) -> Path:
        """Codes of the entries put aside for a package of evidence."""
        return self.state / "saved.json"

    @property
    def page(self) -> Path:
        """The port of the parents' page of an installed filter, where everybody can read it."""
        return self.door.with_name("page")

    @property
    def parents(self) -> Path:
        """Names of the accounts to whose session the service gives alerts, one a line; setup writes it."""
        return self.config / "parents"

    @property
    def door(self) -> Path:
        """The socket where they are given: in a folder that everybody can enter, beside the private one."""
        return self.state.with_name(f"{self.state.name}-alerts") / "agent.sock"

    @property
    def cleared(self) -> Path:
        """Of which sites the browsers' old copies were cleared."""
        return self.state / "cleared"


def is_installed() -> bool:
    """Whether this process runs from what setup installed."""
    return PROGRAM in Path(safeguard.__file__).parents
