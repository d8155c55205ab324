"""Which frames a set of words may meet: the words as bits, one for each element of a frame, in a plane for each language."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain

from safeguard.matching import scoring
from safeguard.matching.lazy import Remembered
from safeguard.matching.mentions import NAMING
from safeguard.ruleset.model import ANY_LANG, FREE, LANGS, CompiledRules, Element


class _Index:
    """Frames by what may stand in each of their places."""

    def __init__(self, frames: Iterable[Sequence[Sequence[int]]]) -> None:
        kept = list(dict.fromkeys(frozenset(sum(set(place)) for place in frame) for frame in frames))
        self._places = list(dict.fromkeys(place for frame in kept for place in sorted(frame)))
        number = {place: n for n, place in enumerate(self._places)}
        self._sizes = [len(frame) for frame in kept]
        self._frames: list[list[int]] = [[] for _ in self._places]
        for n, frame in enumerate(kept):
            for place in frame:
                self._frames[number[place]].append(n)

    def lacks(self, bits: int) -> int:
        """Least number of places that a frame still lacks, of those frames that have one already; 9 where no frame has any."""
        have: Counter[int] = Counter(chain.from_iterable([f for place, f in zip(self._places, self._frames, strict=True) if place & bits]))
        sizes = self._sizes
        return min([sizes[frame] - count for frame, count in have.items()], default=9)


class Planes:
    """Sets of elements, one plane of bits a language."""

    def __init__(self, rules: CompiledRules) -> None:
        heavy = _heavy(rules)
        elements = sorted({*heavy, *(e for f in rules.frames for alternatives in f.all for e in alternatives)}, key=repr)
        self._width = len(elements)
        self._full = (1 << self._width) - 1
        self._times = [sum(1 << (n * self._width) for n in range(len(LANGS)) if langs >> n & 1) for langs in range(ANY_LANG + 1)]
        self._elements: dict[str, list[tuple[Element, int]]] = {}
        for n, e in enumerate(elements):
            self._elements.setdefault(e.meaning, []).append((e, 1 << n))
        self._any = {meaning: sum(bit for _, bit in found) for meaning, found in self._elements.items()}
        bit_of = {e: bit for found in self._elements.values() for e, bit in found}
        placed = [(f.langs, [[bit_of[e] for e in place] for place in f.all]) for f in rules.frames]
        self._indexes = [_Index([frame for langs, frame in placed if langs >> n & 1]) for n in range(len(LANGS))]
        self._group = sum(bit for e, bit in bit_of.items() if e.meaning in NAMING)
        self._heavy = [(bit_of[e], points) for e, points in heavy.items()]
        self._line = scoring.least(rules.weights) if rules.weights and rules.scored else math.inf
        self._answers: Remembered[int, int] = Remembered(self._least)
        self._by_plane = [Remembered(partial(self._lacks, n)) for n in range(len(LANGS))]

    def _in(self, meaning: str, langs: int, bits: int) -> int:
        return bits * self._times[ANY_LANG if meaning in FREE else langs & ANY_LANG]

    def of(self, meaning: str, tags: int, langs: int) -> int:
        """The elements that a word of that meaning and these tags can be."""
        bits = 0
        for e, bit in self._elements.get(meaning, ()):
            if e.matches(meaning, tags):
                bits |= bit
        return self._in(meaning, langs, bits)

    def any_of(self, meaning: str, langs: int) -> int:
        """The elements of that meaning, whatever their tags."""
        return self._in(meaning, langs, self._any.get(meaning, 0))

    def missing(self, bits: int) -> int:
        """Least number of elements that a frame still lacks, of those frames that have one already; 9 where no frame has any."""
        return self._answers[bits]

    def _least(self, bits: int) -> int:
        return min(plane[bits >> n * self._width & self._full] for n, plane in enumerate(self._by_plane))

    def _lacks(self, plane: int, bits: int) -> int:
        if not bits:
            return 9
        lacks = self._indexes[plane].lacks(bits)
        if lacks and bits & self._group and sum(points for bit, points in self._heavy if bits & bit) >= self._line:
            return 0
        return lacks


def _heavy(rules: CompiledRules) -> dict[Element, float]:
    """The elements that may add to a score (matching/scoring.py), with the most each adds."""
    if not rules.weights or not rules.scored:
        return {}
    found = {w.element: max(w.near, w.far) for w in rules.weights.weights if max(w.near, w.far) > 0}
    slur = rules.weights.traits.get("slur", 0.0)
    return found | {Element("SLUR"): slur} if slur > 0 else found
