"""Another process of the same account asks the running filter for a hidden text; nobody else gets it."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from safeguard.system import private, reveal
from safeguard.system.reveal import Answer, Service

TEXTS = {"AB12-CD34": "verboten\n\u202e слова".encode(), "LONG": b"x" * 3_000_000}
ways = pytest.mark.parametrize("unix", [True, False], ids=["unix socket", "loopback"])


def service(folder: Path, unix: bool) -> Service:
    return Service(folder, TEXTS.get, lambda: None, unix, 0.4)


@ways
def test_asked_and_answered(tmp_path: Path, unix: bool) -> None:
    folder = tmp_path / "s"
    with service(folder, unix) as s:
        assert stat.S_IMODE(s.path.stat().st_mode) == 0o600
        assert reveal.ask(folder, "AB12-CD34") == Answer("verboten\n\u202e слова", 1)
        assert reveal.ask(folder, "LONG").text == "x" * 3_000_000
        assert reveal.ask(folder, "NONE") == Answer(None, 1)
    assert reveal.ask(folder, "AB12-CD34") == Answer(None, 0)
    assert list(folder.iterdir()) == []


@ways
def test_by_another_process(tmp_path: Path, unix: bool) -> None:
    code = f"from pathlib import Path; from safeguard.system import reveal; print(reveal.ask(Path({str(tmp_path / 's')!r}), 'LONG').asked)"
    with service(tmp_path / "s", unix):
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout == "1\n"


@ways
def test_a_rude_client_costs_nothing(tmp_path: Path, unix: bool) -> None:
    folder = tmp_path / "s"
    with service(folder, unix) as s:
        for said in (b"", b"\xff" * 5000, b"\n", b"- \n", b"- " + b"A" * 300 + b"\n", b"- ../x\n"):
            with reveal._connected(s.path) as (c, _):
                c.sendall(said)
        with reveal._connected(s.path):  # says nothing, and is still there
            assert reveal.ask(folder, "AB12-CD34").text
        assert reveal.ask(folder, "AB12-CD34").text


def test_on_loopback_the_secret_is_needed(tmp_path: Path) -> None:
    with service(tmp_path / "s", False) as s, reveal._connected(s.path) as (c, secret):
        c.sendall(b"0" * len(secret) + b" AB12-CD34\n")
        assert c.recv(100) == b""


def test_what_others_can_write_is_not_asked(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    with service(folder, True) as s:
        s.path.chmod(0o666)
        assert reveal.ask(folder, "AB12-CD34") == Answer(None, 0)


def test_left_over_files_and_broken_ones_are_passed_over(tmp_path: Path) -> None:
    folder = private.folder(tmp_path / "s")
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(folder / "reveal-1.sock"))
    dead.close()
    for name, text in (("reveal-2.port", "{"), ("reveal-3.port", '{"port": 1, "secret": "x"}'), ("reveal-4.port", "[]"), ("x.port", "")):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    (folder / "reveal-1.sock").chmod(0o600)
    assert reveal.ask(folder, "AB12-CD34") == Answer(None, 0)
    with service(folder, True):
        assert reveal.ask(folder, "AB12-CD34").asked == 1


def test_no_folder_no_code(tmp_path: Path) -> None:
    assert reveal.ask(tmp_path / "none", "A") == Answer(None, 0)
    assert reveal.ask(tmp_path, "a b\n") == Answer(None, 0)


def test_a_path_too_long_for_a_unix_socket_uses_loopback(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100) / "s"
    with Service(folder, TEXTS.get, lambda: None) as s:
        assert s.path.suffix == ".port"
        assert reveal.ask(folder, "AB12-CD34").text


def test_a_socket_left_by_a_killed_process_of_the_same_number_is_replaced(tmp_path: Path) -> None:
    service(tmp_path / "s", True)._socket.close()
    with service(tmp_path / "s", True):
        assert reveal.ask(tmp_path / "s", "AB12-CD34").text
