"""The gate before the engine: from the words alone, whether a unit can meet any frame. Most posts end here, so it takes all units at once.

What a word may add to a frame is one set of bits, a plane for each language (a finding's words agree in one), remembered for each stretch
without blanks as it is written; a unit's bits are their union. The gate may let through too much, never too little.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from safeguard.matching.lazy import LONGEST, Remembered, RememberedText
from safeguard.matching.lookup import Lookup
from safeguard.matching.mentions import MOST_GUESSED, NAMING
from safeguard.matching.net import NOTHING, Net, Said, Seen, may_be_typed
from safeguard.matching.planes import Planes, union
from safeguard.matching.tone import END, Tone
from safeguard.ruleset.model import CompiledRules, Frame
from safeguard.text.tokens import SPACED, by_machine, numbers_cut, words
from safeguard.text.unit import Role, Segment, TextUnit

_GUESSED = 2  # elements of a frame that may be misspelt words (matching/frames.py takes no more)
_SPELT_OUT = 3  # single letters in a text from which they may be a word spaced out
_NEAR = 24  # words between two neighbours of a phrase: its gaps, its optional words, phrases inside it

_NAME, _SINGLE = 1e9, 1e4  # added to the points of a stretch that may name a group, and for each letter that stands alone


class Gate:
    """Says which units are worth reading, over one set of compiled rules.

    listed: whether a folded word may begin what stands in a parent's list; None where there are no lists;
    numbered: there are long numbers in these lists.
    """

    def __init__(
        self, rules: CompiledRules, lookup: Lookup, tone: Tone, listed: Callable[[str], bool] | None = None, *, numbered: bool = False
    ) -> None:
        same = None if numbered else numbers_cut
        self._tone = tone
        self._listed = listed is not None
        self._all = Net(rules, lookup, Planes(rules.frames, rules), listed, same)
        # Of frames that a text may meet which names nobody: few, so that it is soon settled that it meets none.
        self._free = Net(rules, lookup, Planes([f for f in rules.frames if not _asks_for_name(f)]), listed, same)
        free = self._free.planes
        self._free_met: Remembered[int, bool] = Remembered(lambda bits: free.names(bits) or not free.missing(bits))
        self._tones: RememberedText[float] = RememberedText(self._tone_of, same)
        self._alone: RememberedText[tuple[bool, bool]] = RememberedText(lambda text: self._worth([Segment(text)], text, [text]), same)

    def passing(self, units: Sequence[TextUnit]) -> list[tuple[int, bool]]:
        """The units worth reading, by number, each with whether it may meet a frame (else only a parent's list)."""
        out: list[tuple[int, bool]] = []
        for number, unit in enumerate(units):
            segments = unit.segments
            text = segments[0].text if len(segments) == 1 else "\n".join([s.text for s in segments])
            stretches = text.split()
            if len(stretches) == 1 and len(segments) == 1 and segments[0].role is not Role.POLL_OPTION:
                if len(text) > LONGEST and by_machine(stretches[0]):
                    continue
                framed, listed = self._alone[stretches[0]]
            else:
                framed, listed = self._worth(segments, text, stretches)
            if framed or listed:
                out.append((number, framed))
        return out

    def _worth(self, segments: Sequence[Segment], text: str, stretches: list[str]) -> tuple[bool, bool]:
        """Whether a unit may meet a frame, and whether a parent's list may begin in it."""
        points, singles, naming = self._points(stretches)
        count = len(stretches)
        poll = "|" in text or any(s[1] is Role.POLL_OPTION for s in segments)
        if singles >= _SPELT_OUT and SPACED.search(text):
            framed = True
        elif count <= MOST_GUESSED and not poll and not self._free_met[union(filter(None, map(self._free.reach.__getitem__, stretches)))]:
            framed = self._tone.enough(points, count, False)
        elif not self._heard(text, points, count, naming):
            framed = False
        elif self._frees(stretches, poll):
            named = naming and self._named(stretches)
            framed = (named == naming or self._heard(text, points, count, named)) and (
                self._tone.enough(points, count, named) or self._near(self._all.told(stretches), poll, stretches)
            )
        else:
            framed = self._tone.enough(points, count, False)
        return framed, self._listed and any(s.listed for s in self._free.told(stretches))

    def _frees(self, stretches: Sequence[str], poll: bool) -> bool:
        """Whether a name stands there, or all that a frame asks for which needs none, in any reading of the words and in any order."""
        net = self._free
        if len(stretches) <= MOST_GUESSED:
            read = [s for s in map(net.readings.__getitem__, stretches) if s is not NOTHING]
        else:
            met = net.told(stretches)
            read = [*met, *[s.typed for s in met if s.typed], *net.guessed(met, MOST_GUESSED)]
        if poll:
            read.append(net.asked)
        bits, _ = net.most(read)
        return self._free_met[bits]

    def _heard(self, text: str, points: float, count: int, named: bool) -> bool:
        """Whether a text of so many stretches is heard, or some sentence of it (as `tone.sentences` has them) is by itself.

        What harmless words stand beside a sentence does not clear it.
        """
        if self._tone.heard(points, count, named):
            return True
        parts = [part.split() for part in END.split(text)]
        heard = self._tone.heard
        return len(parts) > 1 and any(heard(self._points(s)[0], len(s), named) for s in parts if s)

    def _named(self, stretches: Sequence[str]) -> bool:
        """Whether some word, or a phrase all of whose words are there, may name a group."""
        met = self._free.told(stretches)
        bits, _ = self._free.most([*met, *[s.typed for s in met if s.typed]])
        return self._free.planes.names(bits)

    def _points(self, stretches: Sequence[str]) -> tuple[float, int, bool]:
        """Points of all words, letters that stand alone, and whether a word may name a group or open a phrase that does."""
        all_ = sum(map(self._tones.__getitem__, stretches))
        if all_ < _SINGLE / 2:
            return all_, 0, False
        names = round(all_ / _NAME)
        singles = round((all_ - names * _NAME) / _SINGLE)
        return all_ - names * _NAME - singles * _SINGLE, singles, names > 0

    def _tone_of(self, stretch: str) -> float:
        seen = self._free.told([stretch])
        return self._tone.of_stretch[stretch] + sum([s.singles * _SINGLE + _names(s) * _NAME for s in seen])

    def lets(self, unit: TextUnit) -> bool:
        """Whether the unit may meet a frame."""
        return any(framed for _, framed in self.passing([unit]))

    def _near(self, met: list[Seen], poll: bool, stretches: list[str]) -> bool:
        """The same by all frames, and of what must be in order; met: what is known of the stretches that say something."""
        net = self._all
        typed = [s.typed for s in met if s.typed]
        by_letters = bool(typed) and may_be_typed(met)
        read = [*met, *typed] if by_letters else met
        if poll:
            read = [*read, net.asked]
        bits, found = net.most(read)
        missing = net.planes.missing(bits)
        if missing > _GUESSED:
            return False
        if not missing:
            placed = self._in_place(found, stretches, poll, lambda raw: self._numbers(raw, by_letters))
            missing = net.planes.missing(union([s.own for s in read]) | placed)
        if not missing or missing > _GUESSED:
            return not missing
        guesses = net.guessed(met, MOST_GUESSED)
        return bool(guesses) and self._near_by_guess([*read, *guesses], stretches, by_letters, poll)

    def _near_by_guess(self, read: list[Seen], stretches: list[str], by_letters: bool, poll: bool) -> bool:
        """Whether it may with unknown words taken as misspelt; read: with what these may be."""
        net = self._all
        bits, found = net.most(read)
        if net.planes.missing(bits):
            return False

        def numbers(raw: str) -> frozenset[int]:
            exact = self._numbers(raw, by_letters)
            return exact | net.guesses[raw].numbers if net.words[raw].strange else exact

        return net.planes.missing(union([s.own for s in read]) | self._in_place(found, stretches, poll, numbers)) == 0

    def _numbers(self, raw: str, by_letters: bool) -> frozenset[int]:
        seen = self._all.words[raw]
        return seen.numbers | seen.typed.numbers if by_letters and seen.typed else seen.numbers

    def _in_place(self, candidates: Sequence[Said], stretches: Sequence[str], poll: bool, numbers: Callable[[str], frozenset[int]]) -> int:
        """Bits of the candidates whose words follow each other; numbers: of a word as it is written; poll: what it asks comes last."""
        wanted = frozenset(n for _, needed in candidates if len(needed) > 1 for item in needed for n in item)
        where: dict[int, list[int]] = {}
        if wanted:
            read = [numbers(raw) for s in stretches for raw in words(s)]
            for t, found in enumerate([*read, self._all.asked.numbers] if poll else read):
                for number in found & wanted:
                    where.setdefault(number, []).append(t)
        out = 0
        for bits, needed in candidates:
            if bits & ~out and (len(needed) == 1 or _in_order(needed, where)):
                out |= bits
        return out


def _in_order(needed: Sequence[frozenset[int]], where: Mapping[int, list[int]]) -> bool:
    """Whether words of these numbers follow each other."""
    if any(map(where.keys().isdisjoint, needed)):
        return False
    places = [sorted([t for n in item if n in where for t in where[n]]) for item in needed]
    for at in places[0]:
        last = at
        for more in places[1:]:
            last = next((t for t in more if last <= t <= last + _NEAR), -1)
            if last < 0:
                break
        else:
            return True
    return False


def _names(seen: Seen) -> bool:
    return seen.names or seen.opens_name or (seen.typed is not None and _names(seen.typed))


def _asks_for_name(frame: Frame) -> bool:
    """Whether nothing meets it without a group's name."""
    return any(all(element.meaning in NAMING for element in place) for place in frame.all)
