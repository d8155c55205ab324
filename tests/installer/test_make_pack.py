"""What a maintainer makes is what a parent installs: the key under a passphrase, the pack signed with it."""

from __future__ import annotations

import base64
import importlib.util
import re
import stat
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from safeguard.errors import PackError
from safeguard.system import pack

ROOT = Path(__file__).parents[2]
WORD = "a long passphrase"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_pack", ROOT / "installer" / "make_pack.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(script: ModuleType, *args: object, says: str = WORD) -> Result:
    return CliRunner().invoke(script.app, [str(a) for a in args], input=f"{says}\n{says}\n")


def test_key_and_pack(script: ModuleType, tmp_path: Path) -> None:
    key, out = tmp_path / "key.pem", tmp_path / "rules.pack"
    made = call(script, "key", key)
    public = base64.b64decode(re.findall(r"publisher\.py: (\S+)", made.output)[0])
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in key.read_bytes()
    assert call(script, "make", out, "--key", key, "--version", "2026-11-21.3").exit_code == 0
    found = pack.read(out.read_bytes(), [public])
    assert found.version == "2026-11-21.3"
    shipped = {p.relative_to(ROOT / "rules").as_posix(): p.read_bytes() for p in (ROOT / "rules").rglob("*.[yp][ao]*")}
    assert {"groups/faiths.yaml", "sites/vk.yaml", "locale/hy.po"} <= shipped.keys()
    assert dict(found.files) == shipped
    with pytest.raises(PackError, match="not signed"):
        pack.read(out.read_bytes(), [])


def test_a_key_is_never_overwritten(script: ModuleType, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("the old one")
    assert call(script, "key", key).exit_code != 0
    assert key.read_text() == "the old one"


@pytest.mark.parametrize("version", ["2126-01-01", "newest", "1.0"])
def test_a_version_that_nothing_could_follow(script: ModuleType, tmp_path: Path, version: str) -> None:
    call(script, "key", tmp_path / "key.pem")
    made = call(script, "make", tmp_path / "rules.pack", "--key", tmp_path / "key.pem", "--version", version)
    assert made.exit_code == 1
    assert not (tmp_path / "rules.pack").exists()


def test_another_passphrase(script: ModuleType, tmp_path: Path) -> None:
    call(script, "key", tmp_path / "key.pem")
    made = call(script, "make", tmp_path / "rules.pack", "--key", tmp_path / "key.pem", "--version", "2026-11-21", says="another")
    assert "not opened by this passphrase" in made.output
    assert not (tmp_path / "rules.pack").exists()


def test_rules_that_make_no_pack(script: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "Bad Name.yaml").write_text("")
    call(script, "key", tmp_path / "key.pem")
    where = ("--rules", tmp_path / "rules", "--version", "2026-11-21")
    made = call(script, "make", tmp_path / "rules.pack", "--key", tmp_path / "key.pem", *where)
    assert made.exit_code == 1
    assert "make no pack" in made.output
