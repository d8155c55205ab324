"""Whether a child's account may become root, on a real account of this computer."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeguard.setup.doctor import look_accounts
from safeguard.setup.doctor.checks_child import administrator
from safeguard.setup.doctor.facts import Child, Facts

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="makes a user: needs root")


@pytest.fixture
def account(tmp_path: Path) -> Iterator[str]:
    name = f"sgt-{secrets.token_hex(4)}"
    try:
        subprocess.run(
            ["useradd", "--create-home", "--home-dir", tmp_path / name, "--shell", "/bin/sh", name], check=True, capture_output=True
        )
        yield name
    finally:
        subprocess.run(["userdel", "--force", "--remove", name], check=False, capture_output=True)


@needs_root
def test_a_standard_account_is_none_and_one_in_sudo_is(account: str, tmp_path: Path) -> None:
    assert look_accounts.child(account, tmp_path) == Child(account)
    assert look_accounts.home(account) == tmp_path / account
    assert account in look_accounts.people()
    subprocess.run(["usermod", "--append", "--groups", "sudo,adm", account], check=True)
    found = look_accounts.child(account, tmp_path)
    assert found == Child(account, ("adm", "sudo"))
    [said] = administrator(Facts(children=(found,)))
    assert account in said.what
    assert f"gpasswd --delete {account} sudo" in said.mend


@needs_root
def test_a_rule_of_sudo_for_the_account_or_its_group(account: str, tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "sudoers.d"
    folder.mkdir(parents=True)
    (folder / "games").write_text(f"{account} ALL=(root) NOPASSWD: /usr/games/x\n")
    (folder / "off.disabled").write_text("ALL ALL=(ALL) ALL\n")  # sudo reads no file with a dot in its name
    (tmp_path / "etc" / "sudoers").write_text(f"%{account} ALL=(ALL) ALL\n%sudo ALL=(ALL) ALL\n")
    found = look_accounts.child(account, tmp_path)
    assert found.sudoers == (
        f"/etc/sudoers: %{account} ALL=(ALL) ALL",
        f"/etc/sudoers.d/games: {account} ALL=(root) NOPASSWD: /usr/games/x",
    )


def test_root_and_nobody(tmp_path: Path) -> None:
    assert look_accounts.child("root", tmp_path).root
    assert look_accounts.child("sgt-not-there", tmp_path) == Child("sgt-not-there", missing=True)
    assert look_accounts.child("4294967290", tmp_path).missing
    assert look_accounts.home("sgt-not-there") is None
    assert "root" not in look_accounts.people()
