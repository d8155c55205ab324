"""SafeGuard put on a PC and taken off again for real: accounts, files, stores, policies, the filter, a browser. In a box (box.py), as root.

The tests run in their order on one PC; the last ones take SafeGuard off and compare.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from safeguard.setup import services
from safeguard.system.chromium_pipe import find_chromium
from tests.setup import box
from tests.setup.box import Box, difference

CHILD, OTHER, PARENT = "sgt-anna", "sgt-ben", "sgt-mum"
PIN = "pebble-27-moth"
SAFEGUARD = "/usr/local/bin/safeguard"
PYTHON = "/opt/safeguard/bin/python"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(box.missing()), reason=box.missing() or "-"),
]


@pytest.fixture(scope="module")
def pc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with Box(tmp_path_factory.mktemp("box")) as made:
        made.child(CHILD)
        made.child(OTHER)
        made.child(PARENT)
        made.run("update-ca-certificates")  # what certificates this machine lacks or has too many is not ours
        yield made


@pytest.fixture(scope="module")
def before(pc: Box) -> dict[str, str]:
    return pc.state()


@pytest.fixture(scope="module")
def said(pc: Box, before: dict[str, str]) -> str:
    """What setup told."""
    done = pc.safeguard("setup", "--child", CHILD, "--parent", PARENT, "--yes", "--pin-file", "-", given=f"{PIN}\n")
    return done.stdout + done.stderr


def root(pc: Box, *command: str, given: str = "", check: bool = True) -> str:
    """The installed command as root; both of its outputs."""
    done = pc.run(SAFEGUARD, *command, given=given, check=check)
    return done.stdout + done.stderr


def killed_at(step: str) -> str:
    """A program that is setup, killed -9 when the first action of that step is in the journal and not done."""
    return (
        "import os, signal, sys; from safeguard.setup.journal import Journal; will = Journal.will\n"
        "def cut(self, setup, step, act):\n"
        f"    entry = will(self, setup, step, act); step == '{step}' and os.kill(os.getpid(), signal.SIGKILL); return entry\n"
        f"Journal.will = cut; sys.argv[1:] = ['setup', '--child', '{CHILD}', '--yes', '--pin-file', '-']\n"
        "from safeguard.cli import main; main()"
    )


def listening(pc: Box, seconds: float = 90) -> bool:
    """Whether the filter answers for a watched site with the certificate that this PC trusts."""
    probe = (
        "from safeguard.system.browser_probe import answers; import pathlib;"
        "print(answers(8877, pathlib.Path('/usr/local/share/ca-certificates/safeguard-root.crt').read_bytes(), 'reddit.com'))"
    )
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if pc.run(PYTHON, "-c", probe, account=OTHER).stdout.strip() == "True":
            return True
        time.sleep(0.5)
    return False


def test_a_dry_run_lists_every_step_and_changes_nothing(pc: Box, before: dict[str, str]) -> None:
    listed = pc.safeguard("setup", "--dry-run", "--child", CHILD).stdout
    for part in ("/opt/safeguard", "account safeguard", "authority.pem", "update-ca-certificates", "/etc/firefox/policies/policies.json"):
        assert part in listed
    assert difference(before, pc.state()) == {}


def test_somebody_who_is_not_root_is_told_in_one_line(pc: Box, before: dict[str, str]) -> None:
    for command in ("setup", "uninstall", "repair"):
        code = f"import os, sys; os.setuid(65534); sys.argv[1:] = ['{command}', '--help'][:1]; from safeguard.cli import main; main()"
        done = pc.python_("-c", f"import safeguard.cli.setup; {code}", check=False)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert f"sudo safeguard {command}" in done.stderr


def test_an_account_that_is_not_there_changes_nothing(pc: Box, before: dict[str, str]) -> None:
    done = pc.safeguard("setup", "--child", "nobody-here", "--yes", "--pin-file", "-", given=f"{PIN}\n", check=False)
    assert done.returncode == 2
    assert CHILD in done.stderr
    assert difference(before, pc.state()) == {}


def test_a_setup_that_is_killed_is_taken_back_by_repair(pc: Box, before: dict[str, str]) -> None:
    for step in ("program", "browsers"):
        killed = pc.python_("-c", killed_at(step), given=f"{PIN}\n", check=False)
        assert killed.returncode in (-9, 137), killed.stderr
        assert difference(before, pc.state())
        by = (SAFEGUARD, "repair") if step == "program" else (PYTHON, "-m", "safeguard", "repair")
        pc.run(*by)
        assert difference(before, pc.state()) == {}, step


@pytest.mark.skipif(find_chromium() is None, reason="needs a browser of the Chromium family")
def test_the_childs_browser_showed_filtered_texts(said: str) -> None:
    found = re.search(r"The browser showed (\d+) harmless texts and, in place of (\d+) harmful ones, a notice", said)
    assert found
    assert int(found[1]) > 0
    assert int(found[2]) > 0


def test_every_step_is_listed_before_it_is_done(said: str) -> None:
    listed, _, done = said.partition("Recovery code")
    steps = re.findall(r"^ ?\d+\. (.+)$", listed, re.M)
    assert len(steps) >= 9
    assert PIN not in said
    assert done


def test_the_filter_runs_as_its_own_account_and_is_trusted(pc: Box, said: str) -> None:
    assert listening(pc)
    processes = pc.run("ps", "-eo", "user:20,args").stdout.splitlines()
    assert sorted(line.split()[0] for line in processes if "-m safeguard supervise" in line) == ["root", "safeguard"]


def test_the_program_is_roots_and_whole(pc: Box, said: str) -> None:
    assert pc.run("find", "/opt/safeguard", "-not", "-user", "root", "-o", "-perm", "/022", "-not", "-type", "l").stdout == ""
    assert pc.run("find", "/opt/safeguard", "-perm", "/6000").stdout == ""
    assert "site-packages/pytest" not in pc.run("find", "/opt/safeguard", "-maxdepth", "4").stdout


def test_root_works_on_the_familys_things(pc: Box, said: str) -> None:
    root(pc, "profile", "set", "teen", "--severity", "1", "--action", "warn", "--pin-file", "-", given=f"{PIN}\n")
    root(pc, "rules", "add", "sgt-odd-word", check=False)
    assert "teen" in root(pc, "profile", "list")
    root(pc, "log", "list")
    assert pc.run("find", "/etc/safeguard", "/var/lib/safeguard", "/var/cache/safeguard", "-not", "-user", "safeguard").stdout == ""
    assert CHILD in root(pc, "profile", "list")


def test_a_parents_session_has_the_page_in_its_menu_and_alerts_from_its_start(pc: Box, said: str) -> None:
    assert listening(pc)
    for place, does in (("/usr/local/share/applications", "open"), ("/etc/xdg/autostart", "agent")):
        [name] = [n for n in pc.run("ls", place).stdout.split() if n.startswith("safeguard-")]
        entry = pc.run("cat", f"{place}/{name}", account=PARENT).stdout
        assert f"Exec={SAFEGUARD} {does}\n" in entry
        for other in (CHILD, OTHER):
            assert pc.run("cat", f"{place}/{name}", account=other, check=False).returncode != 0
    assert pc.run(SAFEGUARD, "open", "--print", account=PARENT).stdout == "http://127.0.0.1:8876/\n"
    assert re.fullmatch(r"\d+ shown\n", pc.run(SAFEGUARD, "agent", "--once", account=PARENT, check=False).stdout) or "desktop" in (
        pc.run(SAFEGUARD, "agent", "--once", account=PARENT, check=False).stderr
    )
    assert pc.run(SAFEGUARD, "agent", "--once", account=CHILD, check=False).returncode != 0


def test_the_pin_is_set_and_asked(pc: Box, said: str) -> None:
    assert "right" in root(pc, "pin", "check", "--pin-file", "-", given=f"{PIN}\n")
    assert pc.run(SAFEGUARD, "pin", "check", "--pin-file", "-", given="other-51-word\n", check=False).returncode == 1
    assert pc.run(SAFEGUARD, "uninstall", "--yes", "--pin-file", "-", given="other-51-word\n", check=False).returncode == 1
    assert listening(pc)


@pytest.mark.parametrize("file", ["log.sqlite", "ca/authority.pem", "code.key", "pin.json"])
def test_the_child_reads_no_secret(pc: Box, said: str, file: str) -> None:
    path = f"/var/lib/safeguard/{file}"
    assert pc.run("test", "-s", path).returncode == 0
    for command in (("cat", path), ("cp", path, "/tmp/x"), ("ln", path, "/tmp/hard"), ("sqlite3", path, ".dump")):
        assert pc.run(*command, account=CHILD, check=False).returncode != 0, command


@pytest.mark.parametrize(
    "command",
    [
        ("ls", "/var/lib/safeguard"),
        ("ls", "/etc/safeguard"),
        ("ls", "/var/lib/safeguard-setup"),
        ("touch", "/opt/safeguard/x"),
        ("rm", "-rf", "/opt/safeguard/bin"),
        ("rm", "-f", SAFEGUARD),
        ("rm", "-f", "/etc/chromium/policies/managed/zz-safeguard.json"),
        ("rm", "-f", "/etc/firefox/policies/policies.json"),
        ("rm", "-f", "/usr/local/share/ca-certificates/safeguard-root.crt"),
        (SAFEGUARD, "uninstall", "--yes"),
        (SAFEGUARD, "repair"),
        (SAFEGUARD, "setup", "--child", OTHER, "--yes"),
        (SAFEGUARD, "log", "list"),
        (SAFEGUARD, "profile", "default", "trial"),
        (SAFEGUARD, "pin", "reset"),
        (SAFEGUARD, "pin", "set"),
    ],
    ids=" ".join,
)
def test_the_child_changes_nothing(pc: Box, said: str, command: tuple[str, ...]) -> None:
    done = pc.run(*command, account=CHILD, check=False)
    assert done.returncode not in (0, 3), done.stdout
    assert "Traceback" not in done.stderr


def test_the_child_cannot_stop_the_filter(pc: Box, said: str) -> None:
    found = [line.split()[0] for line in pc.run("ps", "-eo", "pid,args").stdout.splitlines() if "-m safeguard" in line]
    assert len(found) == 2
    for number in found:
        done = pc.run("kill", "-9", number, account=CHILD, check=False)
        assert "not permitted" in done.stderr
    assert listening(pc)


def test_the_child_cannot_take_the_port_unnoticed(pc: Box, said: str) -> None:
    take = "import socket; socket.create_server(('127.0.0.1', 8877))"
    assert "in use" in pc.run(PYTHON, "-c", take, account=CHILD, check=False).stderr
    share = "import socket; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); s.bind(('127.0.0.1', 8877))"
    assert "in use" in pc.run(PYTHON, "-c", share, account=CHILD, check=False).stderr


def test_a_port_taken_while_the_filter_is_down_is_noticed(pc: Box, said: str) -> None:
    stop = ("start-stop-daemon", "--stop", "--pidfile", str(services.PID_FILE), "--retry", "TERM/15/KILL/5")
    take = "import socket, time; s = socket.create_server(('127.0.0.1', 8877)); print('taken', flush=True); time.sleep(600)"
    start = services.Foreground().start(services.Service(("/opt/safeguard/bin/safeguard", "supervise")))
    pc.run(*stop)
    taken = pc.run(
        "sh", "-c", f'setpriv --reuid {CHILD} --clear-groups {PYTHON} -c "{take}" >/tmp/taken 2>&1 & sleep 3; cat /tmp/taken; echo $!'
    )
    word, number = taken.stdout.split()
    assert word == "taken"
    assert not listening(pc, 4)  # its certificate is not ours, so no browser shows a page of it
    assert pc.run(SAFEGUARD, "status", check=False).returncode == 1
    pc.run("kill", "-9", number)
    pc.run("rm", "/tmp/taken")
    pc.run(*start)
    assert listening(pc)


def test_a_filter_that_is_killed_is_back(pc: Box, said: str) -> None:
    processes = [line.split() for line in pc.run("ps", "-eo", "pid,user:20,args").stdout.splitlines() if "-m safeguard supervise" in line]
    [number] = [process[0] for process in processes if process[1] == "safeguard"]
    pc.run("kill", "-9", number)
    assert listening(pc)


def test_a_later_setup_that_is_killed_is_repaired_to_a_filter_that_runs(pc: Box, said: str) -> None:
    key = (pc.root / "var/lib/safeguard/ca/authority.pem").read_bytes()
    assert pc.run(PYTHON, "-c", killed_at("browsers"), given=f"{PIN}\n", check=False).returncode in (-9, 137)
    assert "set up again" in root(pc, "repair")
    assert listening(pc)
    assert (pc.root / "var/lib/safeguard/ca/authority.pem").read_bytes() == key
    assert "right" in root(pc, "pin", "check", "--pin-file", "-", given=f"{PIN}\n")


def test_setup_over_it_keeps_log_settings_profiles_and_pin(pc: Box, said: str) -> None:
    paths = ("/var/lib/safeguard/ca/authority.pem", "/var/lib/safeguard/code.key", "/etc/safeguard/settings.yaml")
    (pc.root / "etc/safeguard/settings.yaml").write_text("store:\n  keep_days: 12\n")
    kept = [(pc.root / p[1:]).read_bytes() for p in paths]
    log = pc.run("stat", "-c", "%i", "/var/lib/safeguard/log.sqlite").stdout
    told = root(pc, "setup", "--child", OTHER, "--strict", "--yes", "--pin-file", "-", given=f"{PIN}\n")
    assert "Recovery code" not in told
    assert [(pc.root / p[1:]).read_bytes() for p in paths] == kept
    assert pc.run("stat", "-c", "%i", "/var/lib/safeguard/log.sqlite").stdout == log
    assert "right" in root(pc, "pin", "check", "--pin-file", "-", given=f"{PIN}\n")
    assert re.search(rf"young-child.*{CHILD}, {OTHER}", root(pc, "profile", "list"))
    assert pc.run("sh", "-c", "ls -d /opt/safeguard.* || true").stdout == ""
    assert listening(pc)


def test_strict_mode_lets_the_child_reach_the_filter_alone(pc: Box, said: str) -> None:
    reach = (
        "import socket, subprocess, sys\n"
        "server = socket.create_server(('127.0.0.1', 9911))\n"
        'client = \'import socket; socket.create_connection(("127.0.0.1", int(__import__("sys").argv[1])), 5)\'\n'
        f"for account in ('{CHILD}', '{OTHER}'):\n"
        "    for port in ('9911', '8877'):\n"
        "        rights = ['setpriv', '--reuid', account, '--clear-groups']\n"
        f"        done = subprocess.run([*rights, '{PYTHON}', '-c', client, port], capture_output=True)\n"
        "        print(account, port, done.returncode)\n"
    )
    assert pc.run(PYTHON, "-c", reach).stdout.splitlines() == [
        f"{CHILD} 9911 0",
        f"{CHILD} 8877 0",
        f"{OTHER} 9911 1",
        f"{OTHER} 8877 0",
    ]


def test_a_removal_that_is_killed_goes_on_and_leaves_nothing(pc: Box, said: str, before: dict[str, str]) -> None:
    for undone in (3, 9):
        kill = (
            "import os, signal, sys; from safeguard.setup import acts; undo = acts.undo; left = "
            f"{undone}\n"
            "def cut(act, journal, *, done=True):\n"
            "    global left; undo(act, journal, done=done); left -= 1\n"
            "    if not left: os.kill(os.getpid(), signal.SIGKILL)\n"
            "acts.undo = cut; sys.argv[1:] = ['uninstall', '--yes', '--pin-file', '-']\n"
            "from safeguard.cli import main; main()"
        )
        assert pc.run(PYTHON, "-c", kill, given=f"{PIN}\n", check=False).returncode in (-9, 137)
    assert difference(before, pc.state())
    assert "finished" in root(pc, "repair")
    assert difference(before, pc.state()) == {}


def test_nothing_more_is_there_to_be_removed(pc: Box, said: str) -> None:
    assert "not installed" in pc.safeguard("uninstall", "--yes").stdout
    if (pc.root / box.JAVA).exists():
        assert b"SafeGuard" not in (pc.root / box.JAVA).read_bytes()
