"""How well a site is protected, in words of the page's language."""

from __future__ import annotations

from dataclasses import dataclass

from safeguard.policy.allowance import Scope
from safeguard.policy.protection import Gap, Protection, State
from safeguard.web.speech import N_, rules_say, say, when

STATES = {
    State.PROTECTED: N_("protected"),
    State.PARTLY: N_("partly protected"),
    State.REDUCED: N_("protection reduced"),
    State.WAITING: N_("waits for you"),
}
GAPS = {
    Gap.NOT_COVERED: N_("Not read:"),
    Gap.DOM_GUARD: N_("Answers in binary form are read in the page only."),
    Gap.NOT_PROTECTED: N_("Answers in binary form pass unread."),
    Gap.PASS_LISTED: N_("Live messages that cannot be read pass."),
}
SCOPES = {Scope.TEXT: N_("Single texts"), Scope.AUTHOR: N_("Authors"), Scope.SITE: N_("Whole sites"), Scope.RULE: N_("Whole rules")}


@dataclass(frozen=True, slots=True)
class Line:
    """One site. why: (sentence, and what profile or guard say more, or a command, or "")."""

    title: str
    state: str
    kind: str
    why: list[tuple[str, str]]

    @property
    def text(self) -> str:
        return " ".join(f"{said} {more}".strip() for said, more in self.why)


def line(p: Protection) -> Line:
    """The site as the page says it."""
    why = []
    if p.waiting:
        why.append((say(N_("The certificate is not made for all of it yet. Type in a terminal:")), "safeguard ca renew"))
    if p.since is not None:
        why.append((say(N_("Its answers no longer look as expected since %(when)s; the general rules go on."), when=when(p.since)), ""))
    why += [(say(N_("Not all of it was guarded, last %(when)s:"), when=when(m.last)), say(m.why)) for m in p.met]
    why += [(say(GAPS[gap]), rules_say(p.not_covered) if gap is Gap.NOT_COVERED else "") for gap in p.gaps]
    return Line(p.title, say(STATES[p.state]), p.state.value, why)
