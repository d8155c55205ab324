"""Rule files are found in a steady order, shipped before own, and a change is seen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safeguard.errors import ConfigError, RuleError
from safeguard.system import rule_files, shipped


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    base = tmp_path / "shipped"
    (base / "sites").mkdir(parents=True)
    (base / "frames").mkdir()
    (base / "frames" / "b.yaml").write_text("shipped: b")
    (base / "frames" / "a.yml").write_text("shipped: a")
    (base / "frames" / ".draft.yaml").write_text("never read")
    (base / "README.md").write_text("never read")
    (base / "sites" / "x.yaml").write_text("site: x")
    monkeypatch.setattr(shipped, "rules", lambda: base)
    return tmp_path / "own"


def test_without_own_folder(own: Path) -> None:
    files = rule_files.gather(own)
    assert files.rules == (("rules/frames/a.yml", b"shipped: a"), ("rules/frames/b.yaml", b"shipped: b"))
    assert files.sites == (("rules/sites/x.yaml", b"site: x"),)


def test_own_files_come_after_under_their_path(own: Path) -> None:
    (own / "sites").mkdir(parents=True)
    (own / "words.yaml").write_text("own")
    (own / "sites" / "y.yaml").write_text("own site")
    files = rule_files.gather(own)
    assert files.rules[-1] == (str(own / "words.yaml"), b"own")
    assert files.sites[-1] == (str(own / "sites" / "y.yaml"), b"own site")


def test_a_change_is_seen(own: Path) -> None:
    own.mkdir()
    looks = [rule_files.snapshot(own)]
    file = own / "words.yaml"
    file.write_text("a")
    looks.append(rule_files.snapshot(own))
    info = file.stat()
    os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns + 1))
    looks.append(rule_files.snapshot(own))
    assert rule_files.snapshot(own) == looks[-1]
    file.unlink()
    looks.append(rule_files.snapshot(own))
    assert looks[0] == looks[3]
    assert len(set(looks)) == 3


def test_named_files_and_folders(own: Path, tmp_path: Path) -> None:
    own.mkdir()
    (own / "words.yaml").write_text("a")
    assert rule_files.named([own, own / "words.yaml"]) == ((str(own / "words.yaml"), b"a"),) * 2
    with pytest.raises(RuleError) as caught:
        rule_files.named([tmp_path / "nowhere", tmp_path / "nothing"])
    assert len(caught.value.problems) == 2


def test_the_shipped_rules_are_there() -> None:
    assert (shipped.rules() / "README.md").is_file()


def test_an_incomplete_installation_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "safeguard").mkdir()
    monkeypatch.setattr("safeguard.__file__", str(tmp_path / "safeguard" / "__init__.py"))
    with pytest.raises(ConfigError, match="install SafeGuard again"):
        shipped.rules()
