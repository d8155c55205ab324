"""A fresh Debian 13 with a browser and what install.sh asks for. `make test-debian` has it made; then the tests need no network.

`python -m tests.setup.debian FOLDER` makes it, as root with mmdebstrap, of packages from wherever this machine has them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MADE = ROOT / ".cache" / "debian-13"
PACKAGES = (
    *("systemd-sysv", "dbus", "libpam-systemd", "polkitd", "udev", "linux-image-cloud-amd64", "openssh-server"),  # a PC that boots
    *("sudo", "passwd", "util-linux", "procps", "iproute2", "nftables", "ca-certificates", "chromium"),  # what a desktop has
    *("python3", "python3-venv", "libnss3-tools"),  # what install.sh asks for
)
DOWNLOAD = "root/safeguard"
"""Where a parent's download of SafeGuard lies in it."""


def missing() -> str:
    """Why there can be none here, "" where there can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux, for a fresh Debian"
    if not (MADE / "root.tar").is_file():
        return "needs a fresh Debian 13, which `make test-debian` makes (with mmdebstrap and the network)"
    return ""


def make(folder: Path) -> None:
    """The packages of Debian and of Python, as files."""
    folder.mkdir(parents=True)
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*said["project"]["dependencies"], *said["build-system"]["requires"]]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--python-version", "3.13"]
    subprocess.run([*pip, "--only-binary=:all:", "--dest", str(folder / "wheels"), *wanted], check=True)
    # Without a mirror named, mmdebstrap takes Debian's own.
    debian = ["mmdebstrap", "--quiet", "--variant=minbase", "--aptopt=APT::Install-Recommends false", f"--include={','.join(PACKAGES)}"]
    subprocess.run([*debian, "trixie", str(folder / "root.tar")], check=True)


def unpack(tree: Path) -> None:
    """All of it in that folder, with this checkout as a parent downloads it, and Python's packages in place of the internet's."""
    tree.mkdir(parents=True)
    subprocess.run(["tar", "--extract", f"--file={MADE / 'root.tar'}", f"--directory={tree}", "--numeric-owner"], check=True)
    shutil.copytree(MADE / "wheels", tree / "root/wheels")
    (tree / "etc/pip.conf").write_text("[global]\nno-index = true\nfind-links = /root/wheels\n")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True)
    for name in os.fsdecode(files.stdout).split("\0"):
        if name and (ROOT / name).is_file():
            target = tree / DOWNLOAD / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)


def inside(tree: Path, *command: str) -> None:
    """A command of that Debian, before it runs as a PC."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    subprocess.run(["chroot", str(tree), *command], check=True, capture_output=True, env=environment)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    make(part)
    part.rename(folder)
