"""Is it our page that listens on its port? A child who sits there first must not be shown the parents' PIN."""

from __future__ import annotations

import os
import socket
import sys

from safeguard.language import _
from safeguard.system import peer

LOOPBACK = "127.0.0.1"
SERVICE = "safeguard"
"""The system user that the installed filter runs as."""


def problem(port: int) -> str:
    """Why the page is not to be opened, in one line; "" where it runs."""
    try:
        socket.create_connection((LOOPBACK, port), 3.0).close()
    except OSError:
        return f"no parents' page answers on {LOOPBACK}:{port}; it is there while the filter runs: safeguard run"
    if sys.platform == "linux":
        owner = peer.uid((LOOPBACK, port), ("0.0.0.0", 0))
        if owner is None or (owner not in (0, os.getuid()) and peer.name_of(owner) != SERVICE):
            whose = _("an unknown program") if owner is None else _("a program of the account %(owner)s", owner=peer.name_of(owner))
            return _(
                "%(whose)s listens on %(loopback)s:%(port)s in place of the parents' page; do not type your PIN there",
                whose=whose,
                loopback=LOOPBACK,
                port=port,
            )
    return ""
