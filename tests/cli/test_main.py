"""The command line as a whole: help, exit codes, and the last stop of an unforeseen error."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from safeguard import __version__
from safeguard.cli import COMMANDS

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_help_names_every_command(run: Run) -> None:
    done = run("--help")
    assert done.returncode == 0
    for name, (_, text) in COMMANDS.items():
        assert name in done.stdout
        assert text.split()[0] in done.stdout


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"safeguard {__version__}\n"


@pytest.mark.parametrize(
    "args", [("nonsense",), ("--nonsense",), ("check", "--nonsense"), ("log", "nonsense"), ("check", "a", "--profile", "x")]
)
def test_wrong_usage_exits_with_2(run: Run, args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_help_and_check_do_not_load_the_proxy(run: Run) -> None:
    program = (
        "import sys; sys.argv = ['safeguard', 'check', 'hello']\n"
        "from safeguard.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('mitmproxy', 'sqlalchemy', 'flask') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_an_unforeseen_error_exits_with_3() -> None:
    program = (
        "import sys; sys.argv = ['safeguard', 'check', 'hello']\n"
        "from safeguard import cli, wiring\n"
        "def broken(*a, **k): raise ZeroDivisionError('unforeseen')\n"
        "wiring.load_settings = broken\n"
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 3
    assert "ZeroDivisionError: unforeseen" in done.stderr
    assert done.stderr.endswith("safeguard: internal error; please report it with the lines above\n")


def test_a_closed_pipe_is_no_error() -> None:
    done = subprocess.run(f"{sys.executable} -m safeguard --help | head -c 1", shell=True, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
