"""Looks whether the filter was installed as a service, and how that does."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

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
