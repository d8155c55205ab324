"""Root's commands on an installed SafeGuard work as the service's account: what they write is the service's, and root is not risked."""

from __future__ import annotations

import os

from safeguard.errors import InputError
from safeguard.language import _
from safeguard.system.paths import APP, Paths, is_installed

NAME = APP

_roots = False  # whether root called us


def caller() -> int:
    """The uid of who started this command, whatever it became since; for POSIX."""
    return 0 if _roots else os.getuid()


def become() -> None:
    """Give root's rights up for the service's, where root runs the installed program; elsewhere nothing. Raises InputError."""
    if os.name != "posix" or os.geteuid() != 0 or not is_installed():
        return
    import pwd  # not on Windows

    try:
        who = pwd.getpwnam(NAME)
    except KeyError as e:
        raise InputError(_("the account %(name)s of the service is missing; run: safeguard repair", name=NAME)) from e
    global _roots
    _roots = True
    os.setgroups([])
    os.setresgid(who.pw_gid, who.pw_gid, who.pw_gid)
    os.setresuid(who.pw_uid, who.pw_uid, who.pw_uid)
    os.umask(0o077)
    os.environ["HOME"] = str(Paths.of_system().state)
