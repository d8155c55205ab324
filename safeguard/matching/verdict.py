"""What the engine says about a unit: frozen values that carry their reasons, suppressed ones too.

A Verdict is about the content alone; what is done with it for a child is a policy.Decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Category(StrEnum):
    INCITEMENT = "incitement"
    THREAT = "threat"
    PERSONAL_THREAT = "personal_threat"
    DEHUMANISATION = "dehumanisation"
    DEROGATION = "derogation"
    SLUR = "slur"
    EXPULSION = "expulsion"
    GLORIFICATION = "glorification"
    ATROCITY_MOCKERY = "atrocity_mockery"
    PARENT_LIST = "parent_list"


class Level(IntEnum):
    """How sure and how bad: `harmful` is what the default profile hides."""

    CLEAN = 0
    SUSPECT = 1
    HARMFUL = 2

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding of one rule.

    segment:       index into the unit's segments.
    start, end:    code points in that segment's text (end exclusive), right through all folding.
    words:         the exact words of the original text that decided.
    suppressed_by: id of the context that turned the finding off, or None.
    level:         what this finding alone makes of the unit (CLEAN where suppressed).
    """

    rule: str
    category: Category
    severity: int
    score: float
    segment: int
    start: int
    end: int
    words: tuple[str, ...]
    level: Level
    group: str | None = None
    suppressed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict on one unit; category, severity (0-3), score and group are those of the most severe finding."""

    level: Level = Level.CLEAN
    category: Category | None = None
    severity: int = 0
    score: float = 0.0
    group: str | None = None
    reasons: tuple[Reason, ...] = ()

    def segments(self, least: Level) -> tuple[int, ...]:
        """Indices of the segments with a finding of at least that level, ascending."""
        return tuple(sorted({r.segment for r in self.reasons if r.suppressed_by is None and r.level >= least}))


CLEAN = Verdict()
