"""Who runs this command: as guesses at the PIN are counted, and whether it is root."""

from __future__ import annotations

import getpass
import os
import sys

from safeguard.system.pin import ROOT


def origin() -> str:
    """`uid:1000`; ROOT for root and, on Windows, for an elevated administrator."""
    if sys.platform == "win32":
        import ctypes

        return ROOT if ctypes.windll.shell32.IsUserAnAdmin() else f"account:{getpass.getuser()}"
    return f"uid:{os.getuid()}"
