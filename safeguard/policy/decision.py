"""(Verdict, Profile) -> Decision: which segments of a unit go or get a warning, and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from safeguard.matching.verdict import Level, Verdict
from safeguard.policy.place import places
from safeguard.policy.profile import Action, Profile
from safeguard.text.unit import TextUnit

HIDING = (Action.BLUR, Action.BLOCK)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with one unit for one child.

    segments: indices of the unit's segments to be replaced by a notice, or to be warned of (empty where neither is done).
    """

    action: Action
    segments: tuple[int, ...]
    verdict: Verdict
    profile: str

    @property
    def hides(self) -> bool:
        return self.action in HIDING

    @property
    def warns(self) -> bool:
        return self.action is Action.WARN


def decide(verdict: Verdict, profile: Profile, unit: TextUnit | None = None, site: str = "") -> Decision:
    """The decision on a unit with that verdict under that profile; the places of what was found in it count."""
    found = verdict.segments(verdict.level) if unit is not None and profile.places and verdict.level is not Level.CLEAN else ()
    action = profile.action(verdict.level, verdict.severity, site, places(unit.segments[i].role for i in found) if unit else ())
    segments = verdict.segments(verdict.level) if action in HIDING or action is Action.WARN else ()
    return Decision(action, segments, verdict, profile.name)


def is_evidence(verdict: Verdict) -> bool:
    """Personal threats and the highest severity keep their whole unit as evidence (safeguard/README.md, section 7)."""
    return verdict.level is Level.HARMFUL and (verdict.severity >= 3 or verdict.category == "personal_threat")
