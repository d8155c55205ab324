"""Secrets are made once, for the owner alone, and refused where others can read them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from safeguard.system import private

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "code.key"
    made = private.secret(path)
    assert len(made) == 32
    assert private.secret(path) == made
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert [p.name for p in path.parent.iterdir()] == ["code.key"]


def test_many_processes_agree_on_one_secret(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from safeguard.system import private; print(private.secret(Path(sys.argv[1])).hex())"
    several = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "s" / "key")], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert len({p.communicate()[0] for p in several}) == 1


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o666])
def test_a_secret_open_to_others_is_refused(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "s" / "key"
    private.secret(path)
    path.chmod(bits)
    with pytest.raises(private.NotPrivate, match="chmod 600"):
        private.secret(path)


def test_a_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir(mode=0o755)
    with pytest.raises(private.NotPrivate, match="chmod 700"):
        private.secret(tmp_path / "s" / "key")


def test_a_cut_secret_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s" / "key"
    private.secret(path)
    path.write_bytes(b"short")
    with pytest.raises(private.NotPrivate, match="damaged"):
        private.secret(path)


def test_a_file_in_the_way_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("")
    with pytest.raises(private.NotPrivate, match="cannot make this folder"):
        private.folder(tmp_path / "s" / "deeper")


def test_a_file_is_put_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kept"
    private.put(file, b"first")
    private.put(file, b"second", 0o640)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"second", 0o640)

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        private.put(file, b"third")
    assert file.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [file]
