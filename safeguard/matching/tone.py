"""The tone of a text: points of all its words, whatever they stand beside.

Frames and scoring ask what is said of whom; this hears how people talk who hate, in words that no lexicon has yet. A linear classifier over
words and their beginnings whose table stands in rules/weights/ for everybody to read. Names of groups, things of a faith and
atrocities are taken as one another, so that it cannot matter who is meant. Fitted by tests/weights/tone.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from safeguard.matching.lazy import Remembered, RememberedText
from safeguard.matching.lookup import DISGUISED, NATIVE, Lookup
from safeguard.matching.verdict import Level
from safeguard.ruleset.model import CompiledRules
from safeguard.text.tokens import by_machine, numbers_cut, stretch_words

ENDS = ".!?…։"
END = re.compile(rf"(?<=[{ENDS}])\s+|\n\s*")
_LINK = re.compile(r"[(\[\"«“„]?[\w-]+(?:\.[\w-]+)+/")  # an address as sites show it, whose words are nobody's
_BEGINNINGS = range(3, 9)  # letters
_MOST_POINTS = 3.0  # around a name that count
_TELLING = 0.15  # points of a word that is named as deciding
_MOST_WORDS = 6
_MOST_COUNTED = 256
_LONG = 6  # stretches of a text that names nobody, from which it may be found
_DIFFERENT = 4  # of them; fewer, many times over, are a program's words


def sentences(text: str) -> list[tuple[int, list[str]]]:
    """Sentences as blanks and marks tell them: where each begins, and its stretches without blanks."""
    starts = [0, *[m.end() for m in END.finditer(text)]]
    return [(a, text[a:b].split()) for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def found(*, harmful: bool, off: bool, quoted: bool, around: float | None) -> dict[str, float]:
    """What counts beside the words (ruleset/model.FOUND).

    harmful: a frame found harm; off: a context turned a finding off; quoted: there is a quotation; around: points around a group's name.
    """
    named = {"named": 1.0, "points": max(-_MOST_POINTS, min(_MOST_POINTS, around))} if around is not None else {}
    return {"harmful": float(harmful), "off": float(off), "quoted": float(quoted), **named}


def long(stretches: Sequence[str]) -> bool:
    """Whether a text that names nobody says enough to be found."""
    return len(stretches) >= _LONG and len(set(stretches)) >= _DIFFERENT


def share(count: int, few: int) -> float:
    """What a word of so many counts."""
    return 3.0 / math.sqrt(max(count, few))


class Tone:
    """Points of texts by one rule set; remembers words only. Without a table nothing has any points."""

    def __init__(self, rules: CompiledRules, lookup: Lookup) -> None:
        self.table = rules.tone
        self._lookup = lookup
        self.of_word: Remembered[str, float] = Remembered(self._of_word)
        self.of_stretch: RememberedText[float] = RememberedText(lambda text: sum([self.of_word[w] for w in self.words(text)]), numbers_cut)
        found = rules.tone.found if rules.tone else {}
        few = rules.tone.few if rules.tone else 1
        self._shares = [share(count, few) for count in range(_MOST_COUNTED)]
        self._most_named = found.get("named", 0.0) + abs(found.get("points", 0.0)) * _MOST_POINTS

    def words(self, text: str) -> list[str]:
        """The words of a text without blanks, folded and taken apart."""
        if _LINK.match(text) or by_machine(text):
            return []
        return [word for raw in stretch_words(text) for word in self._lookup.spoken(raw)]

    def known_by(self, word: str) -> list[str]:
        """What a folded word's points stand under: what it is taken as, or itself and its beginnings; a group's name is any group's."""
        table = self.table
        if word.isdigit():
            return ["<number>"]
        if table is not None:
            read = [a.sense.meaning for a in self._lookup.word(word) if a.quality in (NATIVE, DISGUISED)]
            if masks := [table.taken[m] for m in read if m in table.taken]:
                return [min(masks)]
        if len(word) == 1 or not word.isalpha():
            return []  # letters spaced out, and what machines write
        return [word, *[word[:size] + "*" for size in _BEGINNINGS if size < len(word)]]

    def _of_word(self, word: str) -> float:
        table = self.table
        return sum([table.words.get(key, 0.0) for key in self.known_by(word)]) if table is not None else 0.0

    def heard(self, points: float, count: int, named: bool) -> bool:
        """Whether what is found in a sentence of so many stretches may count, its words of these points; named: a group may be."""
        table = self.table
        return table is None or self._at_most(points, count, named) + table.found.get("harmful", 0.0) > table.doubt

    def enough(self, points: float, count: int, named: bool) -> bool:
        """The same, whether the text may be suspect though no frame is met."""
        return self.level(self._at_most(points, count, named), count >= _LONG, named) is not Level.CLEAN if self.table else False

    def _at_most(self, points: float, count: int, named: bool) -> float:
        table = self.table
        assert table is not None
        shared = self._shares[count] if count < _MOST_COUNTED else share(count, table.few)
        return table.base + points * shared + (self._most_named if named else 0.0)

    def total(self, stretches: Sequence[str], beside: Mapping[str, float]) -> float:
        """The points of a unit, or of the sentences that a finding stands in; beside: what is found in the unit (`found`)."""
        table = self.table
        if table is None:
            return 0.0
        points = table.base + sum(map(self.of_stretch.__getitem__, stretches)) * share(len(stretches), table.few)
        return points + sum(table.found.get(name, 0.0) * value for name, value in beside.items())

    def doubts(self, total: float) -> bool:
        """Whether nothing that was found in a text of that sum counts."""
        return self.table is not None and total <= self.table.doubt

    def level(self, total: float, long: bool, named: bool) -> Level:
        """What a text is by its sum; long: it says enough; named: a group is. What names nobody is more often a site's buttons."""
        table = self.table
        if table is None:
            return Level.CLEAN
        if not named:
            return Level.HARMFUL if long and total >= table.unnamed else Level.CLEAN
        return Level.HARMFUL if total >= table.harmful else Level.SUSPECT if total >= table.suspect else Level.CLEAN

    def telling(self, words: Sequence[str]) -> tuple[list[int], str]:
        """The words that speak most for hate, by number, the heaviest first; and the category they speak for together, "" for none."""
        table = self.table
        if table is None:
            return [], ""
        points = {t: p for t, word in enumerate(words) if (p := self.of_word[word]) >= _TELLING}
        heaviest = sorted(points, key=lambda t: (-points[t], t))[:_MOST_WORDS]
        sums: dict[str, float] = {}
        for t in heaviest:
            for key in self.known_by(words[t]):
                if category := table.categories.get(key):
                    sums[category] = sums.get(category, 0.0) + table.words[key]
        return heaviest, max(sums, key=lambda c: (sums[c], c), default="")
