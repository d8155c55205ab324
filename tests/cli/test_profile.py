"""`safeguard profile`: what is printed, what is written, and which mistakes end with one clear line."""

from __future__ import annotations

import json
import stat

import pytest

from safeguard.system import peer
from safeguard.system.paths import Paths
from tests.cli.conftest import Run


def listed(run: Run) -> dict[str, dict[str, object]]:
    done = run("profile", "list", "--json")
    assert done.returncode == 0
    return {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}


def test_the_shipped_ones(run: Run) -> None:
    found = listed(run)
    assert list(found) == ["young-child", "teen", "trial"]
    assert found["young-child"]["default"] is True
    assert set(found["trial"]["severity"].values()) == {"log"}  # type: ignore[attr-defined]
    table = run("profile", "list").stdout
    assert "everybody" in table
    assert "young-child" in table


def test_set_default_and_assign_are_written_privately(run: Run, paths: Paths) -> None:
    me = peer.name_of(0)
    assert run("profile", "set", "teen", "--severity", "2", "--action", "warn").returncode == 0
    assert run("profile", "set", "teen", "--suspect", "warn").returncode == 0
    assert run("profile", "set", "big-sister", "--like", "teen", "--action", "log").returncode == 0
    assert run("profile", "default", "big-sister").returncode == 0
    assert run("profile", "assign", me, "teen").returncode == 0
    found = listed(run)
    assert found["teen"]["severity"] == {"0": "log", "1": "blur", "2": "warn", "3": "block"}
    assert found["teen"]["suspect"] == "warn"
    assert found["teen"]["accounts"] == [me]
    assert found["big-sister"]["default"] is True
    file = paths.config / "profiles.yaml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in paths.config.iterdir()] == ["profiles.yaml"]
    assert run("profile", "assign", me, "--none").returncode == 0
    assert listed(run)["teen"]["accounts"] == []
    assert found["teen"]["reveal"] is False
    assert "a click reveals" in run("profile", "set", "teen", "--reveal").stdout
    assert listed(run)["teen"]["reveal"] is True
    assert "reveal" in run("profile", "show", "teen").stdout
    assert "reveal: yes" in file.read_text()
    shown = run("profile", "show", "teen")
    assert "warning" in shown.stdout
    assert json.loads(run("profile", "show", "teen", "--json").stdout)["severity"]["2"] == "warn"


def test_the_default_counts_in_other_commands(run: Run) -> None:
    assert run("profile", "default", "trial").returncode == 0
    assert json.loads(run("check", "--json", "good morning").stdout)["action"] == "show"
    assert "profile trial" in run("check", "good morning").stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("show", "adult"), "no profile 'adult'; there are: young-child, teen, trial"),
        (("default", "adult"), "no profile 'adult'"),
        (("assign", "no-such-account", "teen"), "no account 'no-such-account' on this computer"),
        (("set", "adult", "--action", "log"), "no profile 'adult'"),
        (("set", "Big", "--like", "teen"), "'Big' cannot be the name of a profile"),
        (("set", "teen", "--like", "trial"), "profile 'teen' is there already"),
        (("set", "teen"), "nothing to change"),
        (("set", "teen", "--severity", "2"), "--severity needs --action"),
        (("set", "teen", "--severity", "4", "--action", "log"), "4 is not in the range"),
        (("set", "teen", "--action", "hide"), "'hide' is not one of"),
        (("assign", "x"), "give a NAME or --none"),
    ],
)
def test_mistakes(run: Run, args: tuple[str, ...], said: str) -> None:
    done = run("profile", *args)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_broken_file_is_named_with_its_line(run: Run, paths: Paths) -> None:
    paths.config.mkdir(parents=True, exist_ok=True)
    (paths.config / "profiles.yaml").write_text("default: adult\n")
    done = run("profile", "list")
    assert done.returncode == 2
    assert "profiles.yaml:1: default must be one of" in done.stderr


def test_reveal_without_a_running_filter(run: Run) -> None:
    from safeguard import wiring
    from safeguard.config import Settings
    from safeguard.policy.incident import Incident

    store = wiring.open_store(Settings())
    store.add(Incident("AB12-CD34", "unit", "s", "u", "blur", "slur", 2, 1.0, None, "r", "a", "post", "e"))
    store.close()
    done = run("log", "show", "AB12-CD34", "--reveal")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "SafeGuard is not running, so no hidden text is in memory\n"
