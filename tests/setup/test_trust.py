"""The stores of a PC know our certificate after setup, and are as they were when it is taken back."""

from __future__ import annotations

import datetime as dt
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from safeguard.errors import ProxyError
from safeguard.proxy import ca
from safeguard.setup import databases, trust
from safeguard.setup.plan import Run, WriteFile
from safeguard.system import browser_nss
from tests.setup.apart import need_apart

PEM = ca.issue(["social.test"], dt.datetime(2026, 11, 22, tzinfo=dt.UTC)).root_pem
OTHER = ca.issue(["school.test"], dt.datetime(2026, 11, 22, tzinfo=dt.UTC)).root_pem

with_certutil = pytest.mark.skipif(shutil.which("certutil") is None, reason="certutil is not installed")


def put(database: Path, nickname: str, pem: bytes = OTHER) -> None:
    """A certificate that somebody else put there."""
    database.mkdir(parents=True, exist_ok=True)
    if not (database / "cert9.db").exists():
        subprocess.run(["certutil", "-d", f"sql:{database}", "-N", "--empty-password"], check=True, timeout=30)
    subprocess.run(["certutil", "-d", f"sql:{database}", "-A", "-t", "CT,CT,", "-n", nickname], input=pem, check=True, timeout=30)


def tree(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*")}


@with_certutil
def test_a_home_without_databases_is_as_before(tmp_path: Path) -> None:
    (tmp_path / "Documents").mkdir()
    (tmp_path / "snap/chromium/current").mkdir(parents=True)
    before = tree(tmp_path)
    databases.trust(tmp_path, PEM)
    databases.trust(tmp_path, PEM)  # a second setup
    filled = [tmp_path / p for p in (*databases.CHROMIUM, *(f"snap/chromium/current/{c}" for c in databases.CHROMIUM))]
    assert [browser_nss.names(f) for f in filled] == [[browser_nss.NICKNAME]] * 4
    assert not (tmp_path / "snap/brave").exists()
    databases.forget(tmp_path)
    assert tree(tmp_path) == before


@with_certutil
def test_certificates_of_others_stay(tmp_path: Path) -> None:
    theirs, ours = (tmp_path / place for place in databases.CHROMIUM)
    put(theirs, "School")
    databases.trust(tmp_path, PEM)
    assert sorted(browser_nss.names(theirs)) == [browser_nss.NICKNAME, "School"]
    put(ours, "Bought since")
    databases.forget(tmp_path)
    assert browser_nss.names(theirs) == ["School"]
    assert browser_nss.names(ours) == ["Bought since"]


@with_certutil
def test_what_firefox_copied_by_policy_goes_too(tmp_path: Path) -> None:
    profile = tmp_path / ".mozilla/firefox/x.default"
    put(profile, "SafeGuard family root 0badcafe", PEM)
    put(profile, "School")
    databases.forget(tmp_path)
    assert browser_nss.names(profile) == ["School"]


@with_certutil
def test_a_broken_database_does_not_keep_the_others_from_being_cleaned(tmp_path: Path) -> None:
    databases.trust(tmp_path, PEM)
    first, second = (tmp_path / place for place in databases.CHROMIUM)
    (first / "cert9.db").write_bytes(b"no database" * 500)
    with pytest.raises(ProxyError, match="nssdb"):
        databases.forget(tmp_path)
    assert not second.exists()


@with_certutil
def test_as_a_command_it_works_on_the_home_of_its_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = type("Account", (), {"pw_dir": str(tmp_path)})
    monkeypatch.setattr(databases.pwd, "getpwuid", lambda uid: account if uid == os.geteuid() else None)
    monkeypatch.setenv("HOME", "/nonexistent")
    root = tmp_path / "root.pem"
    root.write_bytes(PEM)
    assert databases.main(["trust", str(root)]) == 0
    assert browser_nss.names(tmp_path / databases.CHROMIUM[0]) == [browser_nss.NICKNAME]
    assert databases.main(["forget"]) == 0
    assert tree(tmp_path) == {"root.pem"}
    assert databases.main(["trust", str(tmp_path / "none.pem")]) == 1
    assert databases.main([]) == 2


def test_the_child_does_it_itself_and_undoes_it() -> None:
    (action,) = trust.databases(("/py", "-I"), "odd name")
    assert isinstance(action, Run)
    assert action.account == "odd name"
    assert action.command[:-2] == action.undo[:-1] == ("/py", "-I", "-m", "safeguard.setup.databases")
    done = subprocess.run([sys.executable, *action.command[1:-2]], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2, done.stderr


def test_the_system_trusts_it_and_then_no_more(tmp_path: Path) -> None:
    """With /etc and Debian's folder for certificates of one's own laid over by copies: the machine's store is not touched."""
    need_apart()
    if shutil.which("update-ca-certificates") is None:
        pytest.skip("update-ca-certificates is not installed")
    actions = trust.system(PEM)
    (file,) = (a for a in actions if isinstance(a, WriteFile))
    (tmp_path / "root.crt").write_bytes(file.data)
    place = shlex.quote(str(file.path))
    put = f"cp {tmp_path}/root.crt {place}"
    do = [put if isinstance(a, WriteFile) else shlex.join(a.command) for a in actions if isinstance(a, WriteFile | Run)]
    undo = [f"rm {place}" if isinstance(a, WriteFile) else shlex.join(a.undo) for a in reversed(actions) if isinstance(a, WriteFile | Run)]
    state = r"{ find /etc/ssl -printf '%p %m %u %l\n' | sort; sha256sum /etc/ssl/certs/ca-certificates.crt; }"
    script = [
        f"for place in /etc {shlex.quote(str(file.path.parent))}; do",
        f'mkdir {tmp_path}/over; mount -t tmpfs none {tmp_path}/over; cp -a "$place"/. {tmp_path}/over',
        f'mount --bind {tmp_path}/over "$place"; umount {tmp_path}/over; rmdir {tmp_path}/over; done',
        "update-ca-certificates",  # so that what is compared is what Debian makes of its own
        f"{state} >{tmp_path}/before",
        *(d for d in do if d),
        f"{state} >{tmp_path}/with; openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt {tmp_path}/root.crt",
        *(u for u in undo if u),
        f"{state} >{tmp_path}/after",
    ]
    command = ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-ec", "\n".join(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{tmp_path}/root.crt: OK" in done.stdout
    before, between, after = ((tmp_path / name).read_text() for name in ("before", "with", "after"))
    assert between != before
    assert after == before
