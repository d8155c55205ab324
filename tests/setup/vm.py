"""A PC that starts: the fresh Debian of debian.py in a virtual machine, under its own kernel and its own systemd. Nothing done in it stays.

Its one way out is a port of this machine's loopback that leads to its sshd.
"""

from __future__ import annotations

import shlex
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.setup import debian

NEEDED = ("qemu-system-x86_64", "mke2fs", "ssh", "ssh-keygen")
START_S = 300.0
"""Without KVM a start takes minutes."""
_NETWORK = "[Match]\nType=ether\n[Network]\nDHCP=yes\n"
_QEMU = (
    *("qemu-system-x86_64", "-nodefaults", "-display", "none", "-m", "3072", "-smp", "2", "-cpu", "Westmere"),
    *("-device", "virtio-rng-pci"),
)


def missing() -> str:
    """Why there can be none here, "" where there can."""
    why = debian.missing()
    lacks = [tool for tool in NEEDED if shutil.which(tool) is None]
    return why or (f"needs {', '.join(lacks)}, for a virtual machine" if lacks else "")


def fast() -> bool:
    """Whether this machine's processor runs it, and not a program that plays one, ten times slower."""
    return Path("/dev/kvm").exists() and bool({"vmx", "svm"} & set(Path("/proc/cpuinfo").read_text().split()))


class Vm:
    """The PC, switched on; a context manager. people: accounts with a home; the first is the parent's, who may use sudo."""

    def __init__(self, base: Path, people: tuple[str, ...]) -> None:
        base.mkdir(parents=True, exist_ok=True)
        self._base, self._key = base, base / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._key)], check=True)
        self._disk(base / "tree", people)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        network = f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self._port}-:22"
        self._qemu = subprocess.Popen(
            [
                *("nice", *_QEMU, "-accel", "kvm" if fast() else "tcg", "-kernel", str(base / "vmlinuz"), "-initrd", str(base / "initrd.img")),
                *("-append", "root=/dev/vda rw console=ttyS0 quiet"),
                *("-drive", f"file={base / 'disk'},if=virtio,format=raw,cache=unsafe"),
                *("-netdev", network, "-device", "virtio-net-pci,netdev=net"),
                *("-serial", f"file:{base / 'console'}", "-monitor", "stdio"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=(base / "qemu").open("wb"),
            text=True,
        )

    def _disk(self, tree: Path, people: tuple[str, ...]) -> None:
        """The tree becomes a disk, and goes; its kernel stays beside it."""
        debian.unpack(tree)
        for name in people:
            debian.inside(tree, "useradd", "--create-home", "--shell", "/bin/bash", "--user-group", name)
        (tree / "etc/sudoers.d/parent").write_text(f"{people[0]} ALL=(ALL) NOPASSWD: ALL\n")
        debian.inside(tree, "usermod", "--append", "--groups", "sudo", people[0])
        for name in ("root", *people):
            home = tree / ("root" if name == "root" else f"home/{name}") / ".ssh"
            home.mkdir(mode=0o700, exist_ok=True)
            shutil.copy(self._key.with_suffix(".pub"), home / "authorized_keys")
            debian.inside(tree, "chown", "-R", f"{name}:", f"/{home.relative_to(tree)}")
        (tree / "etc/systemd/network/wired.network").write_text(_NETWORK)
        debian.inside(tree, "systemctl", "enable", "systemd-networkd")
        (tree / "etc/hostname").write_text("family\n")
        for name in ("vmlinuz", "initrd.img"):
            shutil.copy(next((tree / "boot").glob(f"{name}-*")), self._base / name)
        with (self._base / "disk").open("wb") as disk:
            disk.truncate(6 << 30)  # as far as it is not written, it takes no room
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", str(tree), str(self._base / "disk")], check=True, capture_output=True)
        shutil.rmtree(tree)

    def __enter__(self) -> Self:
        try:
            self.wait()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Switched off at the plug, and the disk is gone."""
        self._qemu.kill()
        self._qemu.communicate()
        (self._base / "disk").unlink(missing_ok=True)

    def wait(self) -> None:
        """Until systemd says that all that is to be started has been."""
        end = time.monotonic() + START_S * (1 if fast() else 4)
        while time.monotonic() < end and self._qemu.poll() is None:
            # --wait: `degraded` is an answer too; whoever asks for more looks at what failed
            if self.run("systemctl", "is-system-running", "--wait", check=False).stdout.strip() in ("running", "degraded"):
                return
            time.sleep(1)
        raise RuntimeError(f"it does not start: {(self._base / 'qemu').read_text()}\n{(self._base / 'console').read_text(errors='replace')[-4000:]}")

    def run(
        self, *command: str, account: str = "root", given: str = "", check: bool = True, timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """A command in a session of that account, as at a terminal of the PC."""
        ssh = [
            *("ssh", "-q", "-F", "none", "-i", str(self._key), "-p", str(self._port), "-o", "BatchMode=yes", "-o", "ConnectTimeout=20"),
            *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", f"{account}@127.0.0.1"),
        ]
        done = subprocess.run(
            [*ssh, shlex.join(command)], input=given, capture_output=True, text=True, timeout=timeout * (1 if fast() else 10), check=False
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def boots(self) -> str:
        """Another word after each start."""
        return self.run("cat", "/proc/sys/kernel/random/boot_id").stdout

    def again(self, *, plug: bool = False) -> None:
        """Started anew: in order, or as after a power cut."""
        before = self.boots()
        if plug:
            assert self._qemu.stdin is not None
            self._qemu.stdin.write("system_reset\n")
            self._qemu.stdin.flush()
        else:
            self.run("systemctl", "reboot", check=False)
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            now = self.run("cat", "/proc/sys/kernel/random/boot_id", check=False).stdout
            if now not in ("", before):
                self.wait()
                return
            time.sleep(1)
        raise RuntimeError("it did not start again")
