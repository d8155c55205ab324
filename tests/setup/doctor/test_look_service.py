"""Whether the filter was installed as a service, by the files that the service managers leave."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from safeguard.setup.doctor.look_service import service
from safeguard.setup.services import PID_FILE, UNIT


def at(root: Path, place: str) -> Path:
    path = root / place.lstrip("/")
    path.parent.mkdir(parents=True)
    return path


def test_none(tmp_path: Path) -> None:
    assert service(tmp_path) == ""


def test_systemd(tmp_path: Path) -> None:
    at(tmp_path, str(UNIT)).write_text("[Unit]\n")
    assert service(tmp_path).startswith("the service safeguard of systemd is ")


def test_the_supervisor(tmp_path: Path) -> None:
    file = at(tmp_path, str(PID_FILE))
    file.write_text(f"{os.getpid()}\n")
    assert service(tmp_path) == "the supervisor of safeguard runs"
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    file.write_text(f"{ended.pid}\n")
    assert service(tmp_path) == "the supervisor of safeguard has ended"
    for broken in ("", "x", "9" * 30):
        file.write_text(broken)
        service(tmp_path)
