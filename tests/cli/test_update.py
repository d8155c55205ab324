"""`safeguard update`: only what the publisher signed and what passes its test is installed, after the parent saw what it changes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from safeguard import RELEASED, wiring
from safeguard.cli.run import serving
from safeguard.config import Settings
from safeguard.matching.verdict import Level
from safeguard.system import pack, packs, service_account, shipped
from safeguard.system.packs import Packs
from safeguard.system.paths import Paths
from safeguard.text.unit import TextUnit
from tests.system.publishing import LATER, Publisher

Call = Callable[..., Result]
FRAME = "  - {id: some.%s, category: incitement, severity: 3, why: Why., langs: [en], all: [%s, GROUP]}\n"
EXAMPLES = "  some.%s: {hit: ['%s Armenians'], miss: ['see the Armenian at a %s']}\n"
FILES = {
    "inflection/en.yaml": 'kind: inflection\nlang: en\nclasses:\n  n: {sg: [""], pl: [s]}\n  v: {inf: [""]}\n',
    "lexicon/en.yaml": "kind: lexicon\nlang: en\nKILL: [kill/v]\nBURN: [burn/v]\nFUNC: [a, the, what, see, I, at]\n",
    "frames/core.yaml": "kind: frames\nframes:\n" + FRAME % ("rule", "KILL"),
    "groups/people.yaml": "kind: groups\ngroups:\n  - {id: armenians, kind: people, title: Armenians, names: {en: [Armenian/n]}}\n",
    "examples/en.yaml": "kind: examples\nlang: en\nexamples:\n" + EXAMPLES % ("rule", "kill", "hill"),
    "sites/plain.yaml": "title: Plain\ndomains: [plain.test]\n",
    "sites/gone.yaml": "title: Gone\ndomains: [gone.test]\n",
}
NEWER = {name: text for name, text in FILES.items() if name != "sites/gone.yaml"} | {
    "frames/core.yaml": "kind: frames\nframes:\n" + FRAME % ("other", "BURN") + FRAME % ("rule", "[KILL, BURN]"),
    "examples/en.yaml": FILES["examples/en.yaml"] + EXAMPLES % ("other", "burn", "barn"),
    "sites/fresh.yaml": "title: Fresh\ndomains: [fresh.test]\n",
}
BURN = "burn the Armenians"


@pytest.fixture(autouse=True)
def few(ship: Callable[[dict[str, str]], None]) -> None:
    ship(FILES)


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Publisher:
    return Publisher(monkeypatch)


@pytest.fixture
def file(tmp_path: Path, publisher: Publisher) -> Path:
    path = tmp_path / "newer.pack"
    path.write_bytes(publisher.pack(NEWER))
    return path


def hides(text: str = BURN) -> bool:
    return wiring.build_engine(Settings()).check_many([TextUnit.of(text)])[0].level is Level.HARMFUL


def installed(paths: Paths) -> list[str]:
    return Packs(paths.packs).versions()


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.yaml")}


def test_installed_after_it_was_seen(call: Call, paths: Paths, file: Path) -> None:
    before = tree(shipped.rules())
    assert not hides()
    done = call("update", str(file), stdin="y\n")
    assert done.exit_code == 0
    for line in (
        "rules added (1): some.other",
        "rules changed (1): some.rule",
        "sites added (1): fresh",
        "sites removed (1): gone",
        "watched domains added (1): fresh.test",
        "watched domains removed (1): gone.test",
    ):
        assert line in done.stdout
    assert hides()
    assert set(wiring.load_sites(Settings()).domains) == {"plain.test", "fresh.test"}
    assert tree(shipped.rules()) == before


def test_a_no_changes_nothing(call: Call, paths: Paths, file: Path) -> None:
    for said in ("n\n", ""):
        assert call("update", str(file), stdin=said).exit_code == 1
    assert not paths.packs.exists()
    assert not hides()


def test_for_scripts(call: Call, file: Path) -> None:
    done = call("update", str(file), "--yes", "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["installed"] == LATER
    assert found["changes"]["rules"] == {"added": ["some.other"], "changed": ["some.rule"], "removed": []}
    assert found["changes"]["sites"]["removed"] == ["gone"]
    listed = json.loads(call("update", "--list", "--json").stdout)
    assert listed == {"in_force": LATER, "said": "", "packs": [LATER], "shipped": RELEASED}
    assert json.loads(call("update", "--rollback", "--yes", "--json").stdout) == {"removed": LATER, "in_force": "shipped"}


def test_back_again(call: Call, paths: Paths, file: Path) -> None:
    call("update", str(file), "--yes")
    assert call("update", "--rollback", stdin="n\n").exit_code == 1
    assert hides()
    done = call("update", "--rollback", stdin="y\n")
    assert done.exit_code == 0
    assert "In force: the rules that came with SafeGuard." in done.stdout
    assert not hides()
    done = call("update", "--rollback")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)


def test_list(call: Call, paths: Paths, file: Path) -> None:
    assert call("update", "--list").stdout == f"shipped with SafeGuard 0.1.0, {RELEASED}  in force\n"
    call("update", str(file), "--yes")
    assert call("update", "--list").stdout == f"pack {LATER}  in force\nshipped with SafeGuard 0.1.0, {RELEASED}\n"
    Packs(paths.packs).path(LATER).write_bytes(b"damaged")
    done = call("update", "--list")
    assert done.stdout == f"pack {LATER}\nshipped with SafeGuard 0.1.0, {RELEASED}  in force\n"
    assert "is not used" in done.stderr


@pytest.mark.parametrize(
    ("version", "safeguard", "said"),
    [
        ("2126-11-29", "0.1.0", f"the pack {LATER} is installed and newer"),
        (LATER, "0.1.0", "it is installed already"),
        (RELEASED, "0.1.0", "are newer"),
        ("2127-01-01", "99.0", "it needs SafeGuard 99.0"),
    ],
)
def test_not_for_this_safeguard(
    call: Call, paths: Paths, file: Path, publisher: Publisher, version: str, safeguard: str, said: str
) -> None:
    call("update", str(file), "--yes")
    file.write_bytes(publisher.pack(FILES, version, safeguard))
    done = call("update", str(file), "--yes")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
    assert installed(paths) == [LATER]


def test_a_damaged_pack_may_be_installed_again(call: Call, paths: Paths, file: Path) -> None:
    call("update", str(file), "--yes")
    Packs(paths.packs).path(LATER).write_bytes(b"damaged")
    assert not hides()
    assert call("update", str(file), "--yes").exit_code == 0
    assert hides()


def test_what_nobody_signed(call: Call, paths: Paths, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Publisher(monkeypatch)
    done = call("update", str(file), "--yes")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert f"{file}: not signed by the publisher" in done.stderr
    assert not paths.packs.exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"examples/en.yaml": FILES["examples/en.yaml"].replace("kill Arm", "greet Arm")}, "must be a hit: greet Armenians"),
        ({"examples/en.yaml": "kind: examples\nlang: en\nexamples:\n"}, "some.rule: no hit example in en"),
        ({"frames/core.yaml": "kind: frames\nframes: [\n"}, "rules/frames/core.yaml:"),
        ({"frames/core.yaml": FILES["frames/core.yaml"].replace("KILL", "KILT")}, "no lexicon has a word of meaning KILT"),
        ({"sites/plain.yaml": "title: Plain\n"}, "rules/sites/plain.yaml:"),
    ],
    ids=["an example fails", "a rule without examples", "broken", "an unknown meaning", "a broken site"],
)
def test_a_pack_that_fails_its_test(
    call: Call, paths: Paths, tmp_path: Path, publisher: Publisher, files: dict[str, str], said: str
) -> None:
    file = tmp_path / "bad.pack"
    file.write_bytes(publisher.pack(FILES | files))
    done = call("update", str(file), "--yes")
    assert done.exit_code == 1
    assert said in done.stderr
    assert "nothing was changed" in done.stderr
    assert not paths.packs.exists()


def test_a_rule_of_the_familys_own_that_does_not_go_with_it(call: Call, paths: Paths, file: Path) -> None:
    paths.rules.mkdir(parents=True)
    (paths.rules / "own.yaml").write_text("kind: frames\nframes:\n" + FRAME % ("other", "KILL"))
    done = call("update", str(file), "--yes")
    assert done.exit_code == 1
    assert "some.other" in done.stderr
    assert not paths.packs.exists()


def test_the_familys_own_rules_stay_on_top(call: Call, paths: Paths, file: Path) -> None:
    call("rules", "add", "greengrocery", "--yes")
    call("rules", "disable", "some.rule")
    done = call("update", str(file), "--yes")
    assert done.exit_code == 0, done.stderr
    assert hides("Our greengrocery")
    assert hides()
    assert not hides("kill the Armenians")


def test_root_reads_the_file_and_no_more(call: Call, paths: Paths, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the filter's account may not read, root reads for it; what is in it is looked at without root's rights."""
    happened: list[str] = []
    load, read = packs.load, pack.read
    monkeypatch.setattr(packs, "load", lambda path: happened.append(path.name) or load(path))
    monkeypatch.setattr(pack, "read", lambda *a: happened.append("looked at") or read(*a))
    monkeypatch.setattr(service_account, "become", lambda: happened.append("become"))
    call("update", str(file), "--yes")
    assert happened[happened.index(file.name) :][:3] == [file.name, "become", "looked at"]


def test_one_thing_at_a_time(call: Call, file: Path) -> None:
    for args in ((), (str(file), "--list"), ("--rollback", "--list")):
        assert call("update", *args).exit_code == 2


def test_a_file_that_is_not_there(call: Call) -> None:
    done = call("update", "/nowhere/a.pack")
    assert (done.exit_code, done.stderr) == (2, "/nowhere/a.pack: cannot be read (No such file or directory)\n")


def test_a_running_filter_takes_it_up(call: Call, paths: Paths, file: Path) -> None:
    said: list[str] = []

    def comes(true: Callable[[], bool]) -> bool:
        pause = threading.Event()
        return any(true() or pause.wait(0.05) for _ in range(200))

    with serving(Settings(), 0, said.append) as on:

        def hidden() -> bool:
            return on.pipeline.engine.check_many([TextUnit.of(BURN)])[0].level is Level.HARMFUL

        assert not hidden()
        call("update", str(file), "--yes")
        assert comes(hidden)
        assert comes(lambda: any("files read again" in line for line in said))
        path = Packs(paths.packs).path(LATER)
        path.write_bytes(path.read_bytes()[:-1])
        assert comes(lambda: not hidden())
        assert comes(lambda: any(f"the pack of rules {LATER} is not used: " in line for line in said))
