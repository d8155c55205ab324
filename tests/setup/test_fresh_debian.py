"""installer/install.sh from its first line to its last on a fresh Debian 13, and its removal; packages come from files."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator

import pytest

from safeguard.system.chromium_pipe import Chromium, find_chromium
from tests import pictured
from tests.setup import box, debian
from tests.setup.box import Box, difference

CHILD = "anna"
PIN = "pebble-27-moth"
SAFEGUARD = "/usr/local/bin/safeguard"
INSTALL = f"/{debian.DOWNLOAD}/installer/install.sh"

pytestmark = [
    pytest.mark.debian,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(box.missing() or debian.missing()), reason=box.missing() or debian.missing() or "-"),
]


@pytest.fixture(scope="module")
def pc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("debian")
    try:
        debian.unpack(folder / "tree")
        with Box(folder / "box", folder / "tree") as made:
            made.child(CHILD)
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a gigabyte


@pytest.fixture(scope="module")
def before(pc: Box) -> dict[str, str]:
    return pc.state()


@pytest.fixture(scope="module")
def said(pc: Box, before: dict[str, str]) -> str:
    """What install.sh told a parent who answers what it asks."""
    answers = [("Which account is the child's?", CHILD), ("Which profile?", ""), ("Do this now?", "y"), ("new PIN:", PIN), ("again:", PIN)]
    return pc.talk("sh", INSTALL, answers=answers, timeout=800)


def picture(name: str, text: str, request: pytest.FixtureRequest) -> None:
    """For the README, of what stood in the terminal."""
    if find_chromium() is not None:
        with Chromium() as browser:
            pictured.keep(name, pictured.terminal(browser, text), anew=request.config.getoption("--pictures"))


def test_the_browser_of_debian_showed_filtered_texts(said: str, request: pytest.FixtureRequest) -> None:
    found = re.search(r"The browser showed (\d+) harmless texts and, in place of (\d+) harmful ones, a notice", said)
    assert found, said
    assert int(found[1]) > 0
    assert int(found[2]) > 0
    picture("setup", f"$ sudo sh installer/install.sh\n{said}", request)


def test_a_parent_reads_what_it_does_and_no_more(said: str) -> None:
    assert said.startswith("Making a Python environment for SafeGuard")
    assert re.search(rf"^SafeGuard protects {CHILD}, ", said, re.M)
    assert "Recovery code" in said
    assert PIN not in said
    assert not re.search(r"warning|error|traceback|notice: ", said, re.I)


def test_it_runs_with_debians_own_python(pc: Box, said: str) -> None:
    assert pc.run("readlink", "/opt/safeguard/bin/python3.13").stdout.strip() == "/usr/bin/python3.13"
    end = time.monotonic() + 90  # the filter is a fork of its supervisor's, once all code is loaded
    who: list[str] = []
    while time.monotonic() < end and len(who) < 2:
        processes = pc.run("ps", "-eo", "user:20,args").stdout.splitlines()
        who = sorted(line.split()[0] for line in processes if "-m safeguard supervise" in line)
        time.sleep(0.5)
    assert who == ["root", "safeguard"]


def test_status_says_on_one_screen_what_is_protected(pc: Box, said: str, request: pytest.FixtureRequest) -> None:
    end = time.monotonic() + 60
    while "runs since" not in (told := pc.talk("sh", "-c", f"{SAFEGUARD} status || true")) and time.monotonic() < end:
        time.sleep(1)
    assert re.search(rf"{CHILD} \(young-child\): filtered in Chromium", told)
    first = "\n".join(told.splitlines()[:24])  # of eighteen sites, the first few
    picture("status", f"$ sudo safeguard status\n{first}\n…", request)


def test_the_temporary_environment_is_gone(pc: Box, said: str) -> None:
    assert list((pc.root / "tmp").iterdir()) == []


def test_uninstall_leaves_the_pc_as_it_was(pc: Box, said: str, before: dict[str, str]) -> None:
    pc.run(SAFEGUARD, "uninstall", "--yes", "--pin-file", "-", given=f"{PIN}\n")
    assert difference(before, pc.state()) == {}


def test_what_is_missing_is_named_in_one_line(pc: Box) -> None:
    """All of it at once, as the command that a parent types."""
    pc.run("mkdir", "/run/few")
    for tool in ("sh", "uname", "id", "dirname", "python3"):
        pc.run("ln", "-s", f"/usr/bin/{tool}", f"/run/few/{tool}")
    done = pc.run("env", "PATH=/run/few", "sh", INSTALL, check=False)
    assert done.returncode == 2
    assert [line.split(": ", 2)[-1] for line in done.stderr.splitlines()] == ["apt install libnss3-tools ca-certificates passwd util-linux"]
