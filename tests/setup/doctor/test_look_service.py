"""Whether the filter was installed as a service, by the files that the service managers leave."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from safeguard.setup import strict
from safeguard.setup.doctor.look_service import service, strict_mode
from safeguard.setup.services import PID_FILE, UNIT

ROOT = Path(__file__).parents[3]


def at(root: Path, place: str) -> Path:
    path = root / place.lstrip("/")
    path.parent.mkdir(parents=True)
    return path


def test_none(tmp_path: Path) -> None:
    assert service(tmp_path) == ""


def test_strict_mode(tmp_path: Path) -> None:
    assert not strict_mode(tmp_path)
    at(tmp_path, str(strict.RULES)).write_text("table inet safeguard {}\n")
    assert strict_mode(tmp_path)


NFT = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin")
HOLDS = "from safeguard.setup.doctor.look_service import strict_holds; print(strict_holds())"


@pytest.mark.skipif(NFT is None or os.geteuid() != 0, reason="loads rules into a network of its own: needs root and nft")
@pytest.mark.parametrize("loaded", [True, False])
def test_strict_mode_holds_where_the_rules_are_loaded(tmp_path: Path, loaded: bool) -> None:
    rules = tmp_path / "rules.nft"
    rules.write_text(strict.rules([(65534, 65534)], 8877))
    load = f"{NFT} -f {rules} && " if loaded else ""
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", f'{load}"{sys.executable}" -c "{HOLDS}"'], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == str(loaded), done.stderr


def test_systemd(tmp_path: Path) -> None:
    at(tmp_path, str(UNIT)).write_text("[Unit]\n")
    assert service(tmp_path).startswith("the service safeguard of systemd is ")


def test_the_supervisor(tmp_path: Path) -> None:
    file = at(tmp_path, str(PID_FILE))
    file.write_text(f"{os.getpid()}\n")
    assert service(tmp_path) == "the supervisor of safeguard runs"
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    file.write_text(f"{ended.pid}\n")
    assert service(tmp_path) == "the supervisor of safeguard has ended"
    for broken in ("", "x", "9" * 30):
        file.write_text(broken)
        service(tmp_path)
