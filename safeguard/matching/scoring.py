"""Scoring: what stands around a group's name, added up by open weights.

Frames know constructions; this hears the same meanings in constructions nobody foresaw. It is a linear classifier over meanings whose
weights stand in rules/weights/ for everybody to read, as the scores of SpamAssassin do; the words that decided are its explanation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from safeguard.matching.frames import Finding, typed
from safeguard.matching.lazy import Lazy
from safeguard.matching.lookup import FUZZY, SKELETON
from safeguard.matching.mentions import NAMING, Mention, Reading
from safeguard.ruleset.model import NEG, TAG_BIT, CompiledRules, Weight, Weights
from safeguard.text.tokens import Tokens

_MOST_ANCHORS = 12
_MOST_AROUND = 400  # mentions around one name
_GUESS = 0.7  # of a weight, where the word is a guess
_NOT = frozenset({"NEG"})
_BEFORE = 2  # words between a "not" and what it negates
_MOST_WORDS = 6  # named as deciding
_PLURAL, _SINGULAR = TAG_BIT["pl"], TAG_BIT["sg"]


def anchors(reading: Reading) -> list[Mention]:
    """The names of groups, and the pronouns that stand for them, around which words are added up; one a place.

    None that is guessed, and none of another language than its sentence (an Azerbaijani invalid in an English error message).
    """
    seen: dict[int, Mention] = {}
    last = len(reading.tokens) - 1
    for m in reading.of(NAMING):
        sentence = reading.tokens.sent[min(m.i, last)]
        if m.quality == FUZZY or not m.langs & reading.langs[sentence] or (m.quality == SKELETON and not typed(m.langs, sentence, reading)):
            continue
        kept = seen.get(m.i)
        if kept is None or (m.meaning == "SLUR" and kept.meaning != "SLUR") or m.j > kept.j:
            seen[m.i] = m
    return [seen[i] for i in sorted(seen)][:_MOST_ANCHORS]


def traits(anchor: Mention, reading: Reading) -> list[str]:
    """Which of the traits (ruleset/model.TRAITS) it has."""
    at = min(anchor.i, len(reading.tokens) - 1)
    same = [m for m in reading.of(NAMING) if m.i == anchor.i]
    return [
        trait
        for trait, there in (
            ("plural", any(m.tags & _PLURAL for m in same)),
            ("singular", any(m.tags & _SINGULAR and not m.tags & _PLURAL for m in same)),
            ("slur", any(m.meaning == "SLUR" for m in same)),
            ("carried", anchor.carried),
            ("quoted", reading.tokens.quote[at] != 0),
            ("question", reading.tokens.sent[at] in reading.tokens.question),
        )
        if there
    ]


class Near(NamedTuple):
    """A mention around a name. close: within the table's words of it, in its sentence; negated: a "not" stands before it."""

    mention: Mention
    close: bool
    negated: bool


def around(anchor: Mention, reading: Reading, near: int) -> list[Near]:
    """The mentions of the name's sentence and of the two beside it, those close to it first."""
    tokens = reading.tokens
    last = len(tokens) - 1
    sentence = tokens.sent[min(anchor.i, last)]
    near_by: list[Mention] = []
    farther: list[Mention] = []
    for m in reading.between(bisect_left(tokens.sent, sentence - 1), bisect_right(tokens.sent, sentence + 1)):
        if m.meaning not in NAMING:
            same = tokens.sent[min(m.i, last)] == sentence
            close = same and m.i - anchor.j <= near and anchor.i - m.j <= near
            (near_by if close else farther).append(m)
    kept = [(m, True) for m in near_by[:_MOST_AROUND]] + [(m, False) for m in farther[:_MOST_AROUND]]
    nots = reading.of(_NOT)
    before = {(n.j, tokens.clause[min(n.i, last)]) for n in nots}
    behind = {(n.i, tokens.clause[min(n.i, last)]) for n in nots}
    return [Near(m, close, m.meaning not in _NOT and _negated(m, tokens, before, behind)) for m, close in kept]


def _negated(m: Mention, tokens: Tokens, before: set[tuple[int, int]], behind: set[tuple[int, int]]) -> bool:
    """Whether a "not" ends shortly before the mention, or begins right behind it (pislik değil), in its clause; both: (token, clause)."""
    clause = tokens.clause[min(m.i, len(tokens) - 1)]
    return (m.j, clause) in behind or any((m.i - gap, clause) in before for gap in range(_BEFORE + 1))


class Scored(NamedTuple):
    """finding: the heaviest place, where one is heavy enough to be suspect (score 0.5) or harmful (1.0); doubted: all speaks against it.

    points, anchor: of the heaviest place, and the name there; None where nobody is named.
    """

    finding: Finding | None
    score: float
    doubted: bool
    points: float | None = None
    anchor: Mention | None = None


_UNSCORED = Scored(None, 0.0, False)


class Scorer:
    """Adds up the weights of one rule set; stateless between texts."""

    def __init__(self, rules: CompiledRules) -> None:
        self._frames = rules.scored
        self._table = rules.weights if rules.scored else None
        by_meaning = _by_meaning(self._table.weights) if self._table else {}
        self._fitting: Lazy[tuple[str, int], list[Weight]] = Lazy(
            lambda key: [w for w in by_meaning.get(key[0], ()) if w.element.matches(*key)]
        )

    def find(self, reading: Reading) -> Scored:
        """What the words around the names of a unit add up to."""
        table = self._table
        if table is None:
            return _UNSCORED
        places = [(*self._weigh(table, anchor, reading), anchor) for anchor in anchors(reading)]
        if not places:
            return _UNSCORED
        places.sort(key=lambda place: -place[0])
        most, _, heaviest = places[0]
        for points, reasons, anchor in places:
            if points < table.suspect:
                break
            if found := self._finding(anchor, reasons):
                return Scored(found, 1.0 if points >= table.harmful else 0.5, False, most, heaviest)
        return Scored(None, 0.0, most <= table.doubt, most, heaviest)

    def _weigh(self, table: Weights, anchor: Mention, reading: Reading) -> tuple[float, list[tuple[float, str, Mention]]]:
        """Points of what stands around a name, and what speaks against it: (points, category, mention), the heaviest first."""
        met: dict[int, tuple[float, Weight, Mention]] = {}
        for m, close, negated in around(anchor, reading, table.near):
            tags = m.tags | NEG if negated else m.tags
            for w in self._fitting[m.meaning, tags]:
                if id(w) not in met:
                    value = w.near if close else w.far
                    met[id(w)] = (value * _GUESS if m.quality == FUZZY and value > 0 else value, w, m)
        points = table.base + sum(table.traits.get(t, 0.0) for t in traits(anchor, reading)) + sum(value for value, _, _ in met.values())
        return points, sorted(((v, w.category, m) for v, w, m in met.values() if v > 0 and w.category), key=lambda r: -r[0])

    def _finding(self, anchor: Mention, reasons: list[tuple[float, str, Mention]]) -> Finding | None:
        """The finding under the category that weighs most, with the words that weigh for it; None where nothing does."""
        sums: dict[str, float] = {}
        for value, category, _ in reasons:
            if category in self._frames:
                sums[category] = sums.get(category, 0.0) + value
        if not sums:
            return None
        mentions = {(m.i, m.j): m for _, _, m in reversed(reasons[:_MOST_WORDS])}
        mentions[anchor.i, anchor.j] = anchor
        ordered = sorted(mentions.values(), key=lambda m: (m.i, m.j))
        frame = self._frames[max(sums, key=lambda c: (sums[c], c))]
        return Finding(frame, tuple(ordered), ordered[0].i, max(m.j for m in ordered))


def _by_meaning(weights: Iterable[Weight]) -> dict[str, list[Weight]]:
    out: dict[str, list[Weight]] = {}
    for w in weights:
        out.setdefault(w.element.meaning, []).append(w)
    return out


def least(table: Weights) -> float:
    """Points that the words around a name, and a slur for a name, must bring together, whatever else is said of the name."""
    return table.suspect - table.base - sum(v for t, v in table.traits.items() if v > 0 and t != "slur")
