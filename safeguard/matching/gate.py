"""The gate before the engine: from the words alone, whether a unit can meet any frame. Most posts end here.

Each word's possible meanings are one set of bits, remembered by the word as it is written; a unit's bits are their union.
The gate may let through too much, never too little.
"""

from __future__ import annotations

from collections.abc import Iterable

from safeguard.matching.lookup import NATIVE, REMEMBERED, Ann, Lookup
from safeguard.ruleset.model import CompiledRules
from safeguard.text.fold import fold
from safeguard.text.tokens import SPACED, words
from safeguard.text.unit import Role, TextUnit

_LONG = 3  # single letters in a text from which they may be a word spaced out


class Gate:
    """Says which units are worth reading, over one set of compiled rules."""

    def __init__(self, rules: CompiledRules, lookup: Lookup) -> None:
        self._lookup = lookup
        names = {e.meaning for f in rules.frames for alternatives in f.all for e in alternatives}
        self._bit = {name: 1 << n for n, name in enumerate(sorted(names))}
        self._by_word = {n: self._bits(p.meaning for p in phrases) for n, phrases in rules.phrases.items()}
        self._by_meaning = {m: self._bits(p.meaning for p in phrases) for m, phrases in rules.by_meaning.items()}
        self._frames = tuple({tuple(sorted(self._bits(e.meaning for e in a) for a in f.all)) for f in rules.frames})
        self._poll = self._bit.get("OUGHT", 0)
        self._memory: dict[str, int] = {}
        self._guesses: dict[str, int] = {}
        self._answers: dict[int, int] = {}

    def _bits(self, meanings: Iterable[str]) -> int:
        out = 0
        for m in meanings:
            out |= self._bit.get(m, 0)
        return out

    def _of(self, anns: Iterable[Ann]) -> int:
        out = 0
        for a in anns:
            if a.sense.word >= 0:
                out |= self._by_word.get(a.sense.word, 0)
            else:
                out |= self._bit.get(a.sense.meaning, 0) | self._by_meaning.get(a.sense.meaning, 0)
        return out

    def _word(self, raw: str) -> int:
        word = fold(raw)
        bits = 0
        for part in self._lookup.parts(word, raw) if word else ():
            bits |= self._of(self._lookup.word(part)) if part else 0
        if len(self._memory) > REMEMBERED:
            self._memory.clear()
        self._memory[raw] = bits
        return bits

    def _guess(self, raw: str) -> int:
        """Bits of an unknown word taken as misspelt or as two run together."""
        known = self._guesses.get(raw)
        if known is None:
            if len(self._guesses) > REMEMBERED:
                self._guesses.clear()
            word = fold(raw)
            known = 0
            if word and not any(a.quality == NATIVE for a in self._lookup.word(word)):
                known = self._of(self._lookup.misspelt(word))
                for half in self._lookup.halves(word):
                    known |= self._of(self._lookup.word(half))
            self._guesses[raw] = known
        return known

    def _missing(self, bits: int) -> int:
        """Least number of elements that any frame still lacks: 0, 1 (only of frames that have one already) or 2 for more."""
        answer = self._answers.get(bits)
        if answer is None:
            answer = 2
            for wanted in self._frames:
                lacking = sum(not w & bits for w in wanted)
                if lacking < answer and (lacking == 0 or len(wanted) > 1):
                    answer = lacking
            if len(self._answers) > REMEMBERED:
                self._answers.clear()
            self._answers[bits] = answer
        return answer

    def lets(self, unit: TextUnit) -> bool:
        """Whether the unit may meet a frame."""
        bits = 0
        unknown: list[str] = []
        memory = self._memory
        for segment in unit.segments:
            text = segment.text
            found = words(text)
            single = 0
            for raw in found:
                more = memory.get(raw)
                if more is None:
                    more = self._word(raw)
                if more:
                    bits |= more
                elif len(raw) > 2:
                    unknown.append(raw)
                elif len(raw) == 1:
                    single += 1
            if single >= _LONG and SPACED.search(text):
                return True
            if segment.role is Role.POLL_OPTION or "|" in text:
                bits |= self._poll
        if not bits:
            return False
        missing = self._missing(bits)
        if missing == 1:
            for raw in unknown:
                bits |= self._guess(raw)
            missing = self._missing(bits)
        return missing == 0
