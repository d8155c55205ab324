"""A PC of the test's own: this machine's files, or those of a fresh Debian, under an overlay, with processes, network and accounts apart.
Nothing done in it stays.

Needs root and overlayfs. What is written goes to a tmpfs that ends with the box.
"""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.setup import terminal

ROOT = Path(__file__).parent.parent.parent
JAVA = "etc/ssl/certs/java/cacerts"
LOCKS = tuple(f"etc/{table}.lock" for table in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"))
"""Of this machine's own useradd, where it runs at the same time."""
PASSED_BY = (
    "etc/passwd-",
    "etc/shadow-",
    "etc/group-",
    "etc/gshadow-",
    "etc/subuid-",
    "etc/subgid-",
    "etc/.pwd.lock",
    *LOCKS,
    "root/.cache",
    "var/log",
    "tmp/hsperfdata_root",
    JAVA,
)
"""What useradd and userdel keep as the state before their last change, caches of who runs the test, logs, and what has the time in it."""

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}

_INSIDE = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs {base}
mkdir {base}/up {base}/work {base}/root
mount -t overlay overlay -o lowerdir={lower},upperdir={base}/up,workdir={base}/work {base}/root
mount -t proc proc {base}/root/proc
mount --rbind /dev {base}/root/dev
mount --rbind /sys {base}/root/sys
mount -t tmpfs -o mode=755 tmpfs {base}/root/run
mount -t tmpfs -o mode=1777 tmpfs {base}/root/tmp
{checkout}
ip link set lo up
echo ready
mkdir {base}/root/run/old
cd {base}/root
pivot_root . run/old
exec sh -c 'while :; do sleep 1000 & wait; done'
"""


_CHECKOUT = """mkdir -p {base}/root{path}
mount --bind {path} {base}/root{path}
mount -o remount,bind,ro {base}/root{path}"""
"""Where the checkout itself lies below /tmp, which is empty in the box."""


def missing() -> str:
    """Why there can be no box here, "" where there can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux: real accounts and files, in an overlay of their own"
    if "overlay" not in Path("/proc/filesystems").read_text():
        return "needs overlayfs"
    return ""


class Box:
    """The PC; a context manager. lower: its files, this machine's unless given. python: what runs SafeGuard from the checkout in it."""

    def __init__(self, base: Path, lower: Path = Path("/")) -> None:
        base.mkdir(parents=True, exist_ok=True)
        self.python = sys.executable
        self._lower = lower
        checkout = _CHECKOUT.format(base=base, path=ROOT) if ROOT.is_relative_to("/tmp") else ""
        inside = _INSIDE.format(base=base, lower=lower, checkout=checkout)
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "sh", "-c", inside],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            assert self._process.stderr is not None
            raise RuntimeError(self._process.stderr.read())
        [child] = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._inside = int(child)
        self._up = Path(f"/proc/{self._inside}/root/run/old{base}/up")
        self.root = Path(f"/proc/{self._inside}/root")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.kill(self._inside, signal.SIGKILL)  # the first of its processes: all others end with it
        self._process.communicate(timeout=20)

    def run(
        self,
        *command: str,
        account: str = "root",
        given: str = "",
        check: bool = True,
        env: dict[str, str] | None = None,
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """A command in the box, as that account of it."""
        who = ("setpriv", f"--reuid={account}", f"--regid={account}", "--init-groups") if account != "root" else ()
        home = "/root" if account == "root" else f"/home/{account}"
        done = subprocess.run(
            [*self._enter, *who, *command],
            input=given,
            capture_output=True,
            text=True,
            env={**ENVIRONMENT, "HOME": home, **(env or {})},
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def talk(self, *command: str, answers: Sequence[tuple[str, str]] = (), timeout: float = 300) -> str:
        """What root saw at a terminal (terminal.py)."""
        return terminal.talk([*self._enter, *command], answers, timeout=timeout, env={**ENVIRONMENT, "HOME": "/root", "TERM": "xterm"})

    @property
    def _enter(self) -> tuple[str, ...]:
        return ("nsenter", f"--target={self._inside}", "--mount", "--pid", "--net")

    def python_(self, *arguments: str, check: bool = True, given: str = "", timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """The checkout's Python as root."""
        return self.run(self.python, *arguments, check=check, given=given, env={"PYTHONPATH": str(ROOT)}, timeout=timeout)

    def safeguard(self, *arguments: str, check: bool = True, given: str = "") -> subprocess.CompletedProcess[str]:
        """SafeGuard from the checkout, as root."""
        return self.python_("-m", "safeguard", *arguments, check=check, given=given)

    def child(self, name: str) -> None:
        """A standard account with a home."""
        self.run("useradd", "--create-home", "--shell", "/bin/bash", "--user-group", name)

    def state(self) -> dict[str, str]:
        """Every path that is not as below the box -> kind, mode, owner, digest; the accounts, open ports, firewall rules, processes."""
        out = {}
        for top in (self._up, self.root / "run", self.root / "tmp"):
            for folder, folders, files in os.walk(top):
                if "old" in folders and Path(folder) == self.root / "run":
                    folders.remove("old")
                for name in (*folders, *files):
                    place = Path(folder, name).relative_to(self._up if top == self._up else self.root)
                    what, here = _what(self.root / place), _what(self._lower / place) if top == self._up else ""
                    if what != here and not str(place).startswith(PASSED_BY):
                        out[str(place)] = what
        for table in ("passwd", "group"):
            out |= {f"{table}: {line}": "" for line in self.run("getent", table).stdout.splitlines()}
        out["ports"] = self.run("ss", "-Hltn").stdout
        out["rules"] = self.run("nft", "list", "ruleset").stdout
        out["processes"] = "\n".join(
            sorted({c for c in self.run("ps", "-eo", "args").stdout.splitlines() if not c.startswith(("ps ", "["))})
        )
        return out


def _what(path: Path) -> str:
    """ "" where there is nothing."""
    if not os.path.lexists(path):
        return ""
    info = path.lstat()
    who = f"{stat.filemode(info.st_mode)} {info.st_uid}:{info.st_gid}"
    if stat.S_ISLNK(info.st_mode):
        return f"{who} -> {path.readlink()}"
    if stat.S_ISREG(info.st_mode):
        return f"{who} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return who


def difference(before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """What is not the same, by name."""
    return {k: (before.get(k), after.get(k)) for k in sorted(before.keys() | after.keys()) if before.get(k) != after.get(k)}
