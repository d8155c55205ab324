"""What a parent put aside for evidence: in one private file, bounded, and told where it is damaged."""

from __future__ import annotations

import stat
import sys
import threading
from pathlib import Path

import pytest

from safeguard.errors import InputError
from safeguard.system import saved_entries
from safeguard.system.private import NotPrivate
from safeguard.system.saved_entries import SavedEntries


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "saved.json"


def test_kept_in_order_each_once_and_removed(file: Path) -> None:
    saved = SavedEntries(file)
    assert saved.list() == []
    for code in ("AB12", "CD34", "AB12"):
        saved.add(code)
    assert SavedEntries(file).list() == ["AB12", "CD34"]
    saved.remove("AB12")
    saved.remove("ZZ99")
    assert saved.list() == ["CD34"]


def test_no_more_than_a_package_should_have(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_entries, "MOST", 2)
    saved = SavedEntries(file)
    saved.add("A")
    saved.add("B")
    saved.add("B")
    with pytest.raises(InputError, match="remove some"):
        saved.add("C")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_for_its_owner_alone(file: Path) -> None:
    SavedEntries(file).add("A")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with pytest.raises(NotPrivate):
        SavedEntries(file).list()


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'["' + b"x" * 200 + b'"]', b"[" * 5000, b"\xff"])
def test_a_damaged_file_is_told(file: Path, data: bytes) -> None:
    SavedEntries(file).add("A")
    file.write_bytes(data)
    for method in (SavedEntries(file).list, lambda: SavedEntries(file).add("B")):
        with pytest.raises(InputError, match="damaged"):
            method()


def test_none_is_lost_where_many_are_saved_at_once(file: Path) -> None:
    threads = [threading.Thread(target=SavedEntries(file).add, args=(f"A{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(SavedEntries(file).list()) == [f"A{n}" for n in range(8)]
