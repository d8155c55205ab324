"""What this PC has, looked up once: the plan is made from it alone, and so can be made for a PC that is not there."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from safeguard import wiring
from safeguard.config import Settings
from safeguard.demo.network import HOST as SAMPLE
from safeguard.errors import ConfigError, ProxyError, SetupError
from safeguard.language import _
from safeguard.policy.profiles import Profiles
from safeguard.proxy import ca, ca_due, ca_store
from safeguard.setup import program
from safeguard.setup.policies import FIREFOX_FILE, FIREFOX_OTHERS
from safeguard.setup.program import Program
from safeguard.setup.services import Manager, manager
from safeguard.system.paths import PROGRAM, Paths

JAVA_STORE = Path("/etc/ssl/certs/java/cacerts")
LOWEST_UID, HIGHEST_UID = 1000, 60000  # of people, as Debian gives them


@dataclass(frozen=True, slots=True)
class Person:
    """An account that somebody logs in to."""

    name: str
    uid: int
    home: PurePath


@dataclass(frozen=True, slots=True)
class Facts:
    """program: what is copied; domains: the watched ones; authority: kept from an earlier setup while it serves, else new.

    people: the accounts that can be a child's; settings, family: as they stand now, defaults where nothing is installed.
    policies: content of the policy files that browsers have already. manager: what keeps services running.
    installed: an older setup is there, and its filter perhaps runs. java: Java's store is there, filled from the system's.
    subuid: content of /etc/subuid. settings_file: content of the settings, empty where there are none yet.
    """

    program: Program
    domains: tuple[str, ...]
    authority: ca.Authority = field(repr=False)
    people: tuple[Person, ...]
    settings: Settings
    family: Profiles
    policies: Mapping[PurePosixPath, bytes]
    manager: Manager
    installed: bool
    settings_file: bytes = b""
    java: bool = False
    subuid: str = ""


def look(paths: Paths, installed: bool) -> Facts:
    """paths: where the installed program keeps things. Raises SafeguardError where this PC is not one it can be put on."""
    if sys.platform != "linux":
        raise SetupError(_("setup is for Linux; on another system see the README for what can be done there"))
    settings = wiring.load_settings(paths)
    # The sample network too: the self-test shows it, and its name can never be a real site's.
    domains = (*wiring.load_sites(settings, paths=paths).domains, SAMPLE)
    return Facts(
        program=program.find(PROGRAM),
        domains=domains,
        authority=_authority(paths.state / "ca" / ca_store.FILE, domains),
        people=people(),
        settings=settings,
        settings_file=paths.settings.read_bytes() if paths.settings.is_file() else b"",
        family=wiring.load_profiles(settings, paths),
        policies={p: Path(p).read_bytes() for p in (FIREFOX_FILE, *FIREFOX_OTHERS) if Path(p).is_file()},
        manager=manager(Path("/run/systemd/system").is_dir()),
        installed=installed,
        subuid=_text(Path("/etc/subuid")),
        java=JAVA_STORE.is_file() and shutil.which("keytool") is not None,
    )


def people() -> tuple[Person, ...]:
    """Everybody with an account of their own, but root."""
    import pwd  # not on Windows

    found = (p for p in pwd.getpwall() if LOWEST_UID <= p.pw_uid < HIGHEST_UID and not p.pw_shell.endswith(("nologin", "false")))
    return tuple(Person(p.pw_name, p.pw_uid, PurePath(p.pw_dir)) for p in sorted(found, key=lambda p: p.pw_uid))


def is_administrator(name: str) -> bool:
    """Whether that account can become root by its groups."""
    import pwd  # not on Windows

    person = pwd.getpwnam(name)
    groups = {_group(g) for g in os.getgrouplist(name, person.pw_gid)}
    return person.pw_uid == 0 or bool(groups & {"sudo", "wheel", "admin", "root", "docker", "lxd"})


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""


def _group(number: int) -> str:
    import grp

    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return ""


def _authority(path: Path, domains: tuple[str, ...]) -> ca.Authority:
    now = dt.datetime.now(dt.UTC)
    try:
        kept = ca.Authority.from_pem(path.read_bytes())
    except FileNotFoundError:
        return ca.issue(domains, now)
    except ProxyError as e:
        raise ProxyError(_("%(path)s: %(why)s; remove it, and a new one is made", path=path, why=e)) from e
    except OSError as e:
        raise ConfigError(_("%(path)s: cannot be read (%(why)s)", path=path, why=e.strerror)) from e
    return ca.issue(domains, now) if ca_due.due(kept, domains, now) else kept
