"""Profiles: what is done at which level and severity for which child. Pure data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from safeguard.matching.verdict import Level


class Action(StrEnum):
    """What happens to a unit, weakest first."""

    SHOW = "show"
    LOG = "log"
    WARN = "warn"
    BLUR = "blur"
    BLOCK = "block"


ORDER = tuple(Action)


@dataclass(frozen=True, slots=True)
class Profile:
    """One child's policy.

    harmful: action by severity 0..3 for harmful units.
    suspect: action for suspect units, whatever their severity.
    reveal:  whether the child may see a blurred text by a click in the page, which the log records.
    """

    name: str
    harmful: tuple[Action, Action, Action, Action]
    suspect: Action
    reveal: bool = False

    def action(self, level: Level, severity: int) -> Action:
        """Action for a unit of that level and severity (0..3)."""
        if level is Level.CLEAN:
            return Action.SHOW
        return self.suspect if level is Level.SUSPECT else self.harmful[severity]


def strictest(profiles: Iterable[Profile]) -> Profile:
    """What each of them does at most, at every severity: one of them where it is the strictest throughout. At least one is given."""
    given = list(profiles)
    a, b, c, d = (max((p.harmful[n] for p in given), key=ORDER.index) for n in range(4))
    made = Profile("strictest", (a, b, c, d), max((p.suspect for p in given), key=ORDER.index), all(p.reveal for p in given))
    return next((p for p in given if replace(p, name=made.name) == made), made)


YOUNG_CHILD = Profile("young-child", (Action.BLOCK,) * 4, Action.LOG)
TEEN = Profile("teen", (Action.LOG, Action.BLUR, Action.BLUR, Action.BLOCK), Action.LOG)
TRIAL = Profile("trial", (Action.LOG,) * 4, Action.LOG)
PROFILES = {p.name: p for p in (YOUNG_CHILD, TEEN, TRIAL)}
DEFAULT = YOUNG_CHILD
