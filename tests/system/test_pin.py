"""The PIN: set, tried, delayed, recovered; what is counted outlives a restart, a crash and a changed clock."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher

from safeguard.errors import InputError
from safeguard.policy import pin_entry
from safeguard.policy.guesses import Moment
from safeguard.policy.incident import Incident
from safeguard.system import lock, private, uptime
from safeguard.system.pin import ROOT, Answer, PinStore, Verified, Wait, Wrong
from safeguard.system.private import NotPrivate

PIN, OTHER = "592718", "804613"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
CHILD = "uid:1000"


class Clock:
    """The time since the computer was started, set by hand."""

    def __init__(self) -> None:
        self.moment = Moment("first", 100.0)

    def __call__(self) -> Moment:
        return self.moment

    def on(self, seconds: float) -> None:
        self.moment = replace(self.moment, seconds=self.moment.seconds + seconds)

    def restart(self, boot: str = "second", seconds: float = 20.0) -> None:
        self.moment = Moment(boot, seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[Incident]:
    return []


@pytest.fixture
def again(tmp_path: Path, clock: Clock, told: list[Incident]) -> Callable[[], PinStore]:
    """The store as a process that begins now opens it."""
    return lambda: PinStore(tmp_path / "state" / "pin.json", told.append, now=clock, hasher=QUICK)


@pytest.fixture
def store(again: Callable[[], PinStore]) -> PinStore:
    made = again()
    made.set(PIN)
    return made


def guess(store: PinStore, times: int, origin: str = CHILD) -> list[Answer]:
    return [store.verify(f"{i:06}", origin) for i in range(times)]


def test_set_and_tried(again: Callable[[], PinStore], told: list[Incident]) -> None:
    store = again()
    assert not store.is_set()
    store.set(PIN)
    assert store.is_set()
    assert again().verify(PIN, CHILD) == Verified()
    assert store.verify(OTHER, CHILD) == Wrong(0)
    assert store.verify("", CHILD) == Wrong(0)
    assert told == []


def test_the_file_is_private_and_has_digests_only(store: PinStore, tmp_path: Path) -> None:
    code = store.set(PIN)
    file = tmp_path / "state" / "pin.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert sorted(p.name for p in file.parent.iterdir()) == ["pin.json", "pin.lock"]
    assert PIN not in file.read_text()
    assert not [g for g in code.split("-") if g in file.read_text()]


def test_argon2id_by_default(tmp_path: Path) -> None:
    store = PinStore(tmp_path / "s" / "pin.json")
    store.set(PIN)
    kept = json.loads((tmp_path / "s" / "pin.json").read_text())["pin"]
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,")
    assert store.verify(PIN, CHILD) == Verified()


def test_doubling(store: PinStore, clock: Clock) -> None:
    assert guess(store, 3) == [Wrong(0), Wrong(0), Wrong(30)]
    assert store.verify(PIN, CHILD) == Wait(30)  # the right one is not tried either
    clock.on(29)
    assert store.verify(PIN, CHILD) == Wait(1)
    for seconds in (60, 120, 240, 480, 960, 1920, 3600, 3600):
        clock.on(3600)
        assert store.verify(OTHER, CHILD) == Wrong(seconds)
    clock.on(3600)
    assert store.verify(PIN, CHILD) == Verified()
    assert guess(store, 3) == [Wrong(0), Wrong(0), Wrong(30)]  # a right one begins anew


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(lambda i: CHILD, id="one origin"),
        pytest.param(lambda i: f"page:{i}", id="an origin for each guess"),
        pytest.param(lambda i: f"page:{i % 4}", id="four in turn"),
    ],
)
def test_a_thousand_guesses_in_an_hour(store: PinStore, clock: Clock, origin: Callable[[int], str]) -> None:
    tried = 0
    for i in range(1000):
        tried += isinstance(store.verify(f"{i:06}", origin(i)), Wrong)
        clock.on(3.6)
    assert 5 <= tried <= 15


def test_a_parent_who_logs_in_takes_nothing_from_what_a_child_guessed(store: PinStore, clock: Clock) -> None:
    tried = logged_in = 0
    for i in range(1000):
        logged_in += store.verify(PIN, "page:parent") == Verified()
        tried += isinstance(store.verify(f"{i:06}", f"page:{i}"), Wrong)
        clock.on(3.6)
    assert tried <= 15
    assert logged_in > 5


def test_another_origin_is_not_delayed_by_one(store: PinStore) -> None:
    guess(store, 4)
    assert store.verify(PIN, "page:parent") == Verified()


def test_root_is_never_delayed(store: PinStore, clock: Clock, told: list[Incident]) -> None:
    guess(store, 10)
    before = len(told)
    assert all(store.verify(OTHER, ROOT) == Wrong(0) for _ in range(30))
    assert store.verify(PIN, ROOT) == Verified()
    assert len(told) == before


def test_a_restart_begins_the_wait_in_full(again: Callable[[], PinStore], store: PinStore, clock: Clock) -> None:
    guess(store, 3)
    clock.on(29)
    clock.restart()
    assert again().verify(PIN, CHILD) == Wait(30)
    clock.on(10)
    assert again().verify(PIN, CHILD) == Wait(20)
    clock.restart("third", 1_000_000)
    assert again().verify(PIN, CHILD) == Wait(30)
    clock.on(30)
    assert again().verify(PIN, CHILD) == Verified()


@pytest.mark.parametrize(("seconds", "wait"), [(5.0, 30), (101.0, 29), (115.0, 15)])
def test_without_a_boot_id_a_restart_shortens_no_wait(
    again: Callable[[], PinStore], store: PinStore, clock: Clock, seconds: float, wait: float
) -> None:
    clock.restart("", 100)
    guess(store, 3)
    clock.restart("", seconds)  # so long the computer has been on, so at least so long ago was the last guess
    assert again().verify(PIN, CHILD) == Wait(wait)


def test_a_guess_is_counted_before_it_is_tried(tmp_path: Path, clock: Clock) -> None:
    """Else a process that is killed while it tries has tried for nothing."""
    file = tmp_path / "s" / "pin.json"
    PinStore(file, hasher=QUICK).set(PIN)
    seen = []

    class Slow(PasswordHasher):
        def verify(self, *args: str | bytes) -> Literal[True]:
            seen.append(json.loads(file.read_text())["wrong"][CHILD]["count"])
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            PinStore(file, now=clock, hasher=Slow()).verify(PIN, CHILD)
    assert seen == [1, 2]


def test_the_systems_clock_is_not_asked(again: Callable[[], PinStore], store: PinStore, monkeypatch: pytest.MonkeyPatch) -> None:
    guess(store, 3)
    for moment in (0.0, time.time() + 10**9, time.time() - 10**9):
        monkeypatch.setattr(time, "time", lambda now=moment: now)
        assert again().verify(PIN, CHILD) == Wait(30)


def test_this_computers_time_goes_on() -> None:
    first = uptime.now()
    time.sleep(0.02)
    second = uptime.now()
    assert second.boot == first.boot
    assert 0.01 < second.seconds - first.seconds < 5
    if sys.platform == "linux":
        assert len(first.boot) == 36
        assert abs(first.seconds - float(Path("/proc/uptime").read_text().split()[0])) < 5


def test_the_parent_is_told(store: PinStore, clock: Clock, told: list[Incident]) -> None:
    for i in range(30):
        store.verify(OTHER, f"page:{i}")
        clock.on(1000)
    assert [(i.kind, i.category, i.excerpt) for i in told] == [
        ("pin", "pin_guessed", f"{n} wrong PINs, the last one from page:{n - 1}") for n in (3, 6, 12, 24)
    ]
    assert len({i.code for i in told}) == 4
    assert OTHER not in repr(told)


def test_recovery(store: PinStore, told: list[Incident]) -> None:
    code = store.set(PIN)
    told.clear()
    guess(store, 12)
    told.clear()
    assert store.recover("0000-0000-0000-0000-0000-0000", OTHER) is None
    assert store.verify(PIN, ROOT) == Verified()
    fresh = store.recover(f" {code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')}\n", OTHER)
    assert fresh is not None
    assert fresh != code
    assert store.verify(OTHER, CHILD) == Verified()  # nobody waits for guesses at a PIN that is no more
    assert store.recover(code, PIN) is None
    assert [i.category for i in told] == ["pin_changed"]
    assert store.recover(fresh, PIN) is not None


def test_a_recovery_code_is_long_and_never_the_same(store: PinStore) -> None:
    codes = {store.set(PIN) for _ in range(50)}
    assert len(codes) == 50
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}", c) for c in codes)


def test_changed_is_told_the_first_one_is_not(again: Callable[[], PinStore], told: list[Incident]) -> None:
    store = again()
    first = store.set(PIN)
    assert told == []
    assert store.set(OTHER, pin_entry.SAID_RESET) != first
    assert [i.excerpt for i in told] == ["the PIN was reset by root"]


@pytest.mark.parametrize("pin", ["123456", "12345", "19841985"])
def test_too_easy(store: PinStore, pin: str) -> None:
    code = store.set(PIN)
    for attempt in (lambda: store.set(pin), lambda: store.recover(code, pin)):
        with pytest.raises(InputError) as e:
            attempt()
        assert pin not in str(e.value)
    assert store.verify(PIN, CHILD) == Verified()


def test_without_a_pin(again: Callable[[], PinStore]) -> None:
    with pytest.raises(InputError, match="no PIN is set"):
        again().verify(PIN, CHILD)
    with pytest.raises(InputError, match="no PIN is set"):
        again().recover("x", PIN)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"version": 1}', b"\xff", b"[" * 90_000, b"x" * 200_000])
def test_a_damaged_file_is_never_no_pin(store: PinStore, tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "state" / "pin.json"
    file.write_bytes(damage)
    for attempt in (store.is_set, lambda: store.verify(PIN, CHILD), lambda: store.recover("x", PIN)):
        with pytest.raises(NotPrivate, match="damaged") as e:
            attempt()
        assert "\n" not in str(e.value)
    store.set(OTHER)  # as root's reset does
    assert store.verify(OTHER, CHILD) == Verified()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 2),
        ("pin", "$argon2id$broken"),
        ("pin", "plain"),
        ("pin", 5),
        ("recovery", "00"),
        ("wrong", {CHILD: {"count": -5, "last": {"boot": "first", "seconds": 1}}}),
        ("wrong", {CHILD: {"count": 5, "last": {"boot": "first", "seconds": float("nan")}}}),
        ("wrong", []),
    ],
)
def test_damaged_values(store: PinStore, tmp_path: Path, key: str, value: object) -> None:
    file = tmp_path / "state" / "pin.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    with pytest.raises(NotPrivate, match="damaged"):
        store.verify(PIN, CHILD)


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX")
def test_open_to_others_or_a_link(store: PinStore, tmp_path: Path) -> None:
    file = tmp_path / "state" / "pin.json"
    file.chmod(0o644)
    with pytest.raises(NotPrivate, match="chmod 600"):
        store.verify(PIN, CHILD)
    file.chmod(0o600)
    file.rename(tmp_path / "state" / "else")
    file.symlink_to(tmp_path / "state" / "else")
    with pytest.raises(NotPrivate):
        store.is_set()


def test_what_goes_wrong_inside_does_not_say_the_pin(store: PinStore, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = "geheim\udc80wort"  # cannot be encoded, and such an error quotes what it cannot encode
    assert store.verify(odd, CHILD) == Wrong(0)
    with pytest.raises(InputError):
        store.set(odd)
    secret = "a quiet river 5927"
    store.set(secret)
    monkeypatch.setattr(QUICK.__class__, "verify", lambda *args: 1 / 0)
    try:
        store.verify(secret, CHILD)
    except ZeroDivisionError as e:
        said = "".join(traceback.format_exception(e)) + repr(e)
    assert "river" not in said
    assert "river" not in repr(store)


GUESSER = """
import sys, time
from argon2 import PasswordHasher
from pathlib import Path
from safeguard.policy.guesses import Moment
from safeguard.system import uptime
from safeguard.system.pin import PinStore
hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
hurried = lambda: Moment("b", time.monotonic() * 10**9)
store = PinStore(Path(sys.argv[1]), hasher=hasher, now=hurried if sys.argv[4:] else uptime.now)
print("ready", flush=True)
sys.stdin.readline()
for i in range(int(sys.argv[3])):
    print(type(store.verify("%06d" % i, sys.argv[2].replace("#", str(i)))).__name__, flush=True)
"""


def guesser(file: Path, origin: str, times: int, *hurried: str) -> subprocess.Popen[str]:
    """A process that guesses when it reads a line. hurried: for which each nanosecond is a second, so that no wait holds it up."""
    command = [sys.executable, "-c", GUESSER, str(file), origin, str(times), *hurried]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


@pytest.mark.parametrize(("origin", "most"), [(CHILD, 3), ("page:{}-#", 6)], ids=["one origin", "an origin for each guess"])
def test_several_processes_at_once(tmp_path: Path, origin: str, most: int) -> None:
    file = tmp_path / "s" / "pin.json"
    PinStore(file, hasher=QUICK).set(PIN)
    several = [guesser(file, origin.format(i), 25) for i in range(6)]
    for process in several:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = "".join(p.communicate(timeout=60)[0] for p in several)
    assert said.count("Wrong") == most
    assert said.count("Wait") == 150 - most


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_killed_in_the_middle(tmp_path: Path) -> None:
    """Wherever it is killed, the PIN is whole, and each guess that was answered is counted (and at most one that was not)."""
    file = tmp_path / "s" / "pin.json"
    store = PinStore(file, hasher=QUICK)
    store.set(PIN)
    count = 0
    for i in range(15):
        started = guesser(file, "page:#", 10_000, "hurried")
        assert started.stdin is not None
        started.stdin.write("go\n")
        started.stdin.flush()
        time.sleep(0.011 * i)
        started.send_signal(signal.SIGKILL)
        said = started.communicate()[0]
        now = sum(w["count"] for w in json.loads(file.read_text())["wrong"].values())
        assert 0 <= now - count - said.count("Wrong") <= 1
        assert store.verify(PIN, ROOT) == Verified()
        count = now
    assert count > 15


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_killed_while_writing(tmp_path: Path, where: str) -> None:
    """The draft is half on the disk, or whole and not yet in its place."""
    file = tmp_path / "s" / "pin.json"
    store = PinStore(file, hasher=QUICK)
    store.set(PIN)
    assert store.verify(OTHER, CHILD) == Wrong(0)
    program = f"""
import os, signal, sys
from pathlib import Path
from safeguard.system.pin import PinStore
def die(*args): os.kill(os.getpid(), signal.SIGKILL)
if {where!r} == "fsync": os.fsync = die
else: Path.replace = die
PinStore(Path(sys.argv[1])).set("a new one 31")
"""
    assert subprocess.run([sys.executable, "-c", program, str(file)], timeout=60).returncode == -signal.SIGKILL
    assert list(private.drafts(file))
    assert json.loads(file.read_text())["wrong"][CHILD]["count"] == 1
    assert store.verify(PIN, CHILD) == Verified()
    assert sorted(p.name for p in file.parent.iterdir()) == ["pin.json", "pin.lock"]


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_stopped_process_holds_nobody_up_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "s" / "pin.json"
    store = PinStore(file, hasher=QUICK)
    store.set(PIN)
    monkeypatch.setattr(lock, "PATIENCE_S", 0.1)
    with lock.held(file.with_suffix(".lock")), pytest.raises(NotPrivate, match="another process"):
        store.verify(PIN, CHILD)
    assert store.verify(PIN, CHILD) == Verified()
