"""Which frames a set of words may meet: the words as bits, one for each place of a frame that they can fill, a plane for each language.

The bits lie in slots: the first places of all frames, then all second places, and so on. So what is lacking is counted for all frames at
once, by a few operations on long numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from safeguard.matching import scoring
from safeguard.matching.lazy import Lazy, Remembered
from safeguard.matching.mentions import NAMING
from safeguard.ruleset.model import ANY_LANG, FREE, LANGS, CompiledRules, Element, Frame

_SLOTS = 3  # of each frame at least


def union(bits: Iterable[int]) -> int:
    """All bits; the same number where there is but one: they are long, and kept."""
    out = 0
    for b in bits:
        out = out | b if out else b
    return out


class Planes:
    """What words fill of some frames, and how much these still lack; rules: those whose points for words near a name count too."""

    def __init__(self, among: Sequence[Frame], rules: CompiledRules | None = None) -> None:
        # A frame's words agree in a language; frames that ask for the same are one.
        frames = {(n, frozenset(map(frozenset, f.all))): f.all for f in among for n in range(len(LANGS)) if f.langs >> n & 1}
        width = len(frames)
        slots = max([_SLOTS, *map(len, frames.values())])
        self._at = [n * width for n in range(slots)]
        self._full = (1 << width) - 1
        self._slots = (1 << slots * width) - 1
        self._beside = slots * width  # there begin the elements that add to a score, for each language, and a group's name
        heavy = _heavy(rules) if rules else {}
        self._points = list(heavy.values())
        self._size = len(heavy) + 1
        self._line = scoring.least(rules.weights) if rules and rules.weights and rules.scored else math.inf
        self._elements: dict[str, dict[Element, int]] = {}
        self._spare = 0  # slots that a frame does not need
        by_lang = [((1 << self._size) - 1) << self._beside + n * self._size for n in range(len(LANGS))]
        for number, ((lang, _), places) in enumerate(frames.items()):
            asked = list(map(set, places))
            while len(asked) < _SLOTS:  # so that a frame lacks three that has nothing at all
                asked.append(asked[0].union(*asked))
            for slot, at in enumerate(self._at):
                bit = 1 << at + number
                by_lang[lang] |= bit
                if slot < len(asked):
                    for element in asked[slot]:
                        self._put(element, bit)
                else:
                    self._spare |= bit
        self._named = 0
        for lang in range(len(LANGS)):
            start = self._beside + lang * self._size
            for n, element in enumerate(heavy):
                self._put(element, 1 << start + n)
            self._named |= 1 << start + len(heavy)
            for meaning in NAMING:
                self._put(Element(meaning), 1 << start + len(heavy))
        self._any = {meaning: union(found.values()) for meaning, found in self._elements.items()}
        self._langs = [union(b for n, b in enumerate(by_lang) if langs >> n & 1) for langs in range(ANY_LANG + 1)]
        self._made: Lazy[tuple[str, int, int], int] = Lazy(lambda key: self._fills(*key))
        self._enough: Remembered[int, bool] = Remembered(self._scores)

    def _put(self, element: Element, bit: int) -> None:
        found = self._elements.setdefault(element.meaning, {})
        found[element] = found.get(element, 0) | bit

    def _in(self, meaning: str, langs: int, bits: int) -> int:
        return bits & self._langs[ANY_LANG if meaning in FREE else langs & ANY_LANG]

    def of(self, meaning: str, tags: int, langs: int) -> int:
        """What a word of that meaning and these tags can fill."""
        return self._made[meaning, tags, langs] if meaning in self._elements else 0

    def _fills(self, meaning: str, tags: int, langs: int) -> int:
        return self._in(meaning, langs, union(bit for e, bit in self._elements[meaning].items() if e.matches(meaning, tags)))

    def any_of(self, meaning: str, langs: int) -> int:
        """What words of that meaning can fill, whatever their tags."""
        return self._in(meaning, langs, self._any.get(meaning, 0))

    def names(self, bits: int) -> bool:
        """Whether there is a group's name."""
        return bool(bits & self._named)

    def missing(self, bits: int) -> int:
        """Least number of places that a frame still lacks; 3 stands for more, and for frames of which nothing is there."""
        lacking, full = (bits | self._spare) ^ self._slots, self._full
        one = two = three = 0  # frames that lack as many places or more
        for at in self._at:
            gone = lacking >> at & full
            three |= two & gone
            two |= one & gone
            one |= gone
        if one != full or (bits & self._named and self._enough[bits >> self._beside]):
            return 0
        return 1 if two != full else 2 if three != full else 3

    def _scores(self, beside: int) -> bool:
        """Whether there is a group's name, with words that may make a finding of it (matching/scoring.py)."""
        while beside:
            if beside >> self._size - 1 & 1 and sum(p for n, p in enumerate(self._points) if beside >> n & 1) >= self._line:
                return True
            beside >>= self._size
        return False


def _heavy(rules: CompiledRules) -> dict[Element, float]:
    """The elements that may add to a score (matching/scoring.py), with the most each adds."""
    if not rules.weights or not rules.scored:
        return {}
    found = {w.element: max(w.near, w.far) for w in rules.weights.weights if max(w.near, w.far) > 0}
    slur = rules.weights.traits.get("slur", 0.0)
    return found | {Element("SLUR"): slur} if slur > 0 else found
