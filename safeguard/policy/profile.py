"""Profiles: what is done at which level and severity for which child. Pure data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from safeguard.matching.verdict import Level
from safeguard.policy.hours import Hours
from safeguard.policy.place import Place


class Action(StrEnum):
    """What happens to a unit, weakest first."""

    SHOW = "show"
    LOG = "log"
    WARN = "warn"
    BLUR = "blur"
    BLOCK = "block"


ORDER = tuple(Action)
Harmful = tuple[Action, Action, Action, Action]
"""Action by severity 0..3."""
Where = tuple[str, Place]
"""(name of a site, or "" for every one; place in it)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One child's policy.

    harmful: action by severity 0..3 for harmful units.
    suspect: action for suspect units, whatever their severity.
    reveal:  whether the child may see a blurred text by a click in the page, which the log records.
    places:  what is done with harmful units there instead; what is said of one site goes before what is said of every one.
    hours:   when social networks are off.
    """

    name: str
    harmful: Harmful
    suspect: Action
    reveal: bool = False
    places: Mapping[Where, Harmful] = field(default_factory=lambda: MappingProxyType({}))
    hours: Hours = field(default_factory=Hours)

    def harmful_at(self, site: str, place: Place) -> Harmful:
        """Actions for harmful units of that place of that site."""
        return self.places.get((site, place)) or self.places.get(("", place)) or self.harmful

    def action(self, level: Level, severity: int, site: str = "", places: Collection[Place] = ()) -> Action:
        """Action for a unit of that level and severity (0..3); of what its places ask for, the strictest."""
        if level is Level.CLEAN:
            return Action.SHOW
        if level is Level.SUSPECT:
            return self.suspect
        return max((self.harmful_at(site, p)[severity] for p in places), key=ORDER.index, default=self.harmful[severity])


def strictest(profiles: Iterable[Profile]) -> Profile:
    """What each of them does at most, at every severity and place: one of them where it is the strictest throughout.

    At least one is given. Says nothing of the hours: Profiles.shut asks each.
    """
    given = list(profiles)
    everywhere = {where for p in given for where in p.places}
    at = {(site, place): _most(p.harmful_at(site, place) for p in given) for site, place in everywhere}
    suspect = max((p.suspect for p in given), key=ORDER.index)
    made = Profile("strictest", _most(p.harmful for p in given), suspect, all(p.reveal for p in given), MappingProxyType(at))
    return next((p for p in given if replace(p, name=made.name, hours=made.hours) == made), made)


def _most(found: Iterable[Harmful]) -> Harmful:
    a, b, c, d = (max(actions, key=ORDER.index) for actions in zip(*found, strict=True))
    return a, b, c, d


YOUNG_CHILD = Profile("young-child", (Action.BLOCK,) * 4, Action.LOG)
TEEN = Profile("teen", (Action.LOG, Action.BLUR, Action.BLUR, Action.BLOCK), Action.LOG)
TRIAL = Profile("trial", (Action.LOG,) * 4, Action.LOG)
PROFILES = {p.name: p for p in (YOUNG_CHILD, TEEN, TRIAL)}
DEFAULT = YOUNG_CHILD
