"""SafeGuard under a systemd that starts a PC: back after each start and each kill, out of the child's reach, gone without a trace.

In a container (booted.py); the tests run in their order on one PC, the last one takes SafeGuard off and compares.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator

import pytest

from tests.setup import booted, debian
from tests.setup.booted import Booted

CHILD, PARENT = "anna", "maria"
PIN = "pebble-27-moth"
UNIT = "safeguard.service"
UNITS = ("safeguard.service", "safeguard-strict.service")

pytestmark = [
    pytest.mark.debian,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(booted.missing()), reason=booted.missing() or "-"),
]


@pytest.fixture(scope="module")
def pc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    folder = tmp_path_factory.mktemp("booted")
    try:
        with Booted(folder / "tree", (PARENT, CHILD)) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a gigabyte


@pytest.fixture(scope="module")
def before(pc: Booted) -> list[str]:
    pc.run("sudo", "true", account=PARENT)  # sudo leaves a file in the home of whoever used it once
    return files(pc)


@pytest.fixture(scope="module")
def said(pc: Booted, before: list[str]) -> str:
    """What install.sh told the parent."""
    done = pc.run(
        *("sudo", "sh", f"/{debian.DOWNLOAD}/installer/install.sh"),
        *("--child", CHILD, "--strict", "--yes", "--pin-file", "-"),
        account=PARENT,
        given=f"{PIN}\n",
        timeout=600,
    )
    return done.stdout + done.stderr


def files(pc: Booted) -> list[str]:
    """Everything on the disk but logs and what the PC itself writes while it runs, with owner, mode and digest."""
    left_out = ("/proc", "/sys", "/dev", "/run", "/tmp", "/var/log", "/var/tmp", "/var/lib/systemd/*", "/var/lib/private*")
    kept = "-name '*-' -o -name .pwd.lock -o -path /etc/.updated"
    find = rf"find / \( {' -o '.join(f"-path '{p}'" for p in left_out)} -o {kept} \) -prune -o"
    named = pc.run("sh", "-c", rf"{find} -printf '%M %u:%g %p -> %l\n' | sort").stdout
    contents = r"\( -path '/etc/*' -o -path '/home/*' -o -path '/usr/local/*' \) -type f -exec sha256sum {} + | sort"
    sums = pc.run("sh", "-c", f"{find} {contents}")
    return [*named.splitlines(), *sums.stdout.splitlines()]


def shown(pc: Booted, *properties: str) -> list[str]:
    """What systemd says of the service."""
    done = pc.run("systemctl", "show", UNIT, *(f"--property={p}" for p in properties))
    told = dict(line.split("=", 1) for line in done.stdout.splitlines())
    return [told[p] for p in properties]


def root(pc: Booted, *command: str, given: str = "") -> tuple[int, str]:
    """The installed command, as the parent calls it."""
    done = pc.run("sudo", "safeguard", *command, account=PARENT, given=given, check=False)
    return done.returncode, done.stdout + done.stderr


def filtering(pc: Booted, seconds: float = 60) -> bool:
    """Whether the filter answers within that time."""
    end = time.monotonic() + seconds
    probe = (
        "from safeguard.system.browser_probe import answers; import pathlib;"
        "print(answers(8877, pathlib.Path('/usr/local/share/ca-certificates/safeguard-root.crt').read_bytes(), 'reddit.com'))"
    )
    while time.monotonic() < end:
        if pc.run("/opt/safeguard/bin/python", "-c", probe, account=CHILD, check=False).stdout.strip() == "True":
            return True
        time.sleep(1)
    return False


def test_install_ends_with_a_self_test_and_a_service(pc: Booted, said: str) -> None:
    assert re.search(r"The browser showed \d+ harmless texts and, in place of \d+ harmful ones, a notice", said)
    assert f"SafeGuard protects {CHILD}" in said
    assert shown(pc, "ActiveState", "SubState", "UnitFileState", "User") == ["active", "running", "enabled", "safeguard"]
    assert filtering(pc)


def test_the_sandbox_of_the_unit_is_in_force(pc: Booted, said: str) -> None:
    [number] = shown(pc, "MainPID")
    status = dict(line.split(":\t", 1) for line in pc.run("cat", f"/proc/{number}/status").stdout.splitlines() if ":\t" in line)
    assert (status["NoNewPrivs"], status["Seccomp"], int(status["CapBnd"], 16)) == ("1", "2", 0)
    assert status["Uid"].split()[0] == pc.run("id", "-u", "safeguard").stdout.strip()
    assert pc.run("awk", '$5 == "/" { print $6 }', f"/proc/{number}/mountinfo").stdout.startswith("ro,")


@pytest.mark.parametrize(
    "command",
    [
        ("systemctl", "stop", UNIT),
        ("systemctl", "disable", "--now", UNIT),
        ("systemctl", "mask", UNIT),
        ("systemctl", "kill", "--signal=KILL", UNIT),
        ("systemctl", "edit", "--runtime", UNIT),
        ("systemctl", "set-property", UNIT, "CPUQuota=1%"),
        ("systemctl", "reload-or-restart", UNIT),
        ("systemctl", "stop", "safeguard-strict.service"),
        ("pkill", "-KILL", "-u", "safeguard"),
        ("systemd-run", "--uid=safeguard", "cat", "/var/lib/safeguard/pin.json"),
        ("cat", "/var/lib/safeguard/log.sqlite"),
        ("cp", "/var/lib/safeguard/ca/authority.pem", "/tmp/x"),
        ("nft", "flush", "ruleset"),
        ("sudo", "--non-interactive", "safeguard", "uninstall", "--yes"),
        ("safeguard", "uninstall", "--yes"),
    ],
    ids=" ".join,
)
def test_the_child_cannot(pc: Booted, said: str, command: tuple[str, ...]) -> None:
    before = shown(pc, "MainPID", "ActiveState", "UnitFileState")
    assert pc.run("timeout", "60", *command, account=CHILD, check=False).returncode != 0
    assert shown(pc, "MainPID", "ActiveState", "UnitFileState") == before


def test_the_child_reads_nothing_of_it_in_the_journal(pc: Booted, said: str) -> None:
    assert pc.run("journalctl", "--quiet", f"--unit={UNIT}").stdout
    assert pc.run("journalctl", "--quiet", f"--unit={UNIT}", account=CHILD, check=False).stdout == ""


@pytest.mark.parametrize("who", ["MainPID", "all"])
def test_it_is_back_after_a_kill(pc: Booted, said: str, who: str) -> None:
    """who: the supervisor, as its parent process; or every process of the service at once."""
    number, times = shown(pc, "MainPID", "NRestarts")
    pc.run(*(("kill", "-9", number) if who == "MainPID" else ("systemctl", "kill", "--signal=KILL", "--kill-whom=all", UNIT)))
    assert filtering(pc)
    assert shown(pc, "NRestarts", "ActiveState") == [str(int(times) + 1), "active"]
    assert shown(pc, "MainPID") != [number]


def test_it_is_back_after_every_one_of_many_kills(pc: Booted, said: str) -> None:
    """systemd gives up after five starts in ten seconds where it is not told otherwise."""
    [times] = shown(pc, "NRestarts")
    kill = f"for i in 1 2 3 4 5 6 7 8; do systemctl kill --signal=KILL --kill-whom=all {UNIT}; sleep 1; done"
    pc.run("sh", "-c", kill)
    assert filtering(pc)
    assert int(shown(pc, "NRestarts")[0]) >= int(times) + 6


def test_status_and_doctor_tell_the_truth(pc: Booted, said: str) -> None:
    code, told = root(pc, "status")
    assert "the service safeguard of systemd is active" in told
    assert re.search(rf"{CHILD} \(young-child\): filtered in Chromium", told)
    assert code == 0
    code, told = root(pc, "doctor", "--offline")
    assert code == 0, told


def test_they_say_so_when_it_is_stopped(pc: Booted, said: str) -> None:
    pc.run("sudo", "systemctl", "stop", UNIT, account=PARENT)
    code, told = root(pc, "status")
    assert "the service safeguard of systemd is inactive" in told
    assert code == 1
    code, told = root(pc, "doctor", "--offline")
    assert "The filter does not run" in told
    assert code == 1
    pc.run("sudo", "systemctl", "restart", "safeguard", account=PARENT)  # as doctor says
    assert filtering(pc)


@pytest.mark.parametrize("plug", [False, True], ids=["restart", "power cut"])
def test_it_is_back_when_the_pc_starts(pc: Booted, said: str, plug: bool) -> None:
    pc.again(plug=plug)
    assert shown(pc, "ActiveState", "SubState", "NRestarts") == ["active", "running", "0"]
    assert filtering(pc)
    assert pc.run("systemctl", "is-active", *UNITS).stdout.split() == ["active", "active"]
    assert "skuid @children" in pc.run("nft", "list", "table", "inet", "safeguard").stdout
    assert root(pc, "pin", "check", "--pin-file", "-", given=f"{PIN}\n")[0] == 0
    assert root(pc, "log", "list")[0] == 0
    assert root(pc, "status")[0] == 0


def test_strict_mode_holds_before_anybody_logs_in(pc: Booted, said: str) -> None:
    rules, login = (
        int(pc.run("systemctl", "show", unit, "--property=ActiveEnterTimestampMonotonic", "--value").stdout)
        for unit in ("safeguard-strict.service", "systemd-user-sessions.service")
    )
    assert 0 < rules < login


def test_uninstall_leaves_no_unit_and_no_file(pc: Booted, said: str, before: list[str]) -> None:
    code, told = root(pc, "uninstall", "--yes", "--pin-file", "-", given=f"{PIN}\n")
    assert code == 0, told
    for unit in UNITS:
        assert pc.run("systemctl", "show", unit, "--property=LoadState", "--value").stdout.strip() == "not-found"
    assert pc.run("systemctl", "list-units", "--all", "--no-legend", "--plain", "safeguard*").stdout == ""
    assert pc.run("nft", "list", "ruleset").stdout == ""
    assert pc.run("getent", "passwd", "safeguard", check=False).returncode != 0
    now = files(pc)
    assert sorted({*before} ^ {*now}) == []


def test_nothing_of_it_starts_any_more(pc: Booted, said: str) -> None:
    pc.again()
    assert pc.state() == "running"
    assert pc.run("journalctl", "--boot", "--quiet", "--grep=S[a]feGuard,", "--identifier=systemd", check=False).stdout == ""
