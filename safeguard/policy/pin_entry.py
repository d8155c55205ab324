"""What the log and the alerts say of the PIN: that somebody guesses it, that it was changed. Pure."""

from __future__ import annotations

from safeguard.language import N_, _
from safeguard.policy.incident import EXCERPT, Incident

KIND = "pin"
GUESSED = "pin_guessed"
CHANGED = "pin_changed"
SITE = "SafeGuard"
SAID_CHANGED = N_("the PIN was changed")
SAID_RECOVERED = N_("the PIN was set anew with the recovery code")
SAID_RESET = N_("the PIN was reset by root")


def guessed(code: str, count: int, origin: str) -> Incident:
    """So many wrong PINs together, the last from that origin. code: of the log, a new one each time."""
    return _entry(code, GUESSED, "delayed", _("%(count)s wrong PINs, the last one from %(origin)s", count=count, origin=origin))


def changed(code: str, how: str = SAID_CHANGED) -> Incident:
    """The PIN is another one now. how: by whom, one of SAID_…"""
    return _entry(code, CHANGED, "changed", _(how))


def _entry(code: str, category: str, action: str, said: str) -> Incident:
    return Incident(code, KIND, SITE, "", action, category, 0, 0.0, None, "", "", "", said[:EXCERPT])
