"""`safeguard pin`: set, changed, recovered, reset by root; the PIN stands nowhere that others read."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore, Verified
from tests.cli.conftest import Call, Run

PIN, OTHER = "592718", "804613"


def recovery_code(said: str) -> str:
    [code] = re.findall(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}", said)
    return str(code)


def alerts() -> list[str]:
    log = wiring.open_store(Settings())
    try:
        entries = [log.show(a.code) for a in log.alerts.pending()]
        return [e.incident.excerpt for e in entries if e is not None]
    finally:
        log.close()


def test_set_check_change_recover(run: Run, paths: Paths) -> None:
    assert run("pin", "check").stdout == "No PIN is set; set one with: safeguard pin set\n"
    made = run("pin", "set", "--new-pin-file", "-", stdin=f"{PIN}\n")
    assert made.returncode == 0, made.stderr
    assert PIN not in made.stdout + made.stderr
    code = recovery_code(made.stdout)
    assert run("pin", "check", "--pin-file", "-", stdin=f"{PIN}\n").returncode == 0
    assert alerts() == []
    changed = run("pin", "set", "--pin-file", "-", "--new-pin-file", "-", stdin=f"{PIN}\n{OTHER}\n")
    assert recovery_code(changed.stdout) != code
    assert alerts() == ["the PIN was changed"]
    wrong = run("pin", "recover", "--code-file", "-", "--new-pin-file", "-", stdin=f"{code}\n{PIN}\n")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == "This is not the recovery code; nothing was changed.\n"
    again = run("pin", "recover", "--code-file", "-", "--new-pin-file", "-", stdin=f"{recovery_code(changed.stdout)}\n{PIN}\n")
    assert again.returncode == 0
    assert PinStore(paths.pin).verify(PIN, "uid:0") == Verified()
    assert alerts() == ["the PIN was changed", "the PIN was set anew with the recovery code"]


@pytest.mark.skipif(os.name == "posix" and os.getuid() != 0, reason="needs root")
def test_reset_is_roots_and_told(call: Call, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    PinStore(paths.pin).set(PIN)
    done = call("pin", "reset", "--new-pin-file", "-", stdin=f"{OTHER}\n")
    assert done.exit_code == 0
    assert alerts() == ["the PIN was reset by root"]
    monkeypatch.setattr("safeguard.cli.pin.origin", lambda: "uid:1000")
    refused = call("pin", "reset", "--new-pin-file", "-", stdin=f"{PIN}\n")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "sudo safeguard pin reset" in refused.stderr
    assert PinStore(paths.pin).verify(OTHER, "uid:0") == Verified()


@pytest.mark.skipif(os.name == "posix" and os.getuid() != 0, reason="needs root")
def test_reset_mends_a_damaged_file(call: Call, paths: Paths) -> None:
    PinStore(paths.pin).set(PIN)
    paths.pin.write_bytes(b"{")
    assert call("pin", "reset", "--new-pin-file", "-", stdin=f"{OTHER}\n").exit_code == 0
    assert PinStore(paths.pin).verify(OTHER, "uid:0") == Verified()


@pytest.mark.parametrize(
    ("args", "stdin", "said"),
    [
        pytest.param(("set", "--new-pin-file", "-"), "123456\n", "too easy to guess", id="too easy"),
        pytest.param(("set", "--new-pin-file", "-"), "\n", "no new PIN in the first line", id="empty"),
        pytest.param(("set",), "", "--new-pin-file", id="nobody to ask"),
        pytest.param(("set", "--new-pin-file", "-"), b"\xff\xfe\x80\x81\x82\x83\x84\x85\n", "invisible or control", id="no UTF-8"),
        pytest.param(("recover",), "", "no PIN is set", id="nothing to recover"),
    ],
)
def test_mistakes(run: Run, paths: Paths, args: tuple[str, ...], stdin: str | bytes, said: str) -> None:
    done = run("pin", *args, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not paths.pin.exists()


def test_the_pin_is_written_nowhere(run: Run, own_folders: Path) -> None:
    secrets = ["stone river 59", "stone river 60"]
    made = run("pin", "set", "--new-pin-file", "-", stdin=secrets[0] + "\n")
    for i in range(4):
        run("profile", "default", "trial", "--pin-file", "-", stdin=f"stone river 7{i}\n")
    run("pin", "set", "--pin-file", "-", "--new-pin-file", "-", stdin="\n".join(secrets))
    everything = b"".join(p.read_bytes() for p in own_folders.rglob("*") if p.is_file())
    assert b"$argon2id$" in everything
    assert b"stone river" not in everything
    assert recovery_code(made.stdout).encode() not in everything
