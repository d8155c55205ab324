"""What was done once stays done over restarts, and its file tells nobody which sites were visited."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from safeguard.system import cleared
from safeguard.system.cleared import Cleared


def test_kept_over_a_restart_without_a_name_in_it(tmp_path: Path) -> None:
    file = tmp_path / "state" / "cleared"
    one = Cleared(file, b"key")
    assert not one.done("anna", "https://needle.test:443", "cache")
    one.mark("anna", "https://needle.test:443", "cache")
    one.mark("anna", "https://needle.test:443", "cache")
    assert len(file.read_text().splitlines()) == 1
    assert "needle" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = Cleared(file, b"key")
    assert again.done("anna", "https://needle.test:443", "cache")
    assert not again.done("otto", "https://needle.test:443", "cache")
    assert not Cleared(file, b"another install").done("anna", "https://needle.test:443", "cache")


def test_a_damaged_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "cleared"
    tmp_path.chmod(0o700)
    Cleared(file, b"key").mark("a")
    file.write_bytes(b"\xff\xfe nonsense\n" + file.read_bytes() + b"0123")
    assert Cleared(file, b"key").done("a")


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(cleared, "MOST", 10)
    kept = Cleared(tmp_path / "cleared", b"key")
    for i in range(25):
        kept.mark(str(i))
    assert len((tmp_path / "cleared").read_text().splitlines()) <= 10
    assert kept.done("24")
    assert Cleared(tmp_path / "cleared", b"key").done("24")
    assert not kept.done("0")


def test_where_nothing_can_be_written_it_is_remembered_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Cleared(tmp_path / "file" / "cleared", b"key")
    kept.mark("a")
    assert kept.done("a")
