"""Commands are run as a user would: in a process of their own, with this test's folders."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run() -> Run:
    """`safeguard ARGS`, standard input from `stdin`; gives exit code, stdout and stderr."""

    def go(*args: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run([sys.executable, "-m", "safeguard", *args], input=data, capture_output=True, timeout=60)
        return subprocess.CompletedProcess(args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return go
