"""What a parent has allowed from the log: this text, this author, this site, or this rule. Pure.

A text is named by its code (a keyed digest), so that no allowed text is stored. What is allowed for an author, a site or a rule
never reaches a personal threat: the parent has not read what will come. Only a text that was read can be allowed whatever it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from safeguard.matching.verdict import Category, Level, Reason, Verdict

ALLOWED = "allowed"
"""The action that the log shows for a unit that would have been hidden, warned of or logged without an allowance."""
NEVER = frozenset({Category.PERSONAL_THREAT})
"""What only an allowed text can let through."""


class Scope(StrEnum):
    """What an allowance speaks of."""

    TEXT = "text"
    AUTHOR = "author"
    SITE = "site"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Allowance:
    """One thing a parent allowed.

    value:   the text's code, the author's handle, the site's name or the rule's id.
    site:    for an author: the site where the handle counts; else "".
    account: the child it is for, "" for every child.
    """

    id: int
    scope: Scope
    value: str
    site: str = ""
    account: str = ""

    @property
    def name(self) -> str:
        """How the log names it among the reasons; `safeguard log undo` takes the number."""
        return f"allowance.{self.id}"

    def covers(self, reason: Reason, unit: Met) -> bool:
        """Whether this lets that finding in that unit through."""
        if self.account not in ("", unit.account):
            return False
        if self.scope is Scope.TEXT:
            return self.value == unit.code
        if reason.category in NEVER:
            return False
        if self.scope is Scope.RULE:
            return self.value == reason.rule
        if self.scope is Scope.SITE:
            return self.value == unit.site
        return bool(unit.author) and self.value == unit.author and self.site == unit.site


@dataclass(frozen=True, slots=True)
class Met:
    """What an allowance can look at in a unit: its code, where it stands, whose it is, which child it comes to."""

    code: str
    site: str
    author: str = ""
    account: str = ""


def allow(verdict: Verdict, unit: Met, allowances: Sequence[Allowance]) -> Verdict:
    """The verdict without the findings that are allowed: they stay among its reasons, switched off by the allowance's name.

    The very same object where nothing is allowed.
    """
    changed = False
    reasons: list[Reason] = []
    for r in verdict.reasons:
        by = next((a for a in allowances if a.covers(r, unit)), None) if r.suppressed_by is None else None
        changed = changed or by is not None
        reasons.append(replace(r, level=Level.CLEAN, suppressed_by=by.name) if by else r)
    if not changed:
        return verdict
    live = [r for r in reasons if r.suppressed_by is None]
    worst = max(live, key=lambda r: (r.level, r.severity, r.score), default=None)
    if worst is None or worst.level is Level.CLEAN:
        return Verdict(reasons=tuple(reasons))
    return Verdict(worst.level, worst.category, worst.severity, worst.score, worst.group, tuple(reasons))


def within_reach(verdict: Verdict) -> bool:
    """Whether an allowance for more than one text may let it through: no personal threat is in it."""
    return not any(r.category in NEVER for r in verdict.reasons if r.suppressed_by is None)
