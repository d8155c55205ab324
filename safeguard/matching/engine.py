"""The engine: immutable, built once from compiled rules, no state between texts.

Way of a unit: tokens -> meanings of each word -> mentions (phrases, languages, pronouns) -> frames -> contexts -> verdict.
"""

from __future__ import annotations

from collections.abc import Sequence

from safeguard.matching import contexts
from safeguard.matching.frames import Finding, FrameIndex
from safeguard.matching.gate import Gate
from safeguard.matching.lists import Lists
from safeguard.matching.lookup import Lookup, Meant
from safeguard.matching.mentions import Reader, Reading
from safeguard.matching.verdict import CLEAN, Category, Level, Reason, Verdict
from safeguard.ruleset.model import CompiledRules
from safeguard.text.tokens import Tokens, tokenize
from safeguard.text.unit import Role, TextUnit

HARMFUL, SUSPECT = 1.0, 0.5  # scores from which a finding is so
LIST_SEVERITY = 2


class Engine:
    """Judges units by one set of compiled rules; thread-safe."""

    def __init__(self, rules: CompiledRules) -> None:
        self.rules = rules
        self._lookup = Lookup(rules)
        self._reader = Reader(rules, self._lookup)
        self._frames = FrameIndex(rules.frames)
        self._lists = Lists(rules.lists)
        self._gate = Gate(rules, self._lookup)

    def check_many(self, units: Sequence[TextUnit]) -> list[Verdict]:
        """One verdict a unit, in order. Other units never change a verdict."""
        out = [CLEAN] * len(units)
        if self._lists:
            may = dict(self._gate.passing(units))
            return [self._check(u, may.get(n, False)) for n, u in enumerate(units)]
        for number, framed in self._gate.passing(units):
            out[number] = self._check(units[number], framed)
        return out

    def _check(self, unit: TextUnit, framed: bool) -> Verdict:
        reasons: list[Reason] = []
        tokens: Tokens | None = None
        if framed:
            tokens, meant = self._reader.annotate(tokenize(unit.segments))
            reasons = self._reasons(unit, tokens, meant)
        if self._lists:
            reasons = self._with_lists(unit, tokens or tokenize(unit.segments), reasons)
        return _verdict(reasons) if reasons else CLEAN

    def _reasons(self, unit: TextUnit, tokens: Tokens, meant: list[Meant]) -> list[Reason]:
        reading = self._reader.read(tokens, meant)
        findings = self._frames.find(reading)
        if not findings and (guessed := self._reader.guessed(tokens, meant)):
            reading = self._reader.read(*guessed)
            findings = self._frames.find(reading)
        return [r for f in findings for r in self._explained(unit, f, reading)]

    def _explained(self, unit: TextUnit, finding: Finding, reading: Reading) -> list[Reason]:
        """The finding as reasons, one a segment it stands in."""
        reading.names = frozenset(n for n, s in enumerate(unit.segments) if s.role is Role.NAME)
        suppressed_by, factor = contexts.judge(finding, reading, self.rules.contexts)
        frame, tokens = finding.frame, reading.tokens
        score = frame.score * factor if suppressed_by is None else frame.score
        level = Level.CLEAN
        if suppressed_by is None:
            level = Level.HARMFUL if score >= HARMFUL else Level.SUSPECT if score >= SUSPECT else Level.CLEAN
        group = next((m.group for m in finding.mentions if m.group), None)
        out = []
        places: dict[int, list[int]] = {}
        for m in finding.mentions:
            for t in range(m.i, max(m.j, m.i + 1)):
                places.setdefault(tokens.seg[t], []).append(t)
        for segment, where in places.items():
            text = unit.segments[segment].text
            spans = sorted({(tokens.start[t], tokens.end[t]) for t in where})
            words = tuple(text[a:b] for a, b in spans)
            out.append(
                Reason(
                    frame.id,
                    Category(frame.category),
                    frame.severity,
                    score,
                    segment,
                    spans[0][0],
                    max(b for _, b in spans),
                    words,
                    level,
                    group,
                    suppressed_by,
                )
            )
        return out

    def _with_lists(self, unit: TextUnit, tokens: Tokens, reasons: list[Reason]) -> list[Reason]:
        hits = self._lists.find(unit, tokens)
        allowed = next((h.rule.id for h in hits if not h.rule.hide and not h.cut), None)
        for h in hits:
            if h.rule.hide:
                words = (unit.segments[h.segment].text[h.start : h.end],)
                level = Level.SUSPECT if h.cut else Level.HARMFUL
                reasons.append(
                    Reason(h.rule.id, Category.PARENT_LIST, LIST_SEVERITY, 0.5 if h.cut else 1.0, h.segment, h.start, h.end, words, level)
                )
        if allowed is None:
            return reasons
        return [
            Reason(
                r.rule,
                r.category,
                r.severity,
                r.score,
                r.segment,
                r.start,
                r.end,
                r.words,
                Level.CLEAN,
                r.group,
                r.suppressed_by or allowed,
            )
            for r in reasons
        ]


def _verdict(reasons: list[Reason]) -> Verdict:
    """The verdict the reasons add up to: the most severe unsuppressed one speaks."""
    ordered = tuple(sorted(reasons, key=lambda r: (-r.level, -r.severity, -r.score, r.segment, r.start, r.rule)))
    worst = ordered[0]
    if worst.level is Level.CLEAN:
        return Verdict(reasons=ordered)
    return Verdict(worst.level, worst.category, worst.severity, worst.score, worst.group, ordered)
