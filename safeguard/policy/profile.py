"""Profiles: what is done at which level and severity for which child. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from safeguard.matching.verdict import Level


class Action(StrEnum):
    """What happens to a unit, weakest first."""

    SHOW = "show"
    LOG = "log"
    WARN = "warn"
    BLUR = "blur"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Profile:
    """One child's policy.

    harmful: action by severity 0..3 for harmful units.
    suspect: action for suspect units, whatever their severity.
    """

    name: str
    harmful: tuple[Action, Action, Action, Action]
    suspect: Action

    def action(self, level: Level, severity: int) -> Action:
        """Action for a unit of that level and severity (0..3)."""
        if level is Level.CLEAN:
            return Action.SHOW
        return self.suspect if level is Level.SUSPECT else self.harmful[severity]


YOUNG_CHILD = Profile("young-child", (Action.BLOCK,) * 4, Action.LOG)
TEEN = Profile("teen", (Action.LOG, Action.BLUR, Action.BLUR, Action.BLOCK), Action.LOG)
TRIAL = Profile("trial", (Action.LOG,) * 4, Action.LOG)
PROFILES = {p.name: p for p in (YOUNG_CHILD, TEEN, TRIAL)}
DEFAULT = YOUNG_CHILD
