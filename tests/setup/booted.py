"""A PC that starts: the fresh Debian of debian.py with its own systemd as the first process, in a container. Nothing done in it stays.

The kernel is this machine's, the network is none. Commands are sessions: systemd and PAM know whose they are.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.setup import debian

START_S = 120.0
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_REBOOT = 133
"""How systemd-nspawn ends where the systemd inside wants a PC that starts again."""
_TOOLS = ("systemd-nspawn", "nsenter")


def missing() -> str:
    """Why there can be none here, "" where there can."""
    why = debian.missing()
    lacks = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if not why and lacks:
        why = f"needs {', '.join(lacks)} (`apt install systemd-container`)"
    return why or ("" if _groups() else "needs control groups of version 2")


def _groups() -> Path | None:
    """Where control groups are mounted, in which systemd keeps its services."""
    if sys.platform != "linux":
        return None
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return next((Path(m[1]) for m in mounts if m[2] == "cgroup2"), None)


class Booted:
    """The PC, switched on; a context manager. people: accounts with a home; the first is the parent's, who may use sudo."""

    def __init__(self, tree: Path, people: tuple[str, ...]) -> None:
        debian.unpack(tree)
        for name in people:
            debian.inside(tree, "useradd", "--create-home", "--shell", "/bin/bash", "--user-group", name)
        debian.inside(tree, "usermod", "--append", "--groups", "sudo", people[0])
        (tree / "etc/sudoers.d/parent").write_text(f"{people[0]} ALL=(ALL) NOPASSWD: ALL\n")
        (tree / "etc/hostname").write_text("family\n")
        (tree / "etc/hosts").write_text("127.0.0.1 localhost family\n")
        self._tree, self._said = tree, tree.with_name("said")

    def _start(self) -> None:
        """systemd-nspawn in a group of its own: without one, the systemd inside would take this machine's for its.

        A new one each time: in one that was killed as a whole, the kernel goes on killing some that are born there.
        """
        groups = _groups()
        assert groups is not None
        self._group = Path(tempfile.mkdtemp(prefix="sgt-", dir=groups))
        nspawn = ("systemd-nspawn", "--quiet", f"--directory={self._tree}", "--boot", "--register=no", "--keep-unit", "--private-network")
        mine = 'echo $$ > "$0/cgroup.procs"; exec "$@"'
        environment = {"PATH": PATH, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        with self._said.open("wb") as said:
            self._nspawn = subprocess.Popen(
                ["sh", "-c", mine, str(self._group), *nspawn, "--console=pipe", "--machine=family"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.unplug()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Every process of it ends at once."""
        if not self._group.is_dir():  # it did not start again
            return
        (self._group / "cgroup.kill").write_text("1")
        self._nspawn.wait(30)
        end = time.monotonic() + 30
        while "populated 1" in (self._group / "cgroup.events").read_text() and time.monotonic() < end:
            time.sleep(0.1)
        for group in (*sorted(self._group.rglob("*/"), reverse=True), self._group):
            group.rmdir()

    def again(self, *, plug: bool = False) -> None:
        """Started anew: in order, or as after a power cut."""
        if plug:
            self.unplug()
        else:
            self.run("systemctl", "reboot", check=False)
            ended = self._nspawn.wait(START_S)
            if ended != _REBOOT:
                raise RuntimeError(f"it does not start anew: {ended}")
            self.unplug()
        self._start()

    def _first(self) -> str:
        """The number of its first process here, "" where there is none."""
        here = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children")
        return here.read_text().strip() if here.exists() else ""

    def _wait(self) -> None:
        """Until its systemd says that all has been started."""
        end = time.monotonic() + START_S
        while time.monotonic() < end and self._nspawn.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                if self._first() and self.state() in ("running", "degraded"):
                    return
            time.sleep(0.5)
        raise RuntimeError(f"it does not start: {self._said.read_text(errors='replace')[-4000:]}")

    def state(self) -> str:
        """`running` where everything that is to run does."""
        return self._in("systemctl", "is-system-running", "--wait", timeout=START_S).stdout.strip()

    def _in(self, *command: str, given: str = "", timeout: float) -> subprocess.CompletedProcess[str]:
        enter = ("nsenter", f"--target={self._first()}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--")
        return subprocess.run([*enter, *command], input=given, capture_output=True, text=True, timeout=timeout, check=False)

    def run(
        self, *command: str, account: str = "root", given: str = "", check: bool = True, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """A command in a session of that account, as at a terminal of the PC."""
        session = ("systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--expand-environment=no", f"--uid={account}")
        done = self._in(*session, "--property=PAMName=login", f"--setenv=PATH={PATH}", "--", *command, given=given, timeout=timeout)
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done
