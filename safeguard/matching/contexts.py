"""Contexts over a finding: what in the same unit turns it off, and how far that reaches."""

from __future__ import annotations

from collections.abc import Iterable

from safeguard.matching.frames import Finding
from safeguard.matching.mentions import Mention, Reading
from safeguard.ruleset.model import ANY_LANG, Alternatives, Context

_NEVER_BY_DEFAULT = "personal_threat"


def judge(finding: Finding, reading: Reading, contexts: Iterable[Context]) -> tuple[str | None, float]:
    """(id of the context that turns the finding off or None, factor on its score)."""
    factor = 1.0
    for context in contexts:
        if _applies(context, finding, reading) and _holds(context, finding, reading):
            if not context.weaken:
                return context.id, 0.0
            factor = min(factor, context.weaken)
    return None, factor


def _applies(context: Context, finding: Finding, reading: Reading) -> bool:
    frame = finding.frame
    if context.langs != ANY_LANG and not reading.langs[reading.tokens.sent[min(finding.i, len(reading.tokens) - 1)]] & context.langs:
        return False
    if context.off:
        if frame.category not in context.off and frame.id not in context.off:
            return False
    elif frame.category == _NEVER_BY_DEFAULT:
        return False
    return not context.when or any(e.matches(m.meaning, m.tags) for m in finding.mentions for e in context.when)


def _holds(context: Context, finding: Finding, reading: Reading) -> bool:
    tokens = reading.tokens
    quotes = {tokens.quote[min(m.i, len(tokens) - 1)] for m in finding.mentions if not m.carried}
    if context.quoted and (not quotes or 0 in quotes):
        return False
    reach = _reach(context, finding, reading)
    if context.unless and any(e.matches(m.meaning, m.tags) for m in reach for e in context.unless):
        return False
    if not context.any:
        return True
    cues = [m for m in reach if not (context.quoted and tokens.quote[min(m.i, len(tokens) - 1)] in quotes) and _placed(context, finding, m)]
    return any(_all_there(wanted, cues) for wanted in context.any)


def _reach(context: Context, finding: Finding, reading: Reading) -> list[Mention]:
    """The mentions around the finding that the context looks at, without the finding's own."""
    tokens = reading.tokens
    last = len(tokens) - 1
    own = finding.mentions
    here = tokens.seg[min(finding.i, last)]
    outside = [
        m
        for m in reading.of(_named(context))
        if not any(o.i <= m.i and m.j <= o.j for o in own)
        and (tokens.seg[min(m.i, last)] == here or tokens.seg[min(m.i, last)] not in reading.names)
    ]
    if context.reach == "unit":
        return outside
    numbers = tokens.clause if context.reach == "clause" else tokens.sent
    spanned = {tokens.seg[min(m.i, last)] for m in own}
    wide = 1 if context.reach == "pair" else 0
    first, final = numbers[min(finding.i, last)] - wide, numbers[min(max(finding.j - 1, finding.i), last)] + wide
    return [m for m in outside if first <= numbers[min(m.i, last)] <= final and (tokens.seg[min(m.i, last)] == here or len(spanned) > 1)]


def _named(context: Context) -> frozenset[str]:
    """The meanings a context looks for; all others need not be looked at."""
    wanted = (e.meaning for option in context.any for alternatives in option for e in alternatives)
    return frozenset((*wanted, *(e.meaning for e in context.unless)))


def _placed(context: Context, finding: Finding, m: Mention) -> bool:
    if (context.position == "before" and m.i >= finding.i) or (context.position == "after" and m.j <= finding.j):
        return False
    if context.reach in ("clause", "sentence"):
        distance = finding.i - m.j if m.i < finding.i else m.i - finding.j
        return distance <= context.gap
    return True


def _all_there(wanted: tuple[Alternatives, ...], cues: list[Mention]) -> bool:
    """Whether each of the wanted meanings stands there, in different words."""
    used: list[Mention] = []
    for alternatives in wanted:
        free = (
            m for m in cues if not any(m.i < u.j and u.i < m.j for u in used) and any(e.matches(m.meaning, m.tags) for e in alternatives)
        )
        found = next(free, None)
        if found is None:
            return False
        used.append(found)
    return True
