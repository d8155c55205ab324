"""Where a PC keeps whom it trusts, as actions of a plan: the system's store and the certificate databases of a child's browsers. Pure.

Firefox is told by policy (policies.py), and so is Chromium since version 128; the databases are for older ones and for other programs.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from safeguard.setup.plan import Action, Run, WriteFile

SYSTEM_ROOT = PurePosixPath("/usr/local/share/ca-certificates/safeguard-root.crt")
"""Debian's place for a certificate of one's own, readable by all: the databases are filled from it too."""
_UPDATE = ("update-ca-certificates",)
_ANEW = (*_UPDATE, "--fresh")  # without it links to what is gone stay (measured)


def system(root_pem: bytes) -> tuple[Action, ...]:
    """The store of curl, Python, Git and most programs that are no browser."""
    return (Run((), undo=_ANEW), WriteFile(SYSTEM_ROOT, root_pem), Run(_UPDATE))


def databases(python: tuple[str, ...], account: str) -> tuple[Action, ...]:
    """The databases of one child's browsers, filled from SYSTEM_ROOT. python: an interpreter that has us, readable by the child.

    The child's account does it itself: root must not write where a child can lay a link. It is undone wherever the certificate stands by
    then, so also in Firefox profiles made since, to which Firefox copied it.
    """
    run = (*python, "-m", "safeguard.setup.databases")
    return (Run((*run, "trust", str(SYSTEM_ROOT)), undo=(*run, "forget"), account=account),)
