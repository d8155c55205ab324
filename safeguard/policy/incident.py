"""What the log keeps of one decision. Pure value; the store writes it, alerts tell of it."""

from __future__ import annotations

from dataclasses import dataclass

from safeguard.matching.verdict import Reason


@dataclass(frozen=True, slots=True)
class Incident:
    """One unit that was hidden, warned of or logged, one body that could not be checked, or a site whose answers changed.

    code:    short code shown to the child in the notice and found by the parent in the log; the same unit has the same code.
    kind:    "unit", "unchecked", "reduced" (the site's profile fits no longer; excerpt says since when), "reveal" (a child saw a text)
             or "pin" (it was guessed at, or changed).
    site:    name of the site profile, else the host.
    category, severity, group, rule: of the most severe finding; category of the other kinds is their own name.
    excerpt: at most EXCERPT code points of the text around the finding, or why the body could not be checked.
    reasons: every finding, suppressed ones too.
    account: name of the child's account on this computer, "" where it is not known.
    """

    code: str
    kind: str
    site: str
    url: str
    action: str
    category: str
    severity: int
    score: float
    group: str | None
    rule: str
    author: str
    role: str
    excerpt: str
    reasons: tuple[Reason, ...] = ()
    whole: str | None = None
    account: str = ""


EXCERPT = 300
