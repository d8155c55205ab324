"""Looks whether the filter was installed as a service, and how that does; and whether strict mode was chosen and is in force."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from safeguard.setup import strict
from safeguard.setup.services import NAME, PID_FILE, UNIT


def service(root: Path = Path("/")) -> str:
    """In a parent's words; "" where none is installed."""
    if (root / UNIT.relative_to("/")).is_file():
        return f"the service {NAME} of systemd is {_systemd()}"
    try:
        number = int((root / PID_FILE.relative_to("/")).read_text("ascii")[:20])
    except (OSError, ValueError):
        return ""
    return f"the supervisor of {NAME} {'runs' if _alive(number) else 'has ended'}"


def strict_mode(root: Path = Path("/")) -> bool:
    """Whether it was chosen."""
    return (root / strict.RULES.relative_to("/")).exists()


def strict_holds() -> bool | None:
    """Whether the system has its rules loaded; None where that cannot be asked."""
    tool = shutil.which("nft") or shutil.which("nft", path="/usr/sbin:/sbin")
    if tool is None or os.geteuid() != 0:
        return None
    try:
        return subprocess.run([tool, "list", "table", "inet", strict.TABLE], capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return None


def _systemd() -> str:
    try:
        done = subprocess.run(["systemctl", "is-active", UNIT.name], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "installed, and systemd cannot be asked"
    return done.stdout.strip() or "installed, and systemd does not run"


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
