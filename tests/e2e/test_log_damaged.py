"""`safeguard run` on a damaged log: it is set aside and told of, finds go to a new one, and a purge says what the copy may hold."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.system.paths import Paths
from tests.live.process import free_port
from tests.store.conftest import incident

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
COMMAND = (sys.executable, "-m", "safeguard")


def said(*args: str) -> str:
    done = subprocess.run([*COMMAND, *args], capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr  # status: 1 for a damaged log
    return done.stdout


def test_set_aside_told_and_begun_anew(paths: Paths) -> None:
    store = wiring.open_store(Settings())
    store.add(incident("OLD1", excerpt="needle-in-the-log"))
    assert store.flush()
    store.close()
    good = paths.log.read_bytes()
    paths.log.write_bytes(good[:8192] + b"\xff" * 4096 + good[12288:])
    sites = paths.rules / "sites"
    sites.mkdir(parents=True)
    (sites / "family.yaml").write_text("title: Family\ndomains: [family.test]\n")
    with subprocess.Popen(
        [*COMMAND, "run", "--port", str(free_port())], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as p:
        try:
            assert p.stdout
            assert "listens" in p.stdout.readline()
            (sites / "new.yaml").write_text("title: New\ndomains: [newcomer.test]\n")  # what the filter finds, and logs
            line, lines = " ", []
            assert p.stderr
            while "newcomer.test" not in line:
                line = p.stderr.readline()
                assert line, lines
                lines.append(line)
            p.send_signal(signal.SIGTERM)
            p.communicate(timeout=30)
        finally:
            p.kill()
    [told] = [n for n in lines if "was damaged" in n]
    [aside] = paths.log.parent.glob("log.sqlite.damaged-*[0-9]")
    assert aside.name in told
    status = json.loads(said("status", "--json"))["log"]
    assert (status["damaged"], status["entries"], status["error"]) == ([aside.name], 1, "")
    assert aside.name in said("log", "purge", "--older-than", "1", "--yes")
    assert aside.exists()
    assert "Damaged" not in said("log", "purge", "--all", "--yes")
    left = {f.name: f.read_bytes() for f in paths.state.rglob("*") if f.is_file()}
    assert not any(b"needle-in-the-log" in b or b"newcomer.test" in b for n, b in left.items() if n.startswith("log"))
    assert not aside.exists()
