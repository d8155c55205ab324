"""Looks whether a child's account may become root: its groups and sudo's rules."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

from safeguard.setup.doctor.facts import Child
from safeguard.setup.doctor.look_files import listed, text
from safeguard.setup.doctor.sudoers import lines_for

ADMIN_GROUPS = frozenset({"root", "sudo", "wheel", "admin", "adm", "shadow", "disk", "docker", "lxd", "libvirt"})
"""Debian's sudo, others' wheel and admin; adm reads the system's logs; with the rest one becomes root by a detour."""


def child(name: str, root: Path = Path("/")) -> Child:
    """That account, by its name or number. root: where sudo's rules are."""
    try:
        entry = pwd.getpwuid(int(name)) if name.isascii() and name.isdigit() else pwd.getpwnam(name)
    except (KeyError, OverflowError):
        return Child(name, missing=True)
    groups = _groups(entry.pw_name, entry.pw_gid)
    files = [root / "etc/sudoers", *(p for p in listed(root, "etc/sudoers.d/*") if "." not in p.name and not p.name.endswith("~"))]
    told = [(f"/{path.relative_to(root)}", text(path)) for path in files]
    # a line for a group in ADMIN_GROUPS says no more than the group does
    lines = lines_for(told, entry.pw_name, entry.pw_uid, groups - ADMIN_GROUPS)
    return Child(entry.pw_name, tuple(sorted(groups & ADMIN_GROUPS)), lines, root=entry.pw_uid == 0)


def people() -> list[str]:
    """Accounts that a person logs in with."""
    return sorted({p.pw_name for p in pwd.getpwall() if 1000 <= p.pw_uid < 60_000 and not p.pw_shell.endswith(("nologin", "false"))})


def home(name: str) -> Path | None:
    """The account's home, None where it has none."""
    try:
        found = Path(pwd.getpwnam(name).pw_dir)
    except KeyError:
        return None
    return found if found.is_dir() else None


def _groups(name: str, gid: int) -> frozenset[str]:
    out = set()
    for number in os.getgrouplist(name, gid):
        try:
            out.add(grp.getgrgid(number).gr_name)
        except KeyError:
            continue
    return frozenset(out)
