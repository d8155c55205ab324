"""NSS certificate databases: how a browser with a folder of its own comes to trust the family's proxy without touching the system."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from safeguard.errors import ProxyError
from safeguard.language import _

NICKNAME = "SafeGuard"
_TIMEOUT_S = 30
_LISTED = re.compile(r"\s[a-zA-Z]*,[a-zA-Z]*,[a-zA-Z]*\s*$")  # a line of `certutil -L` ends in what the certificate is trusted for


def certutil() -> str:
    """Path of certutil. Raises ProxyError where it is not installed."""
    found = shutil.which("certutil")
    if found is None:
        raise ProxyError(
            _("certutil: not found; install it (%(how)s)", how="Debian, Ubuntu: apt install libnss3-tools; Fedora: dnf install nss-tools")
        )
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


def names(database: Path) -> list[str]:
    """Nicknames of the certificates in a database that exists. Raises ProxyError."""
    lines = _run([certutil(), "-d", f"sql:{database}", "-L"]).splitlines()
    return [line.rsplit(None, 1)[0] for line in lines if _LISTED.search(line)]


def forget(database: Path) -> None:
    """Take our certificates out of a database that exists, also those that Firefox took by policy and named itself. Raises ProxyError."""
    for name in names(database):
        if name.startswith(NICKNAME):
            _run([certutil(), "-d", f"sql:{database}", "-D", "-n", name])


def is_empty(database: Path) -> bool:
    """Whether a database that exists holds neither a certificate nor a key."""
    found = subprocess.run([certutil(), "-d", f"sql:{database}", "-K"], capture_output=True, timeout=_TIMEOUT_S, check=False)
    return not names(database) and b"no keys found" in found.stdout + found.stderr


def prepare_chromium_home(folder: Path, ca_pem: bytes) -> Path:
    """A home folder whose Chromium trusts `ca_pem`; returns it, to be given to Chromium as HOME.

    Both places are filled: Chromium moved its database from ~/.pki to ~/.local/share/pki.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for place in (".pki/nssdb", ".local/share/pki/nssdb"):
        trust(folder / place, ca_pem)
    return folder


def _run(command: list[str]) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ProxyError(f"certutil: {said[0] if said else 'failed'} ({command[2]})")
    return done.stdout
