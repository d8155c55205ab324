"""installer/install.sh from its first line to its last on a fresh Debian 13, and its removal; packages come from files, not from the internet."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator

import pytest

from tests.setup import box, debian
from tests.setup.box import Box, difference

CHILD = "anna"
PIN = "pebble-27-moth"
SAFEGUARD = "/usr/local/bin/safeguard"

pytestmark = [
    pytest.mark.slow_live,
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
        shutil.rmtree(folder)  # a gigabyte


@pytest.fixture(scope="module")
def before(pc: Box) -> dict[str, str]:
    return pc.state()


@pytest.fixture(scope="module")
def said(pc: Box, before: dict[str, str]) -> str:
    """What install.sh told."""
    done = pc.run("sh", f"/{debian.DOWNLOAD}/installer/install.sh", "--child", CHILD, "--yes", "--pin-file", "-", given=f"{PIN}\n", timeout=800)
    return done.stdout + done.stderr


def test_the_browser_of_debian_showed_filtered_texts(said: str) -> None:
    found = re.search(r"The browser showed (\d+) harmless texts and, in place of (\d+) harmful ones, a notice", said)
    assert found, said
    assert int(found[1]) > 0
    assert int(found[2]) > 0


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
    done = pc.run("env", "PATH=/run/few", "sh", f"/{debian.DOWNLOAD}/installer/install.sh", check=False)
    assert done.returncode == 2
    assert [line.split(": ", 2)[-1] for line in done.stderr.splitlines()] == ["apt install libnss3-tools ca-certificates passwd util-linux"]
