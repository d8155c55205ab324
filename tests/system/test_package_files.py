"""Packages on the disk: for their owner alone, whole or not at all, never over what is there, no link followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safeguard.errors import InputError
from safeguard.system import package_files

FILES = {"index.html": b"page", "entries/0001.json": b"{}", "entries/0002.json": b"[]"}


def test_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    package_files.write_file(tmp_path / "p.zip", b"data")
    assert (tmp_path / "p.zip").stat().st_mode & 0o777 == 0o600
    assert package_files.read_file(tmp_path / "p.zip") == b"data"
    assert [p.name for p in tmp_path.iterdir()] == ["p.zip"]


def test_a_folder_for_its_owner_alone(tmp_path: Path) -> None:
    package_files.write_folder(tmp_path / "p", FILES)
    assert package_files.read_folder(tmp_path / "p") == (FILES, [])
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "p").rglob("*.json")} == {0o600}
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "p", tmp_path / "p" / "entries")} == {0o700}
    assert [p.name for p in tmp_path.iterdir()] == ["p"]


def test_nothing_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        package_files.write_file(tmp_path / "p", b"data")
    with pytest.raises(InputError, match="is there already"):
        package_files.write_folder(tmp_path / "p", FILES)
    assert (tmp_path / "p").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["p"]


def test_no_place_to_write(tmp_path: Path) -> None:
    for write in (lambda p: package_files.write_file(p, b""), lambda p: package_files.write_folder(p, FILES)):
        with pytest.raises(InputError, match="cannot be written"):
            write(tmp_path / "no" / "p")
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    package_files.write_file(tmp_path / "p.zip", b"data")
    assert (tmp_path / "p.zip").read_bytes() == b"data"
    with pytest.raises(InputError, match="is there already"):
        package_files.write_file(tmp_path / "p.zip", b"other")
    assert [p.name for p in tmp_path.iterdir()] == ["p.zip"]


def test_links_pipes_and_empty_folders_are_named_and_not_opened(tmp_path: Path) -> None:
    package_files.write_folder(tmp_path / "p", FILES)
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "p" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "p" / "loop").symlink_to(tmp_path / "p")
    os.mkfifo(tmp_path / "p" / "pipe")
    (tmp_path / "p" / "empty").mkdir()
    assert package_files.read_folder(tmp_path / "p") == (FILES, ["empty", "link", "loop", "pipe"])


def test_more_than_any_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package_files.write_folder(tmp_path / "p", FILES)
    package_files.write_file(tmp_path / "p.zip", b"12345")
    monkeypatch.setattr(package_files, "MOST_BYTES", 4)
    with pytest.raises(InputError, match="no package of evidence"):
        package_files.read_folder(tmp_path / "p")
    with pytest.raises(InputError, match="no package of evidence"):
        package_files.read_file(tmp_path / "p.zip")


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        package_files.read_file(tmp_path / "none")
    with pytest.raises(InputError, match="no package of evidence"):
        package_files.read_file(Path("/dev/null"))
