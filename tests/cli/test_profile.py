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


def test_hours_places_and_sites(run: Run, paths: Paths) -> None:
    def set_(*args: str) -> str:
        done = run("profile", "set", "teen", *args)
        assert done.returncode == 0, done.stderr
        return done.stdout

    said = set_("--times", "mon-fri 21:00-07:00; sat,sun 23:00-8:00")
    assert "without networks: mon-fri 21:00-07:00." in said
    set_("--place", "messages", "--action", "block")
    set_("--site", "youtube", "--no-off")
    set_("--site", "youtube", "--place", "feed", "--action", "warn")
    set_("--site", "vk", "--off")
    found = listed(run)["teen"]
    assert found["times"] == ["mon-fri 21:00-07:00", "sat,sun 23:00-08:00"]
    assert found["places"] == {"messages": "block"}
    assert found["sites"] == {"vk": {"off": True}, "youtube": {"off": False, "feed": "warn"}}
    shown = run("profile", "show", "teen").stdout
    for words in ("mon-fri 21:00-07:00", "Private messages", "Feed on youtube", "always off", "always on"):
        assert words in shown
    assert "social networks are off altogether" in set_("--off")
    set_("--no-off", "--times", "")
    set_("--site", "youtube", "--place", "feed", "--as-everywhere")
    assert listed(run)["teen"]["sites"] == {"vk": {"off": True}, "youtube": {"off": False}}
    for args in (("--place", "messages", "--as-everywhere"), ("--site", "vk", "--as-everywhere"), ("--site", "youtube", "--as-everywhere")):
        set_(*args)
    found = listed(run)["teen"]
    assert (found["off"], found["times"], found["places"], found["sites"]) == (False, [], {}, {})
    assert "profiles:" not in (paths.config / "profiles.yaml").read_text()


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
        (("set", "teen", "--times", "night"), "'night' is no time; times look like mon-fri 21:00-07:00"),
        (("set", "teen", "--place", "messages"), "--place needs --action"),
        (("set", "teen", "--place", "messages", "--severity", "2", "--action", "log"), "leave --severity out"),
        (("set", "teen", "--place", "walls", "--action", "log"), "'walls' is not one of"),
        (("set", "teen", "--site", "youtube"), "--site needs --off"),
        (("set", "teen", "--site", "youtube", "--action", "log"), "--site needs --off"),
        (("set", "teen", "--site", "nowhere", "--off"), "no site 'nowhere'; there are: "),
        (("set", "teen", "--site", "../x", "--off"), "'../x' cannot be the name of a site"),
        (("set", "teen", "--as-everywhere"), "--as-everywhere needs --place or --site"),
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


@pytest.mark.parametrize(("lang", "hidden"), [("hy", "թաքցվել"), ("az", "gizlədil"), ("ru", "скрыто"), ("tr", "gizlen")])
def test_what_a_profile_does_is_said_in_the_parents_language(run: Run, monkeypatch: pytest.MonkeyPatch, lang: str, hidden: str) -> None:
    monkeypatch.setenv("LC_ALL", f"{lang}.UTF-8")
    for args in (("list",), ("set", "teen", "--place", "messages", "--action", "block")):
        said = run("profile", *args)
        assert said.returncode == 0, said.stderr
        assert hidden in said.stdout
        for english in ("block", "blur", "messages"):
            assert english not in said.stdout
    assert json.loads(run("profile", "list", "--json").stdout.splitlines()[0])["severity"]["3"] == "block"
