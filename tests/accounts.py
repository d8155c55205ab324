"""Real accounts of this machine, for the time of a test."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

needs_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("useradd") is None, reason="needs root and useradd: makes real users"
)


@contextlib.contextmanager
def user(name: str) -> Iterator[int]:
    """An account of this name, which may be an odd one; its uid."""
    import pwd  # not on Windows

    command = ["useradd", "--badname", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"LC_ALL": "C.UTF-8"})
    try:
        yield pwd.getpwnam(name).pw_uid
    finally:
        subprocess.run(["userdel", name], check=True, capture_output=True)
