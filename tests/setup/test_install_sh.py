"""installer/install.sh stops with one line, before it changes anything, where a PC cannot have SafeGuard."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "installer" / "install.sh"
ID = '#!/bin/sh\necho "${FAKE_UID:-0}"\n'

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="install.sh is for Linux")


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with what the script looks for and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("uname", "dirname", "sh"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    (folder / "id").write_text(ID)
    (folder / "id").chmod(0o755)
    return folder


def run(tools: Path, **env: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(tools / "sh"), str(SCRIPT)], env={"PATH": str(tools), **env}, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def python(tools: Path, answers: str) -> None:
    (tools / "python3").write_text(f"#!/bin/sh\n{answers}\n")
    (tools / "python3").chmod(0o755)


def stopped(result: tuple[int, str], said: str) -> None:
    assert result[0] == 2
    assert len(result[1].splitlines()) == 1
    assert said in result[1]


def test_it_is_sound() -> None:
    subprocess.run(["sh", "-n", str(SCRIPT)], check=True)
    assert os.access(SCRIPT, os.X_OK)


def test_not_root(tools: Path) -> None:
    stopped(run(tools, FAKE_UID="1000"), "sudo sh")


def test_no_python(tools: Path) -> None:
    stopped(run(tools), "Python 3.12")


def test_an_older_python(tools: Path) -> None:
    python(tools, "exit 1")
    stopped(run(tools), "Debian 13")


def test_no_venv(tools: Path) -> None:
    python(tools, 'case "$2" in *version_info*) exit 0 ;; *) exit 1 ;; esac')
    stopped(run(tools), "apt install python3-venv")


def test_no_certutil(tools: Path) -> None:
    python(tools, "exit 0")
    stopped(run(tools), "apt install libnss3-tools")
