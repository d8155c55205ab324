"""What the plans for Windows and macOS are made from: neither is tried on a real machine, so both are printed and never carried out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import PurePath

from safeguard import wiring
from safeguard.errors import InputError
from safeguard.language import _
from safeguard.policy import profile_file
from safeguard.proxy import ca, ca_store
from safeguard.setup.plan import Action, WriteFile
from safeguard.setup.policies import Options
from safeguard.system import browser_pac
from safeguard.system.browser_probe import LOOPBACK
from safeguard.system.paths import Paths


@dataclass(frozen=True, slots=True)
class Wanted:
    """child: the account to be protected; profiles: content of profiles.yaml; authority: with its key, root: its certificate alone (PEM).

    python: the interpreter the program is made with; source: the folder of SafeGuard as downloaded.
    """

    child: str
    profiles: bytes
    browsers: Options
    authority: bytes = field(repr=False)
    root: bytes
    domains: tuple[str, ...]
    port: int
    python: str
    source: str

    @property
    def pac(self) -> str:
        """The proxy rule as a data: URL."""
        return browser_pac.data_url(self.domains, f"{LOOPBACK}:{self.port}")


def look(child: str, profile: str | None, browsers: Options, python: str, source: str) -> Wanted:
    """With the settings of this PC and a new certificate authority."""
    paths = Paths.of_system()
    settings = wiring.load_settings(paths)
    family = wiring.load_profiles(settings, paths)
    domains = tuple(wiring.load_sites(settings, paths=paths).domains)
    made = ca.issue(domains, dt.datetime.now(dt.UTC))
    told = profile_file.render(family.with_account(child, family.named(profile or family.default).name))
    return Wanted(child, told, browsers, made.to_pem(), made.root_pem, domains, settings.port, python, source)


def name(child: str, never: str) -> str:
    """The account's name, if it can be one there. never: characters that no name on that system has. Raises InputError."""
    if not child or not child.isprintable() or child[0] in "-. " or child[-1] in ". " or set(child) & set(never):
        raise InputError(_("%(child)s cannot be the name of an account there", child=repr(child[:60])))
    return child


def family(wanted: Wanted, top: PurePath, owner: str) -> tuple[Action, ...]:
    """The files of the family below `top`, the key among them; laid out as Paths.under has it."""
    return (
        WriteFile(top / "config" / "settings.yaml", b"# The settings of SafeGuard; its README lists them.\n", 0o600, owner, once=True),
        WriteFile(top / "config" / "profiles.yaml", wanted.profiles, 0o600, owner),
        WriteFile(top / "state" / "ca" / ca_store.FILE, wanted.authority, 0o600, owner),
        WriteFile(top / "state" / "ca" / ca_store.PUBLIC, wanted.root, 0o644, owner),
    )
