"""The gate before the engine: from the words alone, whether a unit can meet any frame. Most posts end here.

Each word's possible meanings are one set of bits, remembered by the word as it is written; a unit's bits are their union.
The gate may let through too much, never too little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from safeguard.matching.lookup import REMEMBERED, Ann, Lookup
from safeguard.ruleset.model import CompiledRules, Element, Phrase
from safeguard.text.tokens import SPACED, folded, unglued, words
from safeguard.text.unit import Role, TextUnit

_GUESSED = 2  # elements of a frame that may be misspelt words (matching/frames.py takes no more)
MOST_GUESSED = 400  # unknown words of one unit that are tried as misspelt
_LONG = 3  # single letters in a text from which they may be a word spaced out


class _Seen(NamedTuple):
    """What the gate remembers of a word.

    own: bits of its own meanings; phrased: of the phrases found by it; numbers: the phrases' words it may be; strange: in no lexicon.
    """

    own: int
    phrased: int
    numbers: frozenset[int]
    strange: bool = False


class Gate:
    """Says which units are worth reading, over one set of compiled rules."""

    def __init__(self, rules: CompiledRules, lookup: Lookup) -> None:
        self._lookup = lookup
        # One bit for each element that a frame may ask for, by meaning.
        elements = sorted({e for f in rules.frames for alternatives in f.all for e in alternatives}, key=repr)
        self._elements: dict[str, list[tuple[Element, int]]] = {}
        for n, e in enumerate(elements):
            self._elements.setdefault(e.meaning, []).append((e, 1 << n))
        self._any = {meaning: sum(bit for _, bit in found) for meaning, found in self._elements.items()}
        bit_of = {e: bit for found in self._elements.values() for e, bit in found}
        self._frames = tuple({tuple(sorted(sum({bit_of[e] for e in a}) for a in f.all)) for f in rules.frames})
        self._by_meaning = {m: self._all_of(p.meaning for p in phrases) for m, phrases in rules.by_meaning.items()}
        # A phrase's meaning may begin a phrase of meanings in turn.
        self._given = {m: self._any.get(m, 0) | self._by_meaning.get(m, 0) for m in {*self._any, *self._by_meaning}}
        self._by_word = {n: self._given_by(phrases) for n, phrases in rules.phrases.items()}
        self._keys = frozenset(n for n, bits in self._by_word.items() if bits)
        self._needs = {n: self._needed(phrases) for n, phrases in rules.phrases.items() if n in self._keys}
        self._poll = self._any.get("OUGHT", 0)
        self._memory: dict[str, _Seen] = {}
        self._guesses: dict[str, _Seen] = {}
        self._answers: dict[int, int] = {}

    def _all_of(self, meanings: Iterable[str]) -> int:
        out = 0
        for m in meanings:
            out |= self._any.get(m, 0)
        return out

    def _given_by(self, phrases: Iterable[Phrase]) -> int:
        out = 0
        for phrase in phrases:
            out |= self._given.get(phrase.meaning, 0)
        return out

    def _needed(self, phrases: Iterable[Phrase]) -> list[tuple[int, tuple[frozenset[int], ...]]]:
        """Of each phrase its bits and, for every word it cannot do without, the numbers that will do."""
        return [(bits, tuple(i.words for i in p.needed if i.words)) for p in phrases if (bits := self._given.get(p.meaning, 0))]

    def _of(self, anns: Iterable[Ann]) -> int:
        """Bits of the meanings that single words have."""
        out = 0
        for a in anns:
            for e, bit in self._elements.get(a.sense.meaning, ()):
                if e.matches(a.sense.meaning, a.tags):
                    out |= bit
            out |= self._by_meaning.get(a.sense.meaning, 0)
        return out

    def _word(self, raw: str) -> _Seen:
        anns = [
            a
            for piece in unglued(raw)
            if (word := folded(piece))
            for part in self._lookup.parts(word, piece)
            if part
            for a in self._lookup.word(part)
        ]
        if len(self._memory) > REMEMBERED:
            self._memory.clear()
        seen = self._memory[raw] = self._seen(anns)._replace(strange=not self._lookup.knows(folded(raw)))
        return seen

    def _seen(self, anns: Sequence[Ann]) -> _Seen:
        numbers = frozenset(a.sense.word for a in anns if a.sense.word >= 0)
        phrased = 0
        for number in numbers:
            phrased |= self._by_word.get(number, 0)
        return _Seen(self._of(anns), phrased, numbers)

    def _guess(self, raw: str) -> _Seen:
        """An unknown word taken as misspelt or as two run together."""
        known = self._guesses.get(raw)
        if known is None:
            if len(self._guesses) > REMEMBERED:
                self._guesses.clear()
            word = folded(raw)
            anns: tuple[Ann, ...] = ()
            if word and not self._lookup.knows(word):
                anns = (*self._lookup.misspelt(word), *(a for half in self._lookup.halves(word) for a in self._lookup.word(half)))
            known = self._guesses[raw] = self._seen(anns)
        return known

    def _missing(self, bits: int) -> int:
        """Least number of elements that a frame still lacks, of those frames that have one already; 9 where no frame has any."""
        answer = self._answers.get(bits)
        if answer is None:
            lacking = [(sum(not w & bits for w in wanted), len(wanted)) for wanted in self._frames]
            answer = min((lacks for lacks, size in lacking if lacks < size), default=9)
            if len(self._answers) > REMEMBERED:
                self._answers.clear()
            self._answers[bits] = answer
        return answer

    def _spoken(self, numbers: set[int]) -> int:
        """Bits of the phrases that could stand there: all the words they cannot do without are among these."""
        out = 0
        for number in numbers & self._keys:
            if self._by_word[number] & ~out:
                for more, needed in self._needs[number]:
                    if more & ~out and not any(map(numbers.isdisjoint, needed)):
                        out |= more
        return out

    def lets(self, unit: TextUnit) -> bool:
        """Whether the unit may meet a frame."""
        own = phrased = 0
        unknown: list[str] = []
        seen: list[_Seen] = []
        memory = self._memory
        for segment in unit.segments:
            text = segment.text
            single = 0
            for raw in words(text):
                known = memory.get(raw)
                if known is None:
                    known = self._word(raw)
                if known.numbers or known.own:
                    own |= known.own
                    phrased |= known.phrased
                    seen.append(known)
                if known.strange and len(raw) > 2:
                    unknown.append(raw)
                single += len(raw) == 1
            if single >= _LONG and SPACED.search(text):
                return True
            if segment.role is Role.POLL_OPTION or "|" in text:
                own |= self._poll
        bits = own | phrased
        if not bits:
            return False
        missing = self._missing(bits)
        if missing > _GUESSED:
            return False
        numbers = {n for s in seen for n in s.numbers}
        bits = own | self._spoken(numbers)
        missing = self._missing(bits)
        if 0 < missing <= _GUESSED:
            for raw in unknown[:MOST_GUESSED]:
                guess = self._guess(raw)
                own |= guess.own
                numbers |= guess.numbers
            missing = self._missing(own | self._spoken(numbers))
        return missing == 0
