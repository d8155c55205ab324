"""The desktop, through plyer. Without one plyer warns and raises NotImplementedError, or its helper program fails in silence."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from safeguard.errors import AlertError
from safeguard.language import _

Show = Callable[[str, str], None]
"""Shows (title, text). Raises AlertError where nothing can be shown."""


def _no_session() -> bool:
    """Whether this is a Linux session without a message bus: notify-send would fail without a word to us."""
    return sys.platform.startswith("linux") and not (
        os.environ.get("DBUS_SESSION_BUS_ADDRESS") or Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere"), "bus").exists()
    )


def _failures() -> tuple[type[Exception], ...]:
    """What plyer raises where a desktop shows nothing; python3-dbus, where it is installed, brings an error of its own."""
    bus = getattr(sys.modules.get("dbus"), "DBusException", None)
    return (NotImplementedError, ImportError, OSError, *([bus] if bus else []))


def why_not() -> str:
    """Why this session shows no messages, "" where it seems to; nothing is shown to find out."""
    if _no_session():
        return _("this session has no desktop to show them on")
    if sys.platform.startswith("linux") and shutil.which("notify-send") is None and importlib.util.find_spec("dbus") is None:
        return _("the program that shows messages (notify-send) is not installed")
    return ""


def show(title: str, text: str) -> None:
    """Shows one message on this session's desktop. Raises AlertError where there is none."""
    if _no_session():
        raise AlertError(_("alerts: this session has no desktop to show them on"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # plyer's advice on optional packages
        try:
            from plyer import notification

            notification.notify(title=title, message=text, app_name="SafeGuard", timeout=15)
        except _failures() as e:
            raise AlertError(_("alerts: this desktop shows no messages; on Debian install libnotify-bin")) from e
