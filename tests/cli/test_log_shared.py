"""One log of many PCs in the commands: which PC an entry came from, what a purge leaves on a server, and no password anywhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from safeguard import wiring
from safeguard.cli.log_review import SERVER_KEEPS
from safeguard.config import Settings
from safeguard.store import Store
from safeguard.system.paths import Paths
from tests.postgres import Postgres, missing
from tests.store.conftest import incident, new_database

Call = Callable[..., Result]
DEAD = "postgresql://u:not-for-logs@127.0.0.1:1/safeguard"


def fill(where: Path | str) -> None:
    for name in ("room-1", "Room-2"):
        store = Store(where, computer=name)
        store.add(incident(f"C{name[-1]}"))
        assert store.flush()
        store.close()


def test_this_pcs_name_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.node", lambda: "room-7")
    store = wiring.open_store(Settings())
    store.add(incident())
    assert store.flush()
    assert [e.computer for e in store.entries()] == ["room-7"]
    store.close()


def test_the_computer_is_shown_and_asked_for(call: Call, paths: Paths) -> None:
    wiring.open_store(Settings()).close()
    fill(paths.log)
    assert "computer" in call("log", "list").stdout
    one = call("log", "list", "--computer", "room-2").stdout
    assert "C2" in one
    assert "C1" not in one
    assert call("log", "list", "--computer", "room-9").stdout == "No entry of a computer 'room-9'.\n"
    assert "Room-2" in call("log", "show", "C2").stdout
    assert json.loads(call("log", "show", "C1", "--json").stdout)["computer"] == "room-1"
    [row] = csv.DictReader(io.StringIO(call("log", "export", "--computer", "ROOM-1").stdout, newline=""))
    assert (row["code"], row["computer"]) == ("C1", "room-1")


def test_no_password_in_what_commands_say(call: Call, paths: Paths) -> None:
    paths.config.mkdir(parents=True, exist_ok=True)
    (paths.config / "settings.yaml").write_text(f"store:\n  url: {DEAD}\n")
    pytest.importorskip("psycopg")
    for command in (("status",), ("status", "--json"), ("doctor", "--json"), ("log", "list"), ("log", "stats"), ("agent", "--once")):
        result = call(*command)
        said = result.stdout + result.stderr + repr(result.exception)
        assert "not-for-logs" not in said, command
        if command[0] != "agent":
            assert "PostgreSQL at 127.0.0.1" in said, said
    assert "not-for-logs" not in repr(wiring.load_settings())


@pytest.mark.e2e
@pytest.mark.skipif(bool(missing()), reason=missing() or "-")
def test_the_commands_on_a_server(call: Call, paths: Paths) -> None:
    with Postgres() as server:
        address = new_database(server)
        fill(address)
        paths.config.mkdir(parents=True, exist_ok=True)
        (paths.config / "settings.yaml").write_text(f'store:\n  url: "{address}"\n')
        assert json.loads(call("status", "--json").stdout)["log"]["entries"] == 2
        assert call("log", "allow", "C1").exit_code == 0
        assert "site" in call("log", "stats").stdout
        said = call("log", "purge", "--all", "--yes").stdout
        assert said.splitlines()[0] == "2 entries deleted."
        assert SERVER_KEEPS in said
        assert not paths.log.exists()
