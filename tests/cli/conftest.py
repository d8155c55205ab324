"""Commands are run as a user would: in a process of their own, with this test's folders."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safeguard.cli import app
from safeguard.errors import SafeguardError
from safeguard.system import shipped
from safeguard.system.terminal import safe

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run() -> Run:
    """`safeguard ARGS`, standard input from `stdin`; gives exit code, stdout and stderr."""

    def go(*args: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run([sys.executable, "-m", "safeguard", *args], input=data, capture_output=True, timeout=60)
        return subprocess.CompletedProcess(args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return go


Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    """`safeguard ARGS` inside this process, which is quicker; errors of ours end as the command line ends them."""

    def go(*args: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(app, list(args), input=stdin, prog_name="safeguard")
        if isinstance(result.exception, SafeguardError):
            result.exit_code = result.exception.exit_code
            result.stderr_bytes = (result.stderr_bytes or b"") + safe(str(result.exception), lines=True).encode() + b"\n"
        elif result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return go


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[dict[str, str]], None]:
    """Makes these files (name -> text) the shipped rules, a handful, which compile in no time."""

    def go(files: dict[str, str]) -> None:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        monkeypatch.setattr(shipped, "rules", lambda: tmp_path)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # the tests' common one keeps the real rules

    return go
