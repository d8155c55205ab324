"""What the log keeps of one decision. Pure value; the store writes it, alerts tell of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from safeguard.language import N_
from safeguard.matching.verdict import Reason


@dataclass(frozen=True, slots=True)
class Body:
    """The answer that a text stood in, as the site sent it, its compression undone; of a packed message its text.

    media: its Content-Type; whole: how many bytes it had; start: the first of them that is in data, which has at most BODY.
    """

    media: str
    whole: int
    start: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Incident:
    """One unit that was hidden, warned of or logged, one body that could not be checked, or what else the parent should know.

    code:    short code shown to the child in the notice and found by the parent in the log; the same unit has the same code.
    kind:    "unit", "unchecked", "reduced" (the site's profile fits no longer; excerpt says since when), "reveal" (a child saw a text),
             "asked" (a child asks about the entry whose code is the excerpt),
             "pin" (it was guessed at, or changed) or "certificate" (the authority waits for the parent's yes; excerpt says for what).
    site:    name of the site profile, else the host.
    category, severity, group, rule: of the most severe finding; category of the other kinds is their own name.
    excerpt: at most EXCERPT code points of the text around the finding, or why the body could not be checked.
    reasons: every finding, suppressed ones too.
    account: name of the child's account on this computer, "" where it is not known.
    rules:   which SafeGuard and which rules found it, "" where that was not noted.
    body:    the raw answer, for evidence; entries read from the log name theirs instead of carrying it.
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
    rules: str = ""
    body: Body | None = None


EXCERPT = 300
BODY = 2**20
DONE = {
    "show": N_("shown"),
    "log": N_("shown, only noted"),
    "warn": N_("shown with a warning"),
    "blur": N_("hidden, can be revealed"),
    "block": N_("hidden"),
    "allowed": N_("shown, you allowed it"),
    "revealed": N_("shown after a click"),
    "asked": N_("passed on to you"),
    "delayed": N_("the next try has to wait"),
    "changed": N_("changed"),
}
"""What parents are told of an entry's action."""
