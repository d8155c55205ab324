"""`safeguard doctor`: every trouble of this computer is named at once, none hides another, and where nothing is wrong it says so."""

from __future__ import annotations

import datetime as dt
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from safeguard import wiring
from safeguard.cli.run import serving
from safeguard.config import Settings
from safeguard.policy.drift import MISSES, OVER, Drift
from safeguard.proxy import ca, ca_store
from safeguard.setup.doctor import look_accounts, look_browsers
from safeguard.setup.doctor.facts import Facts
from safeguard.setup.doctor.gather import gather
from safeguard.system.packs import Packs
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore
from tests.system.publishing import LATER, Publisher

Call = Callable[..., Result]


@pytest.fixture(autouse=True)
def few(ship: Callable[[dict[str, str]], None], monkeypatch: pytest.MonkeyPatch) -> None:
    ship({"sites/plain.yaml": "title: Plain\ndomains: [plain.test]\n"})
    monkeypatch.setattr(look_browsers, "PATH", "/nowhere")
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        for spelt in (name, name.upper()):
            monkeypatch.delenv(spelt, raising=False)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as s:
        return int(s.getsockname()[1])


def look(port: int, root: Path, **more: Any) -> Facts:
    return gather(Settings(port=port), root=root, offline=True, environment={}, **more)


def found(call: Call, *args: str) -> dict[str, Any]:
    done = call("doctor", "--offline", "--json", *args)
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == (0 if told["ok"] else 1)
    return {f["id"]: f for f in told["findings"]}


def authority(paths: Paths, ago: dt.timedelta = dt.timedelta()) -> ca.Authority:
    made = ca.issue(["plain.test"], dt.datetime.now(dt.UTC) - ago)
    (paths.state / "ca").mkdir(parents=True, mode=0o700)
    paths.state.chmod(0o700)
    (paths.state / "ca" / ca_store.FILE).write_bytes(made.to_pem())
    (paths.state / "ca" / ca_store.FILE).chmod(0o600)
    return made


def test_a_fresh_checkout(call: Call) -> None:
    told = found(call)
    assert {"not-running", "pin", "no-child"} <= told.keys()
    said = call("doctor", "--offline")
    assert said.exit_code == 1
    assert "1. The filter does not run." in said.stdout
    assert f"{sum(f['wrong'] for f in told.values())} things to mend" in said.stdout


def test_troubles_of_our_own_do_not_hide_each_other(call: Call, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    authority(paths, ca.VALID - dt.timedelta(days=20))
    store = wiring.open_store(Settings())
    store.drift.save([Drift("plain", "json", MISSES, 0, OVER)], [])
    store.close()
    Packs(paths.packs).install(Publisher(monkeypatch).pack({"sites/plain.yaml": "title: P\ndomains: [plain.test]\n"}), LATER)
    Packs(paths.packs).path(LATER).write_bytes(b"damaged")
    (paths.rules / "sites").mkdir(parents=True)
    (paths.rules / "sites" / "own.yaml").write_text("title: Own\n")
    (paths.config / "profiles.yaml").write_text("accounts:\n  sgt-not-there: teen\n")
    told = found(call)
    assert {"authority", "reduced", "pack", "rules", "account", "not-running"} <= told.keys()
    assert "own.yaml" in told["rules"]["where"]
    assert "sgt-not-there" in told["account"]["what"]


def test_a_damaged_log(call: Call, paths: Paths) -> None:
    paths.state.mkdir(parents=True, mode=0o700)
    paths.log.write_bytes(b"nonsense" * 1000)
    assert "damaged" in found(call)["log"]["where"]
    assert paths.log.read_bytes() == b"nonsense" * 1000


def test_wrong_settings_are_a_finding(call: Call, paths: Paths, tmp_path: Path) -> None:
    paths.config.mkdir(parents=True)
    paths.settings.write_text("nonsense: 1\n")
    assert "settings.yaml:1:" in found(call)["settings"]["where"]
    (tmp_path / "mine.yaml").write_text("listen:\n  port: 4242\n")
    told = found(call, "--config", str(tmp_path / "mine.yaml"))
    assert "settings" not in told
    assert "port 4242" in told["not-running"]["where"]


def test_a_port_that_another_program_took(call: Call, paths: Paths) -> None:
    authority(paths)
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        paths.config.mkdir(parents=True)
        paths.settings.write_text(f"listen:\n  port: {squatter.getsockname()[1]}\n")
        squatter.close()
        with socket.create_server(("127.0.0.1", squatter_port(paths))):
            told = found(call)
    assert "python" in told["port"]["where"]
    assert "process" in told["port"]["where"]


def squatter_port(paths: Paths) -> int:
    return int(paths.settings.read_text().rpartition(":")[2])


def test_a_filter_that_runs_is_known_by_its_certificate(port: int, tmp_path: Path, paths: Paths) -> None:
    with serving(Settings(), port):
        facts = look(port, tmp_path)
    assert facts.port.ours
    assert facts.running == 1
    assert facts.ca_missing == ()
    assert facts.ca_ends is not None
    assert not look(port, tmp_path).port.open


def test_the_pin(tmp_path: Path, port: int, paths: Paths) -> None:
    assert look(port, tmp_path).pin is False
    PinStore(paths.pin).set("592718")
    assert look(port, tmp_path).pin is True
    paths.pin.write_text("{")
    paths.pin.chmod(0o600)
    assert look(port, tmp_path).pin is None


def test_root_gives_its_rights_up_before_it_opens_the_log(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that root opened would have files of root's beside it, which the filter could not write."""
    happened: list[str] = []
    real = wiring.open_store
    monkeypatch.setattr(wiring, "open_store", lambda *a, **k: happened.append("log") or real(*a, **k))
    monkeypatch.setattr(look_accounts, "people", lambda: happened.append("homes") or [])
    look(port, tmp_path, become=lambda: happened.append("become"))
    assert happened == ["homes", "become", "log"]


def test_offline_asks_nobody(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch, ship: Callable[[dict[str, str]], None]) -> None:
    ship({"sites/tube.yaml": "title: Tube\ndomains: [youtube.com]\n"})
    asked: list[str] = []

    def connect(host: str) -> socket.socket:
        asked.append(host)
        raise OSError

    gather(Settings(port=port), root=tmp_path, environment={}, connect=connect, offline=True)
    assert asked == []
    gather(Settings(port=port), root=tmp_path, environment={}, connect=connect)
    assert asked == ["www.youtube.com"]


def test_hostile_names_are_harmless(call: Call, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://\x1b[31mx\u202e")
    for args in ((), ("--json",)):
        said = call("doctor", "--offline", *args).stdout
        assert "\x1b" not in said
        assert "\u202e" not in said
        assert "\\x1b" in said or "\\u001b" in said
