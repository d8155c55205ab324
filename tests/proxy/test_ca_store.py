"""Key 0600 in a folder 0700, or no start; a new authority only where one is needed, and told."""

from __future__ import annotations

import datetime as dt
import os
import stat
from pathlib import Path

import pytest

from safeguard.errors import ProxyError
from safeguard.proxy import ca, ca_store
from safeguard.system.private import NotPrivate

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


def test_made_once_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    first = ca_store.open_authority(folder, ["social.test"], NOW)
    again = ca_store.open_authority(folder, ["social.test"], NOW)
    assert first.told
    assert again.told == ""
    assert again.authority.root == first.authority.root
    assert (folder / ca_store.PUBLIC).read_bytes() == first.authority.root_pem
    assert b"PRIVATE" not in (folder / ca_store.PUBLIC).read_bytes()
    assert len(list(folder.iterdir())) == 2


@posix
def test_modes(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    ca_store.open_authority(folder, ["social.test"], NOW)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / ca_store.FILE).stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize(("what", "mode"), [("", 0o750), ("", 0o701), (ca_store.FILE, 0o640), (ca_store.FILE, 0o604)])
def test_laxer_is_refused_in_one_line(tmp_path: Path, what: str, mode: int) -> None:
    folder = tmp_path / "ca"
    ca_store.open_authority(folder, ["social.test"], NOW)
    (folder / what).chmod(mode)
    with pytest.raises(NotPrivate, match="chmod") as refused:
        ca_store.open_authority(folder, ["social.test"], NOW)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("domains", "later"), [(["social.test", "new.test"], dt.timedelta()), (["social.test"], ca.VALID)], ids=["a new domain", "ending"]
)
def test_made_anew_and_told(tmp_path: Path, domains: list[str], later: dt.timedelta) -> None:
    first = ca_store.open_authority(tmp_path / "ca", ["social.test"], NOW)
    second = ca_store.open_authority(tmp_path / "ca", domains, NOW + later)
    assert "anew" in second.told
    assert second.authority.root != first.authority.root
    assert second.authority.covers(domains)


def test_a_broken_file_is_not_replaced_silently(tmp_path: Path) -> None:
    ca_store.open_authority(tmp_path / "ca", ["social.test"], NOW)
    (tmp_path / "ca" / ca_store.FILE).write_bytes(b"junk")
    with pytest.raises(ProxyError, match="remove it"):
        ca_store.open_authority(tmp_path / "ca", ["social.test"], NOW)
