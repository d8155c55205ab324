"""What the checks are asked of: one frozen value, whatever it was gathered from. None stands for "could not be looked at"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Finding:
    """what is wrong, where, how to mend it: each a sentence or two for a parent. wrong: False for what is only worth knowing."""

    id: str
    what: str
    where: str
    mend: str
    wrong: bool = True


class Seen(StrEnum):
    """What stands behind the certificate that a well-known site shows on this computer."""

    PUBLIC = "public"
    """An authority that every browser knows: nobody is in between."""
    LOCAL = "local"
    """One that only this computer knows: a program here, or the network it is in, opens the connection."""
    UNKNOWN = "unknown"
    """One that not even this computer knows."""
    DATED = "dated"
    """Good, but not at the time this computer believes it is."""
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificate a site shows; issuer: as it calls itself; server_time: what the site says the time is, looked: when it said so."""

    host: str
    seen: Seen
    issuer: str = ""
    server_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A network interface that is a VPN's; kind: wireguard, tun or ppp; default: all traffic goes that way."""

    name: str
    kind: str
    default: bool


@dataclass(frozen=True, slots=True)
class ProxySet:
    """A proxy set by somebody else. whose: the account, "" for all; policy: the browser heeds SafeGuard's policy instead."""

    where: str
    value: str
    whose: str = ""
    policy: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """An account of a child; groups: those of it that make an administrator; sudoers: lines that do. missing: there is no such account."""

    name: str
    groups: tuple[str, ...] = ()
    sudoers: tuple[str, ...] = ()
    root: bool = False
    missing: bool = False


class Policy(StrEnum):
    """How a browser stands to SafeGuard's policy."""

    OURS = "ours"
    MISSING = "missing"
    OTHER = "other"
    """Another policy has its say over ours."""
    OLD = "old"
    """Ours, but for another port or other sites than are watched now."""
    PACKED = "packed"
    """Not known to read it: the browser comes from snap or Flatpak."""


@dataclass(frozen=True, slots=True)
class BrowserThere:
    """A browser installed here. place: where its policy is read from; of a packed one, what removes it."""

    title: str
    program: str
    policy: Policy
    place: str


@dataclass(frozen=True, slots=True)
class TrustStore:
    """Somewhere certificates are trusted. whose: the account, "" for all programs; by_policy: the browser has it by policy too."""

    where: str
    has: bool | None
    whose: str = ""
    by_policy: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """A program that listens on the port; pid 0 and program "" where only its account could be seen."""

    program: str
    pid: int
    account: str


@dataclass(frozen=True, slots=True)
class Port:
    """The port of the settings. ours: a filter that shows our certificate answers there."""

    number: int
    open: bool = False
    ours: bool = False
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Defaults are those of a computer where all is well.

    root: whether root looked, who sees every account and program. running: filters that answer.
    strict: whether strict mode was chosen, strict_holds: whether the system has its rules loaded.
    clock: (what a site's answer said the time is, what it was here then) as the filter saw it.
    ca_ends: None before the first start. reduced: (site's title, since when). asides: damaged logs that were set aside.
    alerts: "" where desktop alerts are possible or not wanted, else why not. pin: whether one is set.
    unsent: (address of the parent that takes no alerts, since when, why).
    """

    root: bool = True
    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    released: date = date(2000, 1, 1)
    clock: tuple[datetime, datetime] | None = None
    shown: tuple[Shown, ...] = ()
    tunnels: tuple[Tunnel, ...] = ()
    proxies: tuple[ProxySet, ...] = ()
    children: tuple[Child, ...] = ()
    browsers: tuple[BrowserThere, ...] = ()
    stores: tuple[TrustStore, ...] = ()
    port: Port = Port(8877, True, True)
    running: int = 1
    service: str = ""
    strict: bool = False
    strict_holds: bool | None = None
    settings_error: str = ""
    rules_error: str = ""
    pack_unused: str = ""
    log_error: str = ""
    asides: tuple[str, ...] = ()
    ca_error: str = ""
    ca_ends: datetime | None = None
    ca_missing: tuple[str, ...] = ()
    reduced: tuple[tuple[str, str], ...] = ()
    alerts: str = ""
    unsent: tuple[tuple[str, str, str], ...] = ()
    pin: bool | None = True
