"""How the filter is kept running: the unit that systemd would read, and the supervisor at work."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from safeguard.setup.plan import Run, WriteFile
from safeguard.setup.services import UNIT, Foreground, Service, Systemd, manager, unit

SERVICE = Service(("/usr/bin/env", "supervise"), account="root")


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    file = tmp_path / UNIT.name
    odd = replace(
        SERVICE, command=("/usr/bin/env", "100%", "$HOME", "two words", 'a"b', "back\\slash"), writable=(PurePosixPath("/var/a b"),)
    )
    for service in (SERVICE, odd):
        file.write_text(unit(service))
        done = subprocess.run([tool, "verify", "--man=no", str(file)], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")
    file.write_text(unit(SERVICE).replace("Restart=always", "Restart=sometimes"))
    done = subprocess.run([tool, "verify", "--man=no", str(file)], capture_output=True, text=True, timeout=60)
    assert "restart specifier" in done.stderr


def test_words_of_the_command_stay_words() -> None:
    told = unit(replace(SERVICE, command=("/x", "100%", "$HOME", "two words", 'a"b', "")))
    assert 'ExecStart=/x 100%% $$HOME "two words" "a\\"b" ""\n' in told


def test_systemd_undone_backwards_knows_nothing_of_it() -> None:
    actions = Systemd().install(SERVICE)
    assert [type(a) for a in actions] == [Run, WriteFile, Run, Run]
    undone = [a.undo if isinstance(a, Run) else ("remove", str(a.path)) for a in reversed(actions) if isinstance(a, Run | WriteFile)]
    assert [u for u in undone if u] == [
        ("systemctl", "disable", "--now", "safeguard.service"),
        ("remove", "/etc/systemd/system/safeguard.service"),
        ("systemctl", "daemon-reload"),
    ]


@pytest.mark.parametrize(("has_systemd", "kind"), [(True, Systemd), (False, Foreground)])
def test_which_manager(has_systemd: bool, kind: type) -> None:
    found = manager(has_systemd)
    assert type(found) is kind
    assert found.at_boot is has_systemd
