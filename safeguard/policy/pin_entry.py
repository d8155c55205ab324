"""What the log and the alerts say of the PIN: that somebody guesses it, that it was changed. Pure."""

from __future__ import annotations

from safeguard.policy.incident import EXCERPT, Incident

KIND = "pin"
GUESSED = "pin_guessed"
CHANGED = "pin_changed"
SITE = "SafeGuard"


def guessed(code: str, count: int, origin: str) -> Incident:
    """So many wrong PINs together, the last from that origin. code: of the log, a new one each time."""
    return _entry(code, GUESSED, "delayed", f"{count} wrong PINs, the last one from {origin}")


def changed(code: str, how: str) -> Incident:
    """The PIN is another one now. how: by whom, for the parent."""
    return _entry(code, CHANGED, "changed", f"the PIN was {how}")


def _entry(code: str, category: str, action: str, said: str) -> Incident:
    return Incident(code, KIND, SITE, "", action, category, 0, 0.0, None, "", "", "", said[:EXCERPT])
