"""Frames over a reading: which meanings stand together near enough to be a finding."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from safeguard.matching.lazy import Lazy, Remembered
from safeguard.matching.lookup import FUZZY, SKELETON
from safeguard.matching.mentions import Mention, Reading
from safeguard.ruleset.model import ANY_LANG, FREE, Element, Frame

DEFAULT_GAP = 6
_MOST_CANDIDATES = 12  # mentions of one element looked at in one stretch of text
_MOST_STEPS = 1500  # of one frame in one stretch
_MOST_FINDINGS = 4  # of one frame in one stretch
_MOST_FUZZY = 2
_REMEMBERED = 20_000  # sets of elements whose frames are remembered
_TYPED_LETTERS = 4
_TYPED = 1.6  # weight of two words read in another alphabet
INITIAL = 2  # words that may stand before the first one of a frame with `initial`
_TRANSPARENT = frozenset({"ALL", "LETS", "OUGHT", "TIME", "JOKE", "SWEAR"})


@dataclass(slots=True, eq=False)
class Finding:
    """A frame met by these mentions, in order of place; i, j: its tokens."""

    frame: Frame
    mentions: tuple[Mention, ...]
    i: int
    j: int


class FrameIndex:
    """All frames of a rule set, with the meanings each cannot do without."""

    def __init__(self, frames: tuple[Frame, ...]) -> None:
        self._elements: dict[str, list[tuple[Element, int]]] = {}
        bits = {e: 1 << n for n, e in enumerate(dict.fromkeys(e for f in frames for alternatives in f.all for e in alternatives))}
        for e, bit in bits.items():
            self._elements.setdefault(e.meaning, []).append((e, bit))
        self._frames = [(f, tuple(sum({bits[e] for e in alternatives}) for alternatives in f.all)) for f in frames]
        self._bits: Lazy[tuple[str, int], int] = Lazy(lambda key: self._fills(*key))
        self._known: Remembered[tuple[int, int], tuple[Frame, ...]] = Remembered(lambda key: self._fitting(*key), _REMEMBERED)

    def _possible(self, reading: Reading) -> tuple[Frame, ...]:
        """The frames for which something of each element stands there, in a language that is spoken."""
        bits = langs = 0
        for m in reading.mentions:
            bits |= self._bits[m.meaning, m.tags]
        for spoken in reading.langs.values():
            langs |= spoken
        return self._known[bits, langs]

    def _fills(self, meaning: str, tags: int) -> int:
        return sum(bit for e, bit in self._elements.get(meaning, ()) if e.matches(meaning, tags))

    def _fitting(self, bits: int, langs: int) -> tuple[Frame, ...]:
        return tuple(f for f, wanted in self._frames if (f.langs == ANY_LANG or f.langs & langs) and all(w & bits for w in wanted))

    def find(self, reading: Reading) -> list[Finding]:
        """Every finding in a unit."""
        frames = self._possible(reading)
        if not frames:
            return []
        pools = {scope: _pools(reading, scope) for scope in {f.scope for f in frames}}
        out: list[Finding] = []
        for frame in frames:
            for pool in pools[frame.scope]:
                out += _in_pool(frame, pool, reading)
        return _once(out)


Pool = dict[str, list[Mention]]
"""The mentions of one stretch of text by meaning, each list in order of place."""


def _pools(reading: Reading, scope: str) -> list[Pool]:
    """The stretches of text a scope speaks of."""
    numbers = reading.tokens.clause if scope == "clause" else reading.tokens.sent
    stretches: dict[int, Pool] = {}
    for m in reading.mentions:
        number = 0 if scope == "unit" else numbers[m.i]
        stretches.setdefault(number, {}).setdefault(m.meaning, []).append(m)
        if scope == "pair":
            stretches.setdefault(number - 1, {}).setdefault(m.meaning, []).append(m)
    return [stretches[n] for n in sorted(stretches)]


def _in_pool(frame: Frame, pool: Pool, reading: Reading) -> list[Finding]:
    candidates = []
    for alternatives in frame.all:
        found = [m for e in alternatives for m in pool.get(e.meaning, ()) if e.matches(m.meaning, m.tags)]
        if not found:
            return []
        candidates.append(list(dict.fromkeys(found)) if len(alternatives) > 1 else found)
    gap = frame.gap if frame.gap >= 0 else DEFAULT_GAP if frame.scope in ("sentence", "clause") else 10**6
    anchor = min(range(len(candidates)), key=lambda n: len(candidates[n]))
    out: list[Finding] = []
    steps = 0
    for first in candidates[anchor][: 4 * _MOST_CANDIDATES]:
        reach = (gap + 4) * len(candidates)
        near = [
            [first]
            if n == anchor
            else sorted((m for m in found if abs(m.i - first.i) <= reach), key=lambda m: abs(m.i - first.i))[:_MOST_CANDIDATES]
            for n, found in enumerate(candidates)
        ]
        best: Finding | None = None
        stack: list[tuple[Mention, ...]] = [()]
        while stack and steps < _MOST_STEPS:
            steps += 1
            chosen = stack.pop()
            n = len(chosen)
            if n == len(near):
                finding = _checked(frame, chosen, gap, pool, reading)
                if finding and (best is None or finding.j - finding.i < best.j - best.i):
                    best = finding
                continue
            for m in reversed(near[n]):
                if any(_collide(m, c) for c in chosen):
                    continue
                if frame.ordered and chosen and m.i < (chosen[-1].i + 1 if m.carried else chosen[-1].j):
                    continue
                stack.append((*chosen, m))
        if best is not None:
            out.append(best)
            if len(out) >= _MOST_FINDINGS:
                break
    return out


def _collide(a: Mention, b: Mention) -> bool:
    """Whether two mentions claim the same words; a pronoun may stand inside a phrase, anything in its gaps."""
    if a is b:
        return True
    if a.carried or b.carried or not (a.i < b.j and b.i < a.j):
        return False
    return not any(i <= a.i and a.j <= j for i, j in b.holes) and not any(i <= b.i and b.j <= j for i, j in a.holes)


def _checked(frame: Frame, chosen: tuple[Mention, ...], gap: int, pool: Pool, reading: Reading) -> Finding | None:
    ordered = sorted(chosen, key=lambda m: (m.i, m.j))
    if any(b.i - a.j > gap for a, b in pairwise(ordered)):
        return None
    langs = frame.langs
    for m in chosen:
        if m.meaning not in FREE or m.quality == 1:
            langs &= m.langs
    if not langs or (
        frame.langs != ANY_LANG
        and not any(reading.langs[reading.tokens.sent[min(m.i, len(reading.tokens) - 1)]] & frame.langs for m in chosen)
    ):
        return None
    spoken = [m for m in chosen if not _is_emoji(m, reading)]
    if not spoken and ordered[-1].j - ordered[0].i > len(ordered):
        return None  # emoji scattered over a text are ornaments; side by side they are a sentence
    if spoken and all(m.quality == SKELETON or m.carried for m in spoken) and not _typed(spoken, langs, reading):
        return None
    fuzzy = sum(m.quality == FUZZY for m in chosen)
    if fuzzy > _MOST_FUZZY or fuzzy == len(chosen):
        return None
    i, j = ordered[0].i, max(m.j for m in ordered)
    if frame.initial and not _begins(i, reading):
        return None
    for e in frame.blockers:
        for m in pool.get(e.meaning, ()):
            if m.j >= i and m.i <= j and e.matches(m.meaning, m.tags) and not any(m.i < c.j and c.i < m.j for c in chosen):
                return None
    return Finding(frame, tuple(ordered), i, j)


def _typed(chosen: list[Mention], langs: int, reading: Reading) -> bool:
    """Whether the sentence has two words or more of the language typed in another alphabet, and no short ones alone: else it is chance."""
    if not any(len(reading.tokens.word[t]) >= _TYPED_LETTERS for m in chosen for t in range(m.i, m.j)):
        return False
    return typed(langs, reading.tokens.sent[min(chosen[0].i, len(reading.tokens) - 1)], reading)


def typed(langs: int, sentence: int, reading: Reading) -> bool:
    """Whether a sentence has two words or more of one of the languages, so that it may be typed in another alphabet."""
    return any(count >= _TYPED for bit, count in reading.typed.get(sentence, {}).items() if bit & langs)


def _is_emoji(m: Mention, reading: Reading) -> bool:
    return m.j == m.i + 1 and not reading.tokens.word[m.i][0].isalnum()


def _begins(i: int, reading: Reading) -> bool:
    """Whether the token begins its clause, but for a word or two that carry no meaning (just, please, hey)."""
    tokens = reading.tokens
    first = i
    while first > 0 and tokens.clause[first - 1] == tokens.clause[i] and tokens.quote[first - 1] == tokens.quote[i]:
        first -= 1
        if i - first > INITIAL:
            return False
    return all(m.meaning in _TRANSPARENT for m in reading.between(first, i))


def _once(findings: list[Finding]) -> list[Finding]:
    """Overlapping pools (pairs of sentences) find the same thing twice."""
    seen: dict[tuple[str, int, int], Finding] = {}
    for f in findings:
        seen.setdefault((f.frame.id, f.i, f.j), f)
    return list(seen.values())
