"""Key 0600 in a folder 0700, or no start; a new authority only where there is none, or by the parent's yes."""

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
    ("domains", "later"), [(["social.test", "new.test"], dt.timedelta()), (["social.test"], ca.VALID * 2)], ids=["a new domain", "ended"]
)
def test_never_replaced_without_the_parents_yes(tmp_path: Path, domains: list[str], later: dt.timedelta) -> None:
    first = ca_store.open_authority(tmp_path / "ca", ["social.test"], NOW)
    before = (tmp_path / "ca" / ca_store.FILE).read_bytes()
    second = ca_store.open_authority(tmp_path / "ca", domains, NOW + later)
    assert second.authority.root == first.authority.root
    assert (tmp_path / "ca" / ca_store.FILE).read_bytes() == before


def test_renewed_the_old_key_is_gone_and_both_certificates_are_known(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    first = ca_store.open_authority(folder, ["social.test"], NOW).authority
    key = first.to_pem().split(b"-----BEGIN CERTIFICATE")[0]
    roots = ca_store.renew(folder, ["social.test", "new.test"], NOW)
    made = ca_store.read(folder)
    assert made.domains == ("new.test", "social.test")
    assert made.key.public_key() != first.key.public_key()
    assert roots == ca_store.roots(folder) == ca_store.Roots(made.root_pem, (first.root_pem,))
    assert (folder / ca_store.PUBLIC).read_bytes() == made.root_pem
    assert not any(key in p.read_bytes() for p in folder.iterdir())
    assert [p.name for p in folder.iterdir() if b"PRIVATE" in p.read_bytes()] == [ca_store.FILE]
    again = ca_store.renew(folder, ["social.test"], NOW)
    assert set(again.old) == {first.root_pem, made.root_pem}
    ca_store.forget(folder, [first.root_pem])
    assert ca_store.roots(folder).old == (made.root_pem,)
    ca_store.forget(folder, again.old)
    assert sorted(p.name for p in folder.iterdir()) == sorted([ca_store.FILE, ca_store.PUBLIC])


@pytest.mark.parametrize("at", range(4))
def test_a_crash_in_the_middle_of_a_renewal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Whenever the process dies, a whole authority is there, its certificate is known, and no draft's key outlives the next renewal."""
    folder = tmp_path / "ca"
    first = ca_store.open_authority(folder, ["social.test"], NOW).authority
    left = [at]
    whole = Path.replace

    def dies(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise SystemExit
        return whole(self, target)

    monkeypatch.setattr(Path, "replace", dies)
    if at < 3:
        with pytest.raises(SystemExit):
            ca_store.renew(folder, ["new.test"], NOW)
    else:
        ca_store.renew(folder, ["new.test"], NOW)
    monkeypatch.undo()
    kept = ca_store.open_authority(folder, ["social.test"], NOW).authority
    assert (folder / ca_store.PUBLIC).read_bytes() == kept.root_pem
    found = ca_store.roots(folder)
    assert found.new == kept.root_pem
    assert {found.new, *found.old} >= {first.root_pem}
    ca_store.renew(folder, ["new.test"], NOW)
    assert [p.name for p in folder.iterdir() if b"PRIVATE" in p.read_bytes()] == [ca_store.FILE]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root: gives a folder to another account")
def test_renewed_by_root_the_files_are_the_services(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    ca_store.open_authority(folder, ["social.test"], NOW)
    for place in (folder, *folder.iterdir()):
        os.chown(place, 64999, 64998)
    ca_store.renew(folder, ["social.test"], NOW)
    for place in (folder, *folder.iterdir()):
        assert (place.stat().st_uid, place.stat().st_gid) == (64999, 64998)
    assert stat.S_IMODE((folder / ca_store.FILE).stat().st_mode) == 0o600


def test_a_broken_file_is_not_replaced_silently_but_by_a_renewal(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    first = ca_store.open_authority(folder, ["social.test"], NOW).authority
    (folder / ca_store.FILE).write_bytes(b"junk")
    with pytest.raises(ProxyError, match="ca renew"):
        ca_store.open_authority(folder, ["social.test"], NOW)
    assert ca_store.renew(folder, ["social.test"], NOW).old == (first.root_pem,)
    assert ca_store.open_authority(folder, ["social.test"], NOW).told == ""


def test_none_yet(tmp_path: Path) -> None:
    assert not ca_store.exists(tmp_path / "ca")
    with pytest.raises(ProxyError, match="cannot be read"):
        ca_store.read(tmp_path / "ca")
