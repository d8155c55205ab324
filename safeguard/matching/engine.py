"""The engine: immutable, built once from compiled rules, no state between texts.

Way of a unit: tokens -> meanings of each word -> mentions (phrases, languages, pronouns) -> frames -> contexts -> verdict.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from safeguard.matching import contexts, tone
from safeguard.matching.frames import Finding, FrameIndex
from safeguard.matching.gate import Gate
from safeguard.matching.lists import Hit, Lists
from safeguard.matching.lookup import NATIVE, Lookup, Meant
from safeguard.matching.mentions import NAMING, Mention, Reader, Reading
from safeguard.matching.scoring import Scorer
from safeguard.matching.tone import Tone, sentences
from safeguard.matching.verdict import CLEAN, Category, Level, Reason, Verdict
from safeguard.ruleset.model import ANY_LANG, TONE, CompiledRules
from safeguard.text.tokens import Tokens, tokenize
from safeguard.text.unit import Role, TextUnit

HARMFUL, SUSPECT = 1.0, 0.5  # scores from which a finding is so
LIST_SEVERITY = 2
TOO_SLOW = "the time limit"  # what switches off a finding of a pattern that was cut off
_DOUBTED = 0.5  # of a score
_SILENT, _LONGEST_SILENT = 20_000, 300  # units remembered in which nothing was found; code points of such a one
_MOST_JUDGED = 64  # harmful findings of one segment

Judged = tuple[Finding, str | None, float]
"""A finding, what turned it off, and the factor on its score."""


class Engine:
    """Judges units by one set of compiled rules; thread-safe. version: of these rules."""

    version = ""

    def __init__(self, rules: CompiledRules) -> None:
        self.rules = rules
        self.version = rules.version
        self._lookup = Lookup(rules)
        self._reader = Reader(rules, self._lookup)
        self._frames = FrameIndex(rules.frames)
        self._scorer = Scorer(rules)
        self._tone = Tone(rules, self._lookup)
        self._lists = Lists(rules.listed, rules.ordinary)
        begins = self._lists.begins if self._lists.worded else None
        self._gate = Gate(rules, self._lookup, self._tone, begins, numbered=self._lists.numbered)
        self._silent: set[tuple[tuple[str, Role], ...]] = set()  # units in whose texts nothing was found
        self.cut_off: set[str] = set()
        """Patterns of the lists that took too long on some text: told to the parent, never read by the engine."""

    def check_many(self, units: Sequence[TextUnit]) -> list[Verdict]:
        """One verdict a unit, in order. Other units never change a verdict, but for a list's pattern that is too slow for many of them."""
        out = [CLEAN] * len(units)
        beside = self._lists.beside(units) if self._lists else {}
        # Sites say much again and again: buttons, names, the posts of a feed asked for anew.
        said = [tuple([s[:2] for s in unit.segments]) for unit in units]
        first: dict[tuple[tuple[str, Role], ...], int] = {}  # of those that say the same
        fresh = [n for n, texts in enumerate(said) if texts not in self._silent and (n in beside or first.setdefault(texts, n) == n)]
        for at, framed in self._gate.passing([units[n] for n in fresh]):
            number = fresh[at]
            out[number] = self._check(units[number], framed, beside.pop(number, []))
        if len(self._silent) > _SILENT:
            self._silent = set()
        self._silent.update([said[n] for n in fresh if out[n] is CLEAN and sum([len(text) for text, _ in said[n]]) <= _LONGEST_SILENT])
        for number, hits in beside.items():
            out[number] = _verdict(self._with_hits(units[number], hits, []))
        if len(first) < len(units):
            for number, texts in enumerate(said):
                if out[number] is CLEAN and texts in first:
                    out[number] = out[first[texts]]
        return out

    def explain(self, unit: TextUnit) -> Verdict:
        """The verdict on one unit, with what was found and does not count even where its words alone settle that nothing can."""
        return self._check(unit, True, self._lists.beside([unit]).get(0, []) if self._lists else [])

    def _check(self, unit: TextUnit, framed: bool, hits: list[Hit]) -> Verdict:
        reasons: list[Reason] = []
        tokens = tokenize(unit.segments)
        if framed:
            reasons = self._reasons(unit, *self._reader.annotate(tokens))
        if self._lists.worded:
            hits = self._lists.find(tokens) + hits
            apart = self._reader.apart(tokens)
            if apart is not tokens:
                hits += [h for h in self._lists.find(apart) if h not in hits]
        if hits:
            reasons = self._with_hits(unit, hits, reasons)
        return _verdict(reasons) if reasons else CLEAN

    def _reasons(self, unit: TextUnit, tokens: Tokens, meant: list[Meant]) -> list[Reason]:
        reading, findings = self._found(tokens, meant)
        reading.names = frozenset(n for n, s in enumerate(unit.segments) if s.role is Role.NAME)
        scored = self._scorer.find(reading)
        judged = self._judged(findings, reading)
        sounds = _Sounds(self._tone, unit, reading, judged, scored.points)
        reasons: list[Reason] = []
        for f, off, factor in judged:
            unsure = scored.doubted and any(m.meaning in NAMING for m in f.mentions)
            score = f.frame.score if off is not None else f.frame.score * factor
            off = off or (TONE if sounds.doubts(f) else None)
            reasons += self._explained(unit, f, reading, score * (_DOUBTED if unsure else 1.0), off)
        # What a context turned off is not brought back by points; what is harmful needs no more.
        if scored.finding and not any(r.suppressed_by or r.level is Level.HARMFUL for r in reasons):
            off, factor = contexts.judge(scored.finding, reading, self.rules.contexts)
            off = off or (TONE if sounds.doubts(scored.finding) else None)
            reasons += self._explained(unit, scored.finding, reading, scored.score * factor, off)
        named = scored.anchor is not None and reading.tokens.word[min(scored.anchor.i, len(reading.tokens) - 1)][0].isalnum()  # by no flag
        level = sounds.level(named)
        if level > max((r.level for r in reasons), default=Level.CLEAN) and (finding := self._by_tone(reading, scored.anchor)):
            reasons += self._explained(unit, finding, reading, HARMFUL if level is Level.HARMFUL else SUSPECT, None)
        return reasons

    def _judged(self, findings: list[Finding], reading: Reading) -> list[Judged]:
        """What the contexts say of each finding; where a segment has more than anybody reads, the most severe ones speak for it."""
        if len(findings) <= _MOST_JUDGED:
            return [(f, *contexts.judge(f, reading, self.rules.contexts)) for f in findings]
        judged: list[Judged] = []
        harmful: Counter[int] = Counter()
        for f in sorted(findings, key=lambda f: (-f.frame.severity, -f.frame.score, f.i)):
            segment = reading.tokens.seg[min(f.i, len(reading.tokens) - 1)]
            if harmful[segment] < _MOST_JUDGED:
                off, factor = contexts.judge(f, reading, self.rules.contexts)
                judged.append((f, off, factor))
                harmful[segment] += off is None and f.frame.score * factor >= HARMFUL
        return judged

    def _by_tone(self, reading: Reading, anchor: Mention | None) -> Finding | None:
        """A finding of the words that speak most for hate; None where no word does."""
        told, category = self._tone.telling(reading.tokens.word)
        frame = self.rules.scored.get(category)
        if frame is None:
            return None
        mentions = [Mention("", 0, ANY_LANG, "", t, t + 1, NATIVE) for t in told]
        if anchor is not None and anchor.j > anchor.i:
            mentions = [m for m in mentions if not anchor.i <= m.i < anchor.j] + [anchor]
        mentions.sort(key=lambda m: m.i)
        return Finding(frame, tuple(mentions), mentions[0].i, max(m.j for m in mentions))

    def _found(self, tokens: Tokens, meant: list[Meant]) -> tuple[Reading, list[Finding]]:
        """What the frames find in the words as they stand, else with unknown words read as misspelt; and the reading it was found in."""
        reading = self._reader.read(tokens, meant)
        findings = self._frames.find(reading)
        if not findings and (guessed := self._reader.guessed(tokens, meant)):
            reading = self._reader.read(*guessed)
            findings = self._frames.find(reading)
        return reading, findings

    def _explained(self, unit: TextUnit, finding: Finding, reading: Reading, score: float, suppressed_by: str | None) -> list[Reason]:
        """The finding as reasons, one a segment it stands in."""
        frame, tokens = finding.frame, reading.tokens
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

    def _with_hits(self, unit: TextUnit, hits: list[Hit], reasons: list[Reason]) -> list[Reason]:
        """The reasons with what the parent's lists add to them, or all switched off by what these allow."""
        allowed = next((h.rule.id for h in hits if not h.rule.hide and not h.cut), None)
        for h in hits:
            if h.cut:
                self.cut_off.add(h.rule.value)
            if h.rule.hide:
                words = (unit.segments[h.segment].text[h.start : h.end],) if not h.cut else ()
                level, by = (Level.CLEAN, TOO_SLOW) if h.cut else (Level.HARMFUL, None)
                reasons.append(
                    Reason(h.rule.id, Category.PARENT_LIST, LIST_SEVERITY, 1.0, h.segment, h.start, h.end, words, level, None, by)
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


class _Sounds:
    """The tone of a unit that was read, as a whole and sentence by sentence."""

    def __init__(self, sums: Tone, unit: TextUnit, reading: Reading, judged: Sequence[Judged], around: float | None) -> None:
        self._tone = sums
        self._tokens = reading.tokens
        self._parts = [sentences(segment.text) for segment in unit.segments]
        self._starts = [[start for start, _ in parts] for parts in self._parts]
        self._beside = beside(reading, judged, around)

    def level(self, named: bool) -> Level:
        """What the unit is by its points; named: a group is."""
        stretches = [s for parts in self._parts for _, found in parts for s in found]
        return self._tone.level(self._total(stretches), tone.long(stretches), named)

    def doubts(self, finding: Finding) -> bool:
        """Whether the sentences a finding stands in sound as if it did not count."""
        tokens = self._tokens
        touched = sorted({self._part(min(t, len(tokens) - 1)) for m in finding.mentions for t in range(m.i, max(m.j, m.i + 1))})
        return self._tone.doubts(self._total([s for segment, part in touched for s in self._parts[segment][part][1]]))

    def _part(self, token: int) -> tuple[int, int]:
        segment = self._tokens.seg[token]
        return segment, bisect_right(self._starts[segment], self._tokens.start[token]) - 1

    def _total(self, stretches: list[str]) -> float:
        return self._tone.total(stretches, self._beside)


def beside(reading: Reading, judged: Sequence[Judged], around: float | None) -> dict[str, float]:
    """What the tone counts beside the words of a unit; around: points around a group's name, None where nobody is named."""
    return tone.found(
        harmful=any(off is None and f.frame.score * factor >= HARMFUL for f, off, factor in judged),
        off=any(off is not None for _, off, _ in judged),
        quoted=any(reading.tokens.quote),
        around=around,
    )


def _verdict(reasons: list[Reason]) -> Verdict:
    """The verdict the reasons add up to: the most severe unsuppressed one speaks."""
    ordered = tuple(sorted(reasons, key=lambda r: (-r.level, -r.severity, -r.score, r.segment, r.start, r.rule)))
    worst = ordered[0]
    if worst.level is Level.CLEAN:
        return Verdict(reasons=ordered)
    return Verdict(worst.level, worst.category, worst.severity, worst.score, worst.group, ordered)
