"""Every command either asks the PIN or is known not to weaken protection: one that is neither fails here, so none can be forgotten."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from argon2 import PasswordHasher

from safeguard import wiring
from safeguard.cli import app
from safeguard.config import Settings
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore, Verified
from tests.cli.conftest import Call, Run
from tests.store.conftest import incident

PIN, OTHER = "592718", "804613"
CODE = "AB12"

ASKS = {
    "log show": (CODE,),
    "log allow": (CODE,),
    "log export": (),
    "log purge": ("--all", "--yes"),
    "report": (CODE, "--output", "/nowhere/there.zip"),
    "profile set": ("teen", "--action", "show"),
    "profile default": ("trial",),
    "profile assign": ("root", "trial"),
    "sites remove": ("social.example.org",),
    "rules add": ("--allow", "--yes", "quiet river"),
    "rules remove": ("quiet river",),
    "rules disable": ("incitement.ought-kill",),
    "rules enable": ("incitement.ought-kill",),
    "alerts add": ("--url-file", "-"),
    "alerts remove": ("3f9a1c",),
    "pin set": ("--new-pin-file", "-"),
    "pin check": (),
    "update": ("--rollback", "--yes"),
}
"""Command -> arguments with which it would show what is hidden, or hide less from now on."""

ASKS_ITSELF = {
    "setup": "the PIN of the SafeGuard that is installed, and a new one the first time (tests/setup/test_installed.py)",
    "uninstall": "the same",
}
"""Command -> which PIN it asks, where that is not simply the one of these folders."""

DOES_NOT_WEAKEN = {
    "repair": "finishes what somebody with the PIN began, or sets up again what was there",
    "demo": "is a network of its own with rules as they are",
    "run": "begins a filter; ends and changes none",
    "supervise": "the same, again and again",
    "browse": "opens a browser that is filtered",
    "open": "opens the page, which asks the PIN itself",
    "status": "says facts, no text",
    "doctor": "says facts, no text",
    "check": "judges a text that who asks has typed",
    "filter": "works on files that who asks has",
    "agent": "says site, kind and code, no text, and must begin without anybody there",
    "alerts list": "prints services, nothing secret",
    "alerts test": "sends the parent a message that says it is a test",
    "log list": "prints codes, sites and authors, no text",
    "log allowed": "prints what is allowed",
    "log undo": "hides again",
    "log confirm": "hides again",
    "log stats": "prints counts",
    "profile list": "prints only",
    "profile show": "prints only",
    "sites list": "prints only",
    "sites add": "watches more, never less",
    "ca show": "prints only",
    "ca renew": "lets more sites be read; where browsers do not trust it, they show none",
    "rules list": "prints only, and the rules are open",
    "rules show": "prints only, and the rules are open",
    "rules lint": "checks only",
    "rules test": "checks only",
    "pin recover": "asks the recovery code instead",
    "pin reset": "is root's alone",
}
"""Command -> why it needs no PIN."""


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    for sub in command.list_commands(click.Context(command)):
        child = command.get_command(click.Context(command), sub)
        assert child is not None
        yield from commands(child, f"{name} {sub}".strip())


ALL = dict(commands(app))


def takes_a_pin(command: click.Command) -> bool:
    return any("--pin-file" in p.opts for p in command.params)


@pytest.mark.parametrize("name", sorted(ALL | ASKS | ASKS_ITSELF | DOES_NOT_WEAKEN))
def test_every_command_is_in_one_list(name: str) -> None:
    assert name in ALL, "a command that is no more"
    assert (name in ASKS) + (name in ASKS_ITSELF) + (name in DOES_NOT_WEAKEN) == 1, (
        "put it into ASKS (with @guarded()), or say why it does not weaken"
    )
    assert takes_a_pin(ALL[name]) == (name in ASKS or name in ASKS_ITSELF)


@pytest.mark.parametrize("name", ALL)
def test_no_pin_in_the_arguments_of_a_process(name: str) -> None:
    for param in ALL[name].params:
        if isinstance(param, click.Option) and any(word in str(param.opts) for word in ("pin", "recovery", "code-")):
            assert all(o.endswith("-file") for o in param.opts), "others see the arguments of a process"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests that cost nothing, in this process; the processes it starts read them all the same."""
    monkeypatch.setattr("safeguard.system.pin.PasswordHasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def log() -> None:
    store = wiring.open_store(Settings())
    store.add(incident(CODE, excerpt="a hidden needle"))
    store.close()


@pytest.fixture
def store(paths: Paths, log: None) -> PinStore:
    made = PinStore(paths.pin)
    made.set(PIN)
    return made


def kept(paths: Paths) -> dict[str, bytes]:
    """All that commands keep, but the count of guesses and the log."""
    found = [
        p for folder in (paths.config, paths.state) for p in folder.rglob("*") if p.is_file() and not p.name.startswith(("pin.", "log."))
    ]
    return {str(p): p.read_bytes() for p in found}


def logged() -> list[str]:
    with_pin = wiring.open_store(Settings())
    try:
        codes = [e.incident.code for e in with_pin.entries() if e.incident.kind == "unit"]
        return [*codes, *(str(m.allowance) for m in with_pin.allowances.list())]
    finally:
        with_pin.close()


@pytest.mark.parametrize("name", ASKS)
def test_it_asks_before_it_does_anything(call: Call, store: PinStore, paths: Paths, name: str) -> None:
    before = kept(paths), logged(), paths.pin.read_bytes()
    unasked = call(*name.split(), *ASKS[name], stdin="804613\n")
    assert unasked.exit_code == 2
    assert unasked.stdout == ""
    assert unasked.stderr.count("\n") == 1
    assert "the PIN is asked for" in unasked.stderr
    assert "--pin-file" in unasked.stderr
    assert (kept(paths), logged(), paths.pin.read_bytes()) == before
    wrong = call(*name.split(), *ASKS[name], "--pin-file", "-", stdin=f"{OTHER}\n735190\n")
    assert wrong.exit_code == 1
    assert wrong.stdout == ""
    assert wrong.stderr == "wrong PIN; try again\n" if os.getuid() == 0 else "wrong PIN" in wrong.stderr
    assert (kept(paths), logged()) == before[:2]
    assert store.verify(PIN, "uid:0") == Verified()
    right = call(*name.split(), *ASKS[name], "--pin-file", "-", stdin=f"{PIN}\n735190\n")
    assert "PIN is asked" not in right.stderr
    assert "wrong PIN" not in right.stderr


@pytest.mark.parametrize("name", sorted(set(ASKS) - {"pin set", "pin check"}))
def test_without_a_pin_nothing_is_asked(call: Call, log: None, paths: Paths, name: str) -> None:
    done = call(*name.split(), *ASKS[name])
    assert "PIN" not in done.stderr
    assert not paths.pin.exists()


@pytest.mark.parametrize(
    "args",
    [("rules", "add", "--yes", "quiet river"), ("log", "list"), ("log", "undo", "1"), ("log", "confirm", CODE), ("profile", "list")],
    ids=" ".join,
)
def test_hiding_more_and_looking_at_facts_asks_nothing(call: Call, store: PinStore, args: tuple[str, ...]) -> None:
    done = call(*args)
    assert "PIN" not in done.stderr
    assert "needle" not in done.stdout


def test_a_pin_from_a_file(call: Call, store: PinStore, tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.write_text(f"{PIN}\r\nanother line")
    file.chmod(0o644)
    assert "chmod 600" in call("pin", "check", "--pin-file", str(file)).stderr
    file.chmod(0o600)
    assert call("pin", "check", "--pin-file", str(file)).exit_code == 0
    assert (
        call("pin", "check", "--pin-file", str(tmp_path / "none")).stderr
        == f"{tmp_path / 'none'}: cannot be read (No such file or directory)\n"
    )
    assert call("pin", "check", "--pin-file", str(tmp_path)).exit_code == 2
    assert call("pin", "check", "--pin-file", "-", stdin="").stderr == "no PIN in the first line of standard input\n"
    assert call("pin", "check", "--pin-file", "-", stdin=PIN * 10_000).exit_code == 1


def test_the_pin_and_an_answer_in_one_standard_input(call: Call, store: PinStore) -> None:
    done = call("log", "purge", "--all", "--pin-file", "-", stdin=f"{PIN}\ny\n")
    assert "1 entry deleted" in done.stdout


def test_a_damaged_pin_opens_nothing(call: Call, store: PinStore, paths: Paths) -> None:
    paths.pin.write_bytes(b"")
    done = call("profile", "default", "trial")
    assert done.exit_code == 2
    assert "damaged" in done.stderr
    assert not (paths.config / "profiles.yaml").exists()


def test_a_child_is_told_how_long_to_wait(call: Call, store: PinStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safeguard.cli.guarded.origin", lambda: "uid:1000")
    said = [call("pin", "check", "--pin-file", "-", stdin=f"{OTHER}\n") for _ in range(4)]
    assert [s.stderr for s in said[:3]] == ["wrong PIN; try again\n", "wrong PIN; try again\n", "wrong PIN; try again in 30 seconds\n"]
    assert re.fullmatch(r"too many wrong PINs, this one was not tried; try again in (30|2\d) seconds\n", said[3].stderr)
    assert {s.exit_code for s in said} == {1}
    log = wiring.open_store(Settings())
    [alert] = [a for a in log.alerts.pending() if a.category == "pin_guessed"]
    entry = log.show(alert.code)
    log.close()
    assert alert.urgent
    assert entry is not None
    assert entry.incident.excerpt == "3 wrong PINs, the last one from uid:1000"
    refused = call("log", "allow", alert.code, "--pin-file", "-", stdin=f"{PIN}\n")
    assert refused.exit_code == 1  # still waiting, even with the right one


def test_the_entry_of_a_guess_can_not_be_allowed(call: Call, store: PinStore) -> None:
    call("pin", "reset", "--new-pin-file", "-", stdin=f"{OTHER}\n") if os.getuid() == 0 else store.set(OTHER)
    log = wiring.open_store(Settings())
    log.add(incident("PN12-PN34", kind="pin", category="pin_guessed"))
    log.close()
    done = call("log", "allow", "PN12-PN34", "--pin-file", "-", stdin=f"{OTHER}\n")
    assert done.exit_code == 2
    assert "tells of the PIN" in done.stderr


@pytest.mark.parametrize("broken", ["locked", "damaged"])
def test_a_log_that_cannot_be_written_holds_no_guess_up(run: Run, store: PinStore, paths: Paths, broken: str) -> None:
    """And lets none through uncounted."""
    program = (
        "import safeguard.cli.guarded as g; g.origin = lambda: 'uid:1000'; g.TELL_S = 0.5\n"
        "import sys; from safeguard.cli import main; sys.argv = ['safeguard', 'pin', 'check', '--pin-file', '-']; main()"
    )
    lock = sqlite3.connect(paths.log, isolation_level=None)
    if broken == "locked":
        lock.execute("BEGIN EXCLUSIVE")
    else:
        lock.close()
        for side in ("-wal", "-shm"):
            paths.log.with_name(paths.log.name + side).unlink(missing_ok=True)
        paths.log.write_bytes(b"no database" * 1000)
    try:
        took = time.monotonic()
        for _ in range(4):
            done = subprocess.run([sys.executable, "-c", program], input=f"{OTHER}\n".encode(), capture_output=True, timeout=60)
            assert done.returncode == 1
        assert time.monotonic() - took < 40
        assert b"was not tried" in done.stderr
    finally:
        lock.close()


TERMINAL = "import pty, sys; raise SystemExit(pty.spawn(sys.argv[1:]) >> 8)"


def at_a_terminal(typed: list[str], *args: str) -> tuple[int, str]:
    """`safeguard ARGS` with a terminal of its own; each of `typed` is typed when something is asked. Gives exit code and what is seen."""
    program = "import sys; from safeguard.cli import main; sys.argv[0] = 'safeguard'; main()"
    command = [sys.executable, "-c", TERMINAL, sys.executable, "-c", program, *args]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        seen = b""
        while more := os.read(process.stdout.fileno(), 4096):
            seen += more
            if typed and seen.endswith(b": "):
                time.sleep(0.2)  # until what is typed is no longer shown
                process.stdin.write(typed.pop(0).encode() + b"\n")
                process.stdin.flush()
        process.stdin.close()
        return process.wait(30), seen.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo terminal is POSIX")
def test_at_a_terminal_nothing_that_is_typed_is_shown(paths: Paths, log: None) -> None:
    code, seen = at_a_terminal(["river stone 5", "river stone 6"], "pin", "set")
    assert code == 2
    assert "two different" in seen
    code, seen = at_a_terminal(["river stone 5", "river stone 5"], "pin", "set")
    assert code == 0, seen
    assert "Recovery code" in seen
    first = seen.partition("forget the PIN: ")[2].split()[0]
    assert "river" not in seen
    code, seen = at_a_terminal(["river stone 5"], "log", "show", CODE)
    assert (code, "needle" in seen, "river" in seen) == (0, True, False)
    code, seen = at_a_terminal(["river stone 6"], "log", "show", CODE)
    assert (code, "needle" in seen, "wrong PIN" in seen) == (1, False, True)
    code, seen = at_a_terminal(["123456"], "pin", "set", "--pin-file", "/dev/null")
    assert code == 2
    code, seen = at_a_terminal([first, "stone river 7", "stone river 7"], "pin", "recover")
    assert (code, "river" in seen, first in seen) == (0, False, False)
    assert PinStore(paths.pin).verify("stone river 7", "uid:0") == Verified()
