"""The certificate databases in a home: `python -m safeguard.setup.databases trust ROOT.pem | forget`, run by the account whose home it is.

What `trust` had to make, `forget` takes away again, unless somebody put a certificate of his own there meanwhile.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from safeguard.errors import ProxyError
from safeguard.system import browser_nss

CHROMIUM = (
    ".pki/nssdb",
    ".local/share/pki/nssdb",
)
"""Relative to the home; made where missing. Chromium moved from the first to the second."""
PACKED = (
    "snap/chromium/current",
    "snap/brave/current",
    ".var/app/org.chromium.Chromium",
    ".var/app/com.google.Chrome",
    ".var/app/com.microsoft.Edge",
    ".var/app/com.brave.Browser",
)
"""Homes that snap and Flatpak give a browser; filled where the browser has been started once."""
FIREFOX = (
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
)
"""Where profiles of Firefox lie. Firefox puts our certificate there as its policy says, and never takes it away."""
_MARK = "made-by-safeguard"
_FILES = ("cert9.db", "key4.db", "pkcs11.txt")


def trust(home: Path, root_pem: bytes) -> None:
    """Make every database of the home's browsers trust the certificate. Raises ProxyError."""

    def fill(folder: Path) -> None:
        made = _make(folder)
        if not (folder / "cert9.db").exists():
            (folder / _MARK).write_text("\n".join(made), encoding="utf-8")
        browser_nss.trust(folder, root_pem)

    _each(_chromiums(home), fill)
    _each(_profiles(home), browser_nss.forget)  # of an earlier setup; the policy brings the new one


def forget(home: Path) -> None:
    """Take every certificate of ours out of the home's databases, and away what trust() made. Raises ProxyError."""

    def clean(folder: Path) -> None:
        browser_nss.forget(folder)
        if (folder / _MARK).exists() and browser_nss.is_empty(folder):
            _unmake(folder)

    _each([f for f in (*_chromiums(home), *_profiles(home)) if (f / "cert9.db").exists()], clean)


def _each(folders: Iterable[Path], work: Callable[[Path], None]) -> None:
    """All of them, though one is broken; its error is told at the end."""
    failed = None
    for folder in folders:
        try:
            work(folder)
        except (ProxyError, OSError, subprocess.SubprocessError) as e:
            failed = failed or ProxyError(f"{folder}: {e}")
    if failed:
        raise failed


def _chromiums(home: Path) -> Iterator[Path]:
    for place in CHROMIUM:
        yield home / place
    for app in PACKED:
        if (home / app).is_dir():
            for place in CHROMIUM:
                yield home / app / place


def _profiles(home: Path) -> Iterator[Path]:
    for place in FIREFOX:
        for database in sorted((home / place).glob("*/cert9.db")):
            yield database.parent


def _make(folder: Path) -> list[str]:
    """Make the folder and those above it; returns those that were missing, deepest first."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700)
    return [str(p) for p in missing]


def _unmake(folder: Path) -> None:
    mark = folder / _MARK
    made = [Path(line) for line in mark.read_text(encoding="utf-8").splitlines()]
    for name in (*_FILES, _MARK):
        (folder / name).unlink(missing_ok=True)
    for path in made:
        try:
            path.rmdir()
        except OSError:
            return  # something else lives there by now


def main(arguments: list[str]) -> int:
    """Exit code. The home is that of the account that runs this, whatever the environment says."""
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    try:
        match arguments:
            case ["trust", root]:
                trust(home, Path(root).read_bytes())
            case ["forget"]:
                forget(home)
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except (ProxyError, OSError) as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
