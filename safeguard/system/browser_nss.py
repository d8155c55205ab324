"""NSS certificate databases: how a browser with a folder of its own comes to trust the family's proxy without touching the system."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from safeguard.errors import ProxyError

NICKNAME = "SafeGuard"
_TIMEOUT_S = 30


def certutil() -> str:
    """Path of certutil. Raises ProxyError where it is not installed."""
    found = shutil.which("certutil")
    if found is None:
        raise ProxyError("certutil: not found; install it (Debian, Ubuntu: apt install libnss3-tools; Fedora: dnf install nss-tools)")
    return found


def trust(database: Path, ca_pem: bytes) -> None:
    """Make `database` (a folder, created where missing) trust the certificate in `ca_pem` for web servers.

    An older certificate of ours in it goes. Raises ProxyError where certutil is missing or fails.
    """
    tool = certutil()
    db = f"sql:{database}"
    database.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (database / "cert9.db").exists():
        _run([tool, "-d", db, "-N", "--empty-password"])
    while subprocess.run([tool, "-d", db, "-D", "-n", NICKNAME], capture_output=True, timeout=_TIMEOUT_S, check=False).returncode == 0:
        pass
    with tempfile.TemporaryDirectory() as scratch:
        pem = Path(scratch) / "ca.pem"
        pem.write_bytes(ca_pem)
        _run([tool, "-d", db, "-A", "-t", "C,,", "-n", NICKNAME, "-i", str(pem)])


def prepare_chromium_home(folder: Path, ca_pem: bytes) -> Path:
    """A home folder whose Chromium trusts `ca_pem`; returns it, to be given to Chromium as HOME.

    Both places are filled: Chromium moved its database from ~/.pki to ~/.local/share/pki.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for place in (".pki/nssdb", ".local/share/pki/nssdb"):
        trust(folder / place, ca_pem)
    return folder


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ProxyError(f"certutil: {said[0] if said else 'failed'} (while preparing a browser profile)")
