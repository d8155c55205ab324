"""The door of an installed filter with real users of odd names: the parent's agent is told, the child gets nothing, nothing is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.errors import AlertError
from safeguard.store import Store
from safeguard.system import door, profiles_file
from safeguard.system.door import Door
from safeguard.system.paths import Paths
from tests.accounts import needs_root, user
from tests.store.conftest import incident

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux whose socket it is")
as_root = needs_root

SERVICE, PARENT, CHILD = f"sgt-svc.Ö_{os.getpid()}", f"sgt-Pa.{os.getpid()}$", f"sgt-kd.ж{os.getpid()}"
BECOME = """
import os, sys
import safeguard.alerts.teller, safeguard.cli.agent, safeguard.cli.common, safeguard.store, sqlalchemy.dialects.sqlite
import encodings.idna, encodings.unicode_escape, json, locale, pwd, rich.console, traceback
from safeguard import wiring
from safeguard.config import Settings
from safeguard.system.paths import Paths
import pathlib, sqlite3, tempfile
with tempfile.TemporaryDirectory() as warm:
    store = wiring.open_store(Settings(), paths=Paths.under(pathlib.Path(warm)))
    store.alerts.claim(store.alerts.pending())
    store.close()
from safeguard.policy import profile_file
profile_file.parse("x", b"accounts: {a: teen}", "teen")
import encodings.ascii, encodings.utf_8_sig, safeguard.alerts.words, sqlalchemy.dialects.sqlite.pysqlite
who = int(sys.argv.pop(1))  # all is loaded while others' Python, which may be root's alone, can be read
os.setgroups([]); os.setresgid(who, who, who); os.setresuid(who, who, who); os.umask(0o077); os.chdir("/")
"""
AGENT = """
from safeguard.alerts import desktop
desktop.why_not = lambda: ""
desktop.show = lambda title, text: print("SHOWN", text, flush=True)
if len(sys.argv) > 1 and sys.argv[1] == "broken":
    del sys.argv[1]
    from safeguard.errors import AlertError
    def broken(title, text): raise AlertError("alerts: no desktop")
    desktop.show = broken
from safeguard.cli import main
sys.argv[0] = "safeguard"
main()
"""
SERVER = """
from safeguard.config import Settings
from safeguard.system.paths import Paths
paths = Paths.of_user()
store = wiring.open_store(Settings())
with wiring.open_door(Settings(), store) as opened:
    print("open", flush=True)
    sys.stdin.read()
store.close()
"""


def test_what_is_shown_is_confirmed_and_what_is_not_waits(tmp_path: Path) -> None:
    shown: list[str] = []
    failed: list[AlertError] = []

    def tell(show: door.Show, lang: str) -> None:
        try:
            show("SafeGuard", f"ö {lang}")
        except AlertError as e:
            failed.append(e)
            raise

    def broken(title: str, text: str) -> None:
        raise AlertError("no desktop")

    path = tmp_path / "agent.sock"
    with Door(path, lambda uid: uid == os.getuid(), tell):
        assert door.fetch(path, "ru", lambda title, text: shown.append(text)) == 1
        with pytest.raises(AlertError, match="no desktop"):
            door.fetch(path, "ru", broken)
        assert door.fetch(path, "hy", lambda title, text: shown.append(text)) == 1
    assert shown == ["ö ru", "ö hy"]
    assert len(failed) == 1
    assert not path.exists()
    with pytest.raises(AlertError, match="is it running"):
        door.fetch(path, "ru", broken)


def test_one_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    path, told = tmp_path / "agent.sock", threading.Event()
    with Door(path, lambda uid: True, lambda show, lang: told.set(), patience=0.5), socket.socket(socket.AF_UNIX) as mute:
        mute.connect(str(path))
        assert door.fetch(path, "en", print) == 0
    assert told.is_set()


def test_an_older_filter_leaves_the_newer_ones_socket_alone(tmp_path: Path) -> None:
    path = tmp_path / "agent.sock"
    with contextlib.ExitStack() as newer:
        with Door(path, lambda uid: True, lambda show, lang: None):
            newer.enter_context(Door(path, lambda uid: True, lambda show, lang: None))
        assert door.fetch(path, "en", print) == 0


def test_nobody_is_a_parent_where_it_cannot_be_told(paths: Paths) -> None:
    assert not wiring.is_parent(os.getuid(), Settings(), paths)
    paths.config.mkdir(parents=True)
    paths.parents.write_text(f"{os.getuid()}\nnobody-of-this-name\n")
    assert wiring.is_parent(os.getuid(), Settings(), paths)
    profiles_file.place(paths).write_text("profiles: [broken")
    assert not wiring.is_parent(os.getuid(), Settings(), paths)


@dataclass
class House:
    """An installed SafeGuard's places, below a folder of the test's; the door is the service's and all else private."""

    top: Path
    uids: dict[str, int]
    env: dict[str, str] = field(default_factory=dict)

    def agent(self, who: str, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", BECOME + AGENT, str(self.uids[who]), *args], env=self.env, capture_output=True, text=True, timeout=60
        )

    @contextlib.contextmanager
    def filter(self) -> Iterator[None]:
        """The service's side, as its account."""
        with subprocess.Popen(
            [sys.executable, "-c", BECOME + SERVER, str(self.uids[SERVICE])],
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert process.stdin
            assert process.stdout.readline() == "open\n"
            yield
            process.stdin.close()
            assert process.wait(30) == 0


@pytest.fixture(scope="module")
def uids() -> Iterator[dict[str, int]]:
    with user(SERVICE) as service, user(PARENT) as parent, user(CHILD) as child:
        yield {SERVICE: service, PARENT: parent, CHILD: child}


@pytest.fixture
def house(uids: dict[str, int]) -> Iterator[House]:
    top = Path("/var/tmp") / f"sgt door {os.getpid()}"  # pytest's own folders are closed to others
    try:
        top.mkdir(mode=0o755)
        names = {"XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state", "XDG_CACHE_HOME": "cache"}
        env = {k: v for k, v in os.environ.items() if k not in ("HOME",)} | {n: str(top / d) for n, d in names.items()}
        for folder, mode in (("config", 0o700), ("state", 0o700), ("cache", 0o700), ("state-alerts", 0o755)):
            parent, _, rest = folder.partition("-")
            made = top / parent / ("safeguard" + (f"-{rest}" if rest else ""))
            made.mkdir(parents=True)
            (top / parent).chmod(0o755)
            made.chmod(mode)
            os.chown(made, uids[SERVICE], uids[SERVICE])
        for file, text in (("parents", f"{PARENT}\n{CHILD}\n"), (profiles_file.FILE, f'accounts:\n  "{CHILD}": young-child\n')):
            (top / "config" / "safeguard" / file).write_text(text)
            os.chown(top / "config" / "safeguard" / file, uids[SERVICE], uids[SERVICE])
        yield House(top, uids, env)
    finally:
        shutil.rmtree(top, ignore_errors=True)


def meet(house: House, *codes: str) -> None:
    log = house.top / "state" / "safeguard" / "log.sqlite"
    store = Store(log)
    for code in codes:
        store.add(incident(code, excerpt="needle", category="personal_threat"))
    assert store.flush()
    store.close()
    for file in log.parent.iterdir():
        os.chown(file, house.uids[SERVICE], house.uids[SERVICE])


@as_root
def test_the_parent_is_told_and_the_child_gets_nothing(house: House) -> None:
    meet(house, "AB12")
    with house.filter():
        child = house.agent(CHILD, "agent", "--once")  # although somebody wrote it into the file of the parents
        assert (child.returncode, child.stdout) == (2, "")
        assert child.stderr.startswith("alerts: this account gets none")
        broken = house.agent(PARENT, "broken", "agent", "--once")
        assert (broken.returncode, broken.stderr) == (2, "alerts: no desktop\n")
        parent = house.agent(PARENT, "agent", "--once")
        assert (parent.returncode, parent.stdout, parent.stderr) == (0, "SHOWN x: a threat. Code AB12\n1 shown\n", "")
        assert house.agent(PARENT, "agent", "--once").stdout == "0 shown\n"
    gone = house.agent(PARENT, "agent", "--once")
    assert (gone.returncode, gone.stdout) == (2, "")
    assert "is it running" in gone.stderr


@as_root
def test_the_child_can_neither_take_the_sockets_place_nor_keep_the_parent_out(house: House) -> None:
    meet(house, "AB12")
    place = house.top / "state" / "safeguard-alerts" / "agent.sock"
    squat = f"try: os.unlink({str(place)!r}); print('GONE')\nexcept OSError as e: print(e.strerror)"
    flood = (
        "held, end = [], time.monotonic() + 15\nprint('on', flush=True)\n"
        "while time.monotonic() < end:\n"
        f"    s = socket.socket(socket.AF_UNIX); s.setblocking(False)\n    try: s.connect({str(place)!r})\n    except OSError: pass\n"
        "    held = [*held[-200:], s]"
    )

    def command(program: str) -> list[str]:
        return [sys.executable, "-c", "import socket, time\n" + BECOME + program, str(house.uids[CHILD])]

    with house.filter():
        assert subprocess.run(command(squat), capture_output=True, text=True, env=house.env).stdout == "Permission denied\n"
        with subprocess.Popen(command(flood), stdout=subprocess.PIPE, text=True, env=house.env) as flooding:
            assert flooding.stdout
            try:
                assert flooding.stdout.readline() == "on\n"
                shown, end = "", time.monotonic() + 40
                while "SHOWN" not in shown and time.monotonic() < end:
                    shown = house.agent(PARENT, "agent", "--once").stdout
                assert "SHOWN x: a threat. Code AB12" in shown
            finally:
                flooding.kill()
