"""What keeps the filter running: one port, two implementations, which say by actions of a plan how a service comes and goes. Pure.

Both start `safeguard supervise`, which has a killed filter back in less time than a start takes; they see to the supervisor.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from safeguard.setup.plan import Action, Run, WriteFile

NAME = "safeguard"
UNIT = PurePosixPath("/etc/systemd/system/safeguard.service")
PID_FILE = PurePosixPath("/run/safeguard-supervisor.pid")


@dataclass(frozen=True, slots=True)
class Service:
    """The filter as a service.

    command: `safeguard supervise`, absolute; account: the system user; writable: where it may write.
    """

    command: tuple[str, ...]
    account: str = NAME
    writable: tuple[PurePosixPath, ...] = (
        PurePosixPath("/etc/safeguard"),
        PurePosixPath("/var/lib/safeguard"),
        PurePosixPath("/var/lib/safeguard-alerts"),
        PurePosixPath("/var/cache/safeguard"),
    )


class Manager(Protocol):
    """Brings a service to life, keeps it alive, ends it."""

    name: str
    at_boot: bool
    """Whether the service comes back by itself when the PC starts."""

    def install(self, service: Service) -> tuple[Action, ...]:
        """Make it known and start it; undone, it is ended and unknown."""

    def start(self, service: Service) -> tuple[str, ...]:
        """The command that starts what is installed and stopped."""

    def stop(self, service: Service) -> tuple[str, ...]:
        """The command that ends it until it is started again."""


class Systemd:
    """The system's own, wherever systemd runs the PC."""

    name = "systemd"
    at_boot = True

    def install(self, service: Service) -> tuple[Action, ...]:
        reload = ("systemctl", "daemon-reload")
        on, off = (("systemctl", verb, "--now", UNIT.name) for verb in ("enable", "disable"))
        return (Run((), undo=reload), WriteFile(UNIT, unit(service).encode()), Run(reload), Run(on, undo=off))

    def start(self, service: Service) -> tuple[str, ...]:
        return ("systemctl", "start", UNIT.name)

    def stop(self, service: Service) -> tuple[str, ...]:
        return ("systemctl", "stop", UNIT.name)


class Foreground:
    """The supervisor in the background, as root, for a PC or container without systemd; whoever starts the PC starts it."""

    name = "supervisor"
    at_boot = False

    def install(self, service: Service) -> tuple[Action, ...]:
        return (Run(self.start(service), undo=self.stop(service)),)

    def start(self, service: Service) -> tuple[str, ...]:
        program, *arguments = self.supervised(service)
        how = ("--background", "--make-pidfile", "--pidfile", str(PID_FILE), "--chdir", "/", "--umask", "077", "--startas", program)
        return ("start-stop-daemon", "--start", *how, "--", *arguments)

    def stop(self, service: Service) -> tuple[str, ...]:
        return ("start-stop-daemon", "--stop", "--pidfile", str(PID_FILE), "--remove-pidfile", "--oknodo", "--retry", "TERM/15/KILL/5")

    def supervised(self, service: Service) -> tuple[str, ...]:
        """The command that stays in the foreground until it is told to end."""
        return (*service.command, "--account", service.account)


def manager(has_systemd: bool) -> Manager:
    """has_systemd: whether /run/systemd/system exists, by which systemd itself says that it runs the PC."""
    return Systemd() if has_systemd else Foreground()


def unit(service: Service) -> str:
    """The unit file. A filter that cannot start is tried again for ever: without it the watched sites do not open."""
    return f"""[Unit]
Description=SafeGuard, which hides hate and threats in social networks from children
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={" ".join(map(_quoted, service.command))}
User={service.account}
Group={service.account}
Restart=always
RestartSec=500ms
TimeoutStopSec=15
Nice=-10
CPUWeight=1000
UMask=0077
ReadWritePaths={" ".join(_quoted(str(p)) for p in service.writable)}
{_HARDENED}
[Install]
WantedBy=multi-user.target
"""


def _quoted(word: str) -> str:
    """A word of a command as systemd reads it: no specifier, no variable, no blank that parts it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(c in word for c in " \t'\"\\;") or not word else escaped


# ProcSubset= stays all and the network the PC's own: the child's account is found by /proc/net/tcp.
_HARDENED = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
LimitCORE=0
"""
