"""Which incidents a parent is told of on the desktop, and what such an alert may know: never the text, never the author. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from safeguard.matching.verdict import Category
from safeguard.policy import asking, pin_entry
from safeguard.policy.incident import Incident

TOLD = frozenset({"block", "blur", "warn"})
"""Actions that are told of; what is only logged or was allowed is not, and an unchecked body is no find."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One find, or what happened to the PIN, to tell of.

    at:     when it was met, milliseconds since 1970, UTC.
    urgent: a personal threat, or the PIN guessed or changed, which is told of at once.
    account: name of the child's account, "" where it is not known; said only where the parent wants it.
    """

    id: int
    at: int
    code: str
    category: str
    site: str
    urgent: bool
    account: str = ""


def code_of(incident: Incident) -> str:
    """The code that the alert tells: where a child asks about an entry, the one of that entry."""
    return incident.excerpt if incident.kind == asking.KIND else incident.code


def urgency(incident: Incident) -> bool | None:
    """None where the parent is not told of it, else whether at once. A personal threat and the PIN are told of under every profile."""
    if incident.kind == pin_entry.KIND:
        return True
    if incident.kind in ("certificate", asking.KIND):
        return False
    if incident.kind != "unit":
        return None
    if incident.category == Category.PERSONAL_THREAT:
        return True
    return False if incident.action in TOLD else None
