"""The tone of a text: points of all its words, whatever they stand beside.

Frames and scoring ask what is said of whom; this hears how people talk who hate, in words that no lexicon has yet. A linear classifier over
words and their beginnings whose table stands in rules/weights/ for everybody to read. Names of groups, things of a faith and
atrocities are taken as one another, so that it cannot matter who is meant. Fitted by tests/weights/tone.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from safeguard.matching.lazy import Remembered
from safeguard.matching.lookup import DISGUISED, NATIVE, Lookup
from safeguard.matching.verdict import Level
from safeguard.ruleset.model import CompiledRules
from safeguard.text.tokens import ADDRESS, folded, unglued, words

_END = re.compile(r"(?<=[.!?…։])\s+|\n\s*")
_BEGINNINGS = range(3, 9)  # letters
_MOST_POINTS = 3.0  # around a name that count
_TELLING = 0.15  # points of a word that is named as deciding
_MOST_WORDS = 6


def beginnings(word: str) -> list[str]:
    """What a word is known by: itself and its beginnings."""
    return [word, *[word[:size] + "*" for size in _BEGINNINGS if size < len(word)]]


def sentences(text: str) -> list[tuple[int, list[str]]]:
    """Sentences as blanks and marks tell them: where each begins, and its stretches without blanks."""
    starts = [0, *[m.end() for m in _END.finditer(text)]]
    return [(a, text[a:b].split()) for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def share(count: int, few: int) -> float:
    """What a word of so many counts."""
    return 3.0 / math.sqrt(max(count, few))


class Tone:
    """Points of texts by one rule set; remembers words only. Without a table nothing has any points."""

    def __init__(self, rules: CompiledRules, lookup: Lookup) -> None:
        self.table = rules.tone
        self._lookup = lookup
        self.of_word: Remembered[str, float] = Remembered(self._of_word)
        self.of_stretch: Remembered[str, float] = Remembered(lambda text: sum([self.of_word[w] for w in self.words(text)]))
        found = rules.tone.found if rules.tone else {}
        self._most_named = found.get("named", 0.0) + abs(found.get("points", 0.0)) * _MOST_POINTS

    def taken(self, word: str) -> str:
        """A folded word as its points know it: a group's name is any group's."""
        if word.isdigit():
            return "<number>"
        table = self.table
        if table is None:
            return word
        read = [a.sense.meaning for a in self._lookup.word(word) if a.quality in (NATIVE, DISGUISED)]
        return min([table.taken[m] for m in read if m in table.taken], default=word)

    def words(self, text: str) -> list[str]:
        """The words of a text without blanks, folded and taken apart."""
        if address := ADDRESS.search(text):
            text = text[: address.start()]
        pieces = [(folded(piece), piece) for raw in words(text) for piece in unglued(raw)]
        return [part for word, piece in pieces if word for part in self._lookup.parts(word, piece) if part]

    def _of_word(self, word: str) -> float:
        table = self.table
        if table is None:
            return 0.0
        known = self.taken(word)
        if known[0] == "<":
            return table.words.get(known, 0.0)
        if len(known) == 1 or not known.isalpha():
            return 0.0  # letters spaced out, and what machines write
        return sum([table.words.get(b, 0.0) for b in beginnings(known)])

    def heard(self, points: float, count: int, named: bool) -> bool:
        """Whether what is found in a sentence of so many stretches may count, its words of these points; named: a group may be."""
        table = self.table
        return table is None or self._at_most(points, count, named) + table.found.get("harmful", 0.0) > table.doubt

    def enough(self, points: float, count: int) -> bool:
        """The same, whether a text that names a group may be suspect though no frame is met."""
        return self.table is not None and self._at_most(points, count, True) >= self.table.suspect

    def _at_most(self, points: float, count: int, named: bool) -> float:
        table = self.table
        assert table is not None
        return table.base + points * share(count, table.few) + (self._most_named if named else 0.0)

    def total(self, stretches: Sequence[str], *, harmful: bool, off: bool, quoted: bool, around: float | None) -> float:
        """The points of a unit, or of the sentences that a finding stands in.

        harmful: a frame found harm; off: a context turned a finding off; quoted: it has a quotation; around: points around a group's name.
        """
        table = self.table
        if table is None:
            return 0.0
        points = table.base + sum(map(self.of_stretch.__getitem__, stretches)) * share(len(stretches), table.few)
        beside = {"harmful": float(harmful), "off": float(off), "quoted": float(quoted)}
        if around is not None:
            beside |= {"named": 1.0, "points": max(-_MOST_POINTS, min(_MOST_POINTS, around))}
        return points + sum(table.found.get(name, 0.0) * value for name, value in beside.items())

    def doubts(self, total: float) -> bool:
        """Whether nothing that was found in a text of that sum counts."""
        return self.table is not None and total <= self.table.doubt

    def level(self, total: float) -> Level:
        """What a text is by its sum."""
        if self.table is None or total < self.table.suspect:
            return Level.CLEAN
        return Level.HARMFUL if total >= self.table.harmful else Level.SUSPECT

    def telling(self, words: Sequence[str]) -> tuple[list[int], str]:
        """The words that speak most for hate, by number, the heaviest first; and the category they speak for together, "" for none."""
        table = self.table
        if table is None:
            return [], ""
        points = {t: p for t, word in enumerate(words) if (p := self.of_word[word]) >= _TELLING}
        heaviest = sorted(points, key=lambda t: (-points[t], t))[:_MOST_WORDS]
        sums: dict[str, float] = {}
        for t in heaviest:
            for b in beginnings(self.taken(words[t])):
                if category := table.categories.get(b):
                    sums[category] = sums.get(category, 0.0) + table.words[b]
        return heaviest, max(sums, key=lambda c: (sums[c], c), default="")
