"""The PIN against the child's own account, for real: users with odd names, the service's folder, guesses from several accounts at once."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from safeguard.system.pin import ROOT, PinStore, Verified, Wrong
from tests.accounts import needs_root, user

pytestmark = needs_root

PIN, OTHER = "592718", "804613"
SERVICE, CHILD = f"sgt-svc.Ö_{os.getpid()}", f"sgt-Kd.{os.getpid()}$"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class House:
    """The places of a PC: its state folder is the service's, and all above can be entered by everybody."""

    state: Path
    service: int
    child: int

    @property
    def pin(self) -> Path:
        return self.state / "pin.json"

    @property
    def store(self) -> PinStore:
        return PinStore(self.pin, hasher=QUICK)


@pytest.fixture(scope="module")
def users() -> Iterator[tuple[int, int]]:
    with user(SERVICE) as service, user(CHILD) as child:
        yield service, child


@pytest.fixture
def house(users: tuple[int, int]) -> Iterator[House]:
    base = Path("/var/tmp") / f"sgt pin {os.getpid()}"  # pytest's own folders are closed to others
    try:
        base.mkdir(mode=0o755)
        state = base / "var" / "safeguard"
        state.mkdir(parents=True)
        state.chmod(0o700)
        os.chown(state, users[0], users[0])
        for other in ("config", "cache"):
            (base / other / "safeguard").mkdir(parents=True, mode=0o755)
        made = House(state, *users)
        made.store.set(PIN)
        yield made
    finally:
        shutil.rmtree(base, ignore_errors=True)


COMMANDS = "import safeguard.cli.pin, safeguard.cli.profile, ctypes\nfrom safeguard.cli import main"
AS_USER = """
import os, sys
import encodings.ascii, fcntl
from argon2 import PasswordHasher
from pathlib import Path
from safeguard.system.pin import PinStore
uid = int(sys.argv.pop(1))
os.setgroups([]), os.setgid(uid), os.setuid(uid)
"""


def as_user(uid: int, program: str, *args: str, stdin: str = "", state: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The program in a process that gave root up; what it needs was imported before, for the interpreter may be root's alone."""
    env = dict(os.environ)
    if state is not None:
        base = state.parent.parent
        env |= {"XDG_STATE_HOME": str(state.parent), "XDG_CONFIG_HOME": str(base / "config"), "XDG_CACHE_HOME": str(base / "cache")}
    command = [sys.executable, "-c", (COMMANDS if "main()" in program else "") + AS_USER + program, str(uid), *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, env=env)


def safeguard(house: House, uid: int, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return as_user(uid, "main()", *args, stdin=stdin, state=house.state)


def test_what_root_writes_is_the_services(house: House) -> None:
    for path in house.state.iterdir():
        info = path.stat()
        assert (info.st_uid, stat.S_IMODE(info.st_mode)) == (house.service, 0o600)
    guess = 'print(PinStore(Path(sys.argv[1])).verify(sys.argv[2], "page:1"))'
    assert as_user(house.service, guess, str(house.pin), OTHER).stdout == "Wrong(seconds=0.0)\n"
    assert as_user(house.service, guess, str(house.pin), PIN).stdout == "Verified()\n"
    house.store.set(OTHER)  # root resets it under the running service
    assert as_user(house.service, guess, str(house.pin), OTHER).stdout == "Verified()\n"
    assert {p.stat().st_uid for p in house.state.iterdir()} == {house.service}


@pytest.mark.parametrize(
    "attack",
    [
        "cat '{pin}'",
        "cat '{state}'/*",
        "ls '{state}'",
        "rm -f '{pin}'; test ! -e '{pin}' && false; rm '{pin}'",
        "mv '{pin}' /var/tmp/",
        "echo '{{}}' > '{pin}'",
        "cp /dev/null '{pin}'",
        "truncate -s 0 '{pin}'",
        "ln -sf /dev/null '{pin}'",
        "ln '{pin}' '{state}/../mine'",
        "touch '{state}/pin.json.new'",
        "touch '{state}/pin.lock'",
        "flock '{state}/pin.lock' true",
        "chmod 777 '{state}'",
        "mv '{state}' '{state}.old'",
        "mkdir '{state}/../other'",
    ],
)
def test_the_childs_account_can_neither_read_nor_change_it(house: House, attack: str) -> None:
    before = {p.name: p.read_bytes() for p in house.state.iterdir()}
    done = subprocess.run(
        ["sh", "-c", attack.format(pin=house.pin, state=house.state)],
        user=house.child,
        group=house.child,
        extra_groups=[],
        capture_output=True,
    )
    assert done.returncode != 0
    assert b"argon2" not in done.stdout
    assert {p.name: p.read_bytes() for p in house.state.iterdir()} == before
    assert house.store.verify(PIN, ROOT) == Verified()


@pytest.mark.parametrize(
    "args",
    [
        ("pin", "check", "--pin-file", "-"),
        ("pin", "set", "--new-pin-file", "-"),
        ("pin", "reset", "--new-pin-file", "-"),
        ("pin", "recover", "--code-file", "-", "--new-pin-file", "-"),
        ("profile", "default", "trial"),
    ],
    ids=" ".join,
)
def test_the_commands_in_the_childs_hands(house: House, args: tuple[str, ...]) -> None:
    """For them a PIN that cannot be read is no missing PIN."""
    before = house.pin.read_bytes()
    done = safeguard(house, house.child, *args, stdin=f"{PIN}\n{OTHER}\n")
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1
    assert "sudo" in done.stderr
    assert house.pin.read_bytes() == before


def test_root_of_a_namespace_of_the_childs_own_is_not_root(house: House) -> None:
    before = house.pin.read_bytes()
    program = (
        "os.unshare(os.CLONE_NEWUSER); ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE: else /proc/self is root's after setuid\n"
        "[Path('/proc/self', n).write_text(t) for n, t in (('setgroups', 'deny'), ('uid_map', f'0 {uid} 1'), ('gid_map', f'0 {uid} 1'))]\n"
        "assert os.getuid() == 0\n"
        "main()"
    )
    done = as_user(house.child, program, "pin", "reset", "--new-pin-file", "-", stdin=f"{OTHER}\n", state=house.state)
    if "unshare" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip("this kernel gives no user namespaces to accounts")
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert house.pin.read_bytes() == before


def test_guesses_of_the_service_and_of_root_at_once(house: House) -> None:
    """Many pages guess while root uses the right one: no more than the bound is tried, and root never waits."""
    program = (
        "store = PinStore(Path(sys.argv[1]), hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))\n"
        "for i in range(30): print(type(store.verify('%06d' % i, f'page:{os.getpid()}-{i}')).__name__)"
    )
    env = dict(os.environ)
    command = [sys.executable, "-c", AS_USER + program, str(house.service), str(house.pin)]
    several = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) for _ in range(4)]
    store = house.store
    while any(p.poll() is None for p in several):
        assert store.verify(OTHER, ROOT) == Wrong(0)
        assert store.verify(PIN, ROOT) == Verified()
    said = [p.communicate() for p in several]
    assert [e for _, e in said] == [""] * 4
    assert "".join(o for o, _ in said).count("Wrong") == 6
    assert sum(w["count"] for w in json.loads(house.pin.read_text())["wrong"].values()) == 6


def test_a_full_disk_lets_no_guess_through_uncounted(house: House) -> None:
    disk = house.state.parent / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        store = PinStore(disk / "s" / "pin.json", hasher=QUICK)
        store.set(PIN)
        assert store.verify(OTHER, "uid:1000") == Wrong(0)
        with contextlib.suppress(OSError), (disk / "fill").open("wb", buffering=0) as f:
            while f.write(bytes(4096)):
                pass
        before = (disk / "s" / "pin.json").read_bytes()
        for pin in (OTHER, PIN):
            with pytest.raises(Exception, match="cannot be written"):
                store.verify(pin, "uid:1000")
        assert store.verify(PIN, ROOT) == Verified()
        assert (disk / "s" / "pin.json").read_bytes() == before
        (disk / "fill").unlink()
        assert store.verify(PIN, "uid:1000") == Verified()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
