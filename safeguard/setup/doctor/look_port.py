"""Looks who listens on a loopback port: out of /proc, as root for every program, else for those of the same account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from safeguard.setup.doctor.facts import Holder
from safeguard.system.peer import name_of

_LISTEN = re.compile(r"^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:0000 0A \S+ \S+ \S+\s+(\d+)\s+\d+ (\d+) ", re.MULTILINE)


def holder(port: int, proc: Path = Path("/proc")) -> Holder | None:
    """The program that listens there; None where nobody does, or no /proc tells."""
    for uid, inode in _listeners(port, proc):
        pid, program = _process(inode, proc)
        return Holder(program, pid, name_of(uid))
    return None


def _listeners(port: int, proc: Path) -> Iterator[tuple[int, str]]:
    """(uid, inode) of the sockets that listen on the port."""
    for table in ("net/tcp", "net/tcp6"):
        try:
            told = (proc / table).read_text("ascii", "replace")
        except OSError:
            continue
        for found in _LISTEN.finditer(told):
            if int(found[2], 16) == port:
                yield int(found[3]), found[4]


def _process(inode: str, proc: Path) -> tuple[int, str]:
    """(pid, name) of the process that has the socket; (0, "") where it may not be seen."""
    wanted = f"socket:[{inode}]"
    for folder in proc.glob("[0-9]*/fd"):
        try:
            if any(str(fd.readlink()) == wanted for fd in folder.iterdir()):
                return int(folder.parent.name), _program(folder.parent)
        except OSError:
            continue
    return 0, ""


def _program(folder: Path) -> str:
    """What the process calls itself, with its first arguments: "python3" alone says nothing."""
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
        return b" ".join(w for w in words[:4] if w).decode("utf-8", "replace")[:120] or (folder / "comm").read_text().strip()
    except OSError:
        return "a program"
