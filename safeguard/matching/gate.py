"""The gate before the engine: from the words alone, whether a unit can meet any frame. Most posts end here, so it takes all units at once.

What a word may add to a frame is one set of bits, a plane for each language (a finding's words agree in one), remembered for each stretch
without blanks as it is written; a unit's bits are their union. The gate may let through too much, never too little.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from safeguard.matching.lazy import REMEMBERED, Lazy, Remembered
from safeguard.matching.lookup import SKELETON, Ann, Lookup
from safeguard.matching.mentions import MOST_GUESSED, NAMING, NUMBER, TYPED_SHARE
from safeguard.matching.planes import Planes, union
from safeguard.matching.tone import Tone, sentences
from safeguard.ruleset.model import ANY_LANG, LANG_BIT, CompiledRules
from safeguard.text.tokens import SPACED, folded, stretch_words, unglued, words
from safeguard.text.unit import Role, Segment, TextUnit

_GUESSED = 2  # elements of a frame that may be misspelt words (matching/frames.py takes no more)
_SPELT_OUT = 3  # single letters in a text from which they may be a word spaced out
_NEAR = 24  # words between two neighbours of a phrase: its gaps, its optional words, phrases inside it
_LONGEST = 64  # code points of a stretch without blanks that is worth remembering
_BITS = 24  # of a field of weights
_MOST = (1 << _BITS) - 1
_FIELD = {bit: 1 << n * _BITS for n, bit in enumerate(LANG_BIT.values())}
_TYPED = [_FIELD[LANG_BIT[lang]] for lang in ("ru", "az", "hy")]
_TYPED_SHARE = TYPED_SHARE - 0.05  # not less than the reader lets through, whose words may be cut a little otherwise
# What machines write and nobody reads, in JSON among the texts: keys and hashes, tokens, colours.
_KEY = r"(?=(?:\D*\d){3})[0-9a-f]{12,}"
_TOKEN = r"(?=(?:\D*\d+){4})(?=(?:[^a-z]*[a-z]){4})(?=(?:[^A-Z]*[A-Z]){4})[\w+/=.-]{32,}"
_COLOUR = r"#(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{6}"
_MACHINE = re.compile(f"{_KEY}|{_TOKEN}|{_COLOUR}", re.ASCII)

_Said = tuple[int, tuple[frozenset[int], ...]]
"""The bits of a phrase, and for every word it cannot do without the numbers that will do."""


class _Seen(NamedTuple):
    """What the gate remembers of a word, or of a stretch without blanks.

    own:     bits of its own meanings;
    numbers: the phrases' words it may be;      opening: the phrases that these open with others;
    guess:   the same of what it may be misspelt for;
    strange: the text itself where a word of it stands in no lexicon and no guess has been made yet;
    typed:   the same of what it may be typed in another alphabet; weights: how much it says for each language, a field of bits each;
    singles: letters that stand alone in it;    bar: it has one, as polls do;         listed: a parent's list may begin with it;
    names: it may be a group's name;            opens_name: it opens a phrase that may be one.
    """

    own: int = 0
    numbers: frozenset[int] = frozenset()
    opening: tuple[_Opened, ...] = ()
    strange: str = ""
    singles: int = 0
    bar: bool = False
    listed: bool = False
    names: bool = False
    opens_name: bool = False
    guess: _Seen | None = None
    typed: _Seen | None = None
    weights: int = 0


class _Opened(NamedTuple):
    """The phrases that a word opens. alone: bits of those that need no other; by_other: the others, by one more word they need (others);

    names: one of them may be a group's name.
    """

    alone: int
    others: frozenset[int]
    by_other: dict[int, list[_Said]]
    names: bool


_NOTHING = _Seen()
_NAME, _SINGLE = 1e9, 1e4  # added to the points of a stretch that may name a group, and for each letter that stands alone


class Gate:
    """Says which units are worth reading, over one set of compiled rules.

    listed: whether a folded word may begin what stands in a parent's list; None where there are no lists.
    """

    def __init__(self, rules: CompiledRules, lookup: Lookup, tone: Tone, listed: Callable[[str], bool] | None = None) -> None:
        self._lookup = lookup
        self._tone = tone
        self._listed = listed
        self._planes = planes = Planes(rules)
        self._phrases = rules.phrases
        self._openings = rules.openings
        # What phrases ask for by meaning has numbers too, below those of words.
        self._flags = {meaning: -2 - n for n, meaning in enumerate(sorted(rules.asked))}
        self._meanings = {flag: meaning for meaning, flag in self._flags.items()}
        self._said_bits: Lazy[tuple[str, int], int] = Lazy(
            lambda key: self._said_by(*key)
        )  # one number for all phrases of a meaning: it is long
        self._says = Lazy(self._says_by)
        self._meant = Lazy(self._meant_by)
        self._opened = Lazy(self._opened_by)
        self._kept: dict[int, int] = {}  # long numbers, once each
        self._asked = self._opening(planes.any_of("OUGHT", ANY_LANG), self._meant["OUGHT"])
        self._words: Remembered[str, _Seen] = Remembered(self._known)
        self._guesses: Remembered[str, _Seen] = Remembered(self._guess)
        self._stretches: dict[str, _Seen] = {}
        self._tones: Remembered[str, float] = Remembered(self._tone_of)
        self._alone: Remembered[str, tuple[bool, bool]] = Remembered(lambda text: self._worth([Segment(text, Role.POST, 0)], text, [text]))

    def _says_by(self, number: int) -> frozenset[int]:
        """The flags of what the phrases found by a word mean."""
        return frozenset[int]().union(*[self._meant[p.meaning] for p in self._phrases.get(number, ())])

    def _meant_by(self, meaning: str) -> frozenset[int]:
        """The flags of a meaning and of what the phrases made of it alone mean."""
        found, todo = {meaning}, [meaning]
        while todo:
            new = {p.meaning for p in self._phrases.get(todo.pop(), ())} - found
            found |= new
            todo += new
        return frozenset(self._flags[m] for m in found if m in self._flags)

    def _needs(self, number: int) -> list[_Said]:
        """Of each phrase that is opened by a word (the one least likely in any text) its bits and the words it cannot do without."""
        out: list[_Said] = []
        for phrase in self._openings.get(self._meanings.get(number, number), ()):
            if bits := self._said_bits[phrase.meaning, phrase.langs]:
                out.append((bits, tuple(i.words or frozenset((self._flags[i.meaning],)) for i in phrase.needed)))
        return out

    def _said_by(self, meaning: str, langs: int) -> int:
        bits = self._planes.any_of(meaning, langs)
        return bits | self._planes.any_of("GROUP", ANY_LANG) if meaning in NAMING else bits

    def _opened_by(self, number: int) -> _Opened | None:
        """The phrases that a word opens; None for none."""
        alone = 0
        pairs: dict[int, list[_Said]] = {}
        for said in self._needs(number):
            others = [w for w in said[1] if number not in w]
            if others:
                for other in min(others, key=len):
                    pairs.setdefault(other, []).append(said)
            else:
                alone |= said[0]
        names = any(self._planes.names(bits) for found in pairs.values() for bits, _ in found)
        return _Opened(alone, frozenset(pairs), pairs, names) if alone or pairs else None

    def _known(self, raw: str) -> _Seen:
        parts = self._lookup.spoken(raw)
        meant = [self._lookup.meant(part) for part in parts]
        anns = [a for m in meant for a in m.anns]
        typed = self._seen([a for a in anns if a.quality == SKELETON])
        weights = sum(_FIELD[bit] * round(weight * 10) for m in meant for bit, weight in m.weights if m.spoken)
        return self._seen([a for a in anns if a.quality != SKELETON])._replace(
            typed=typed if typed != _NOTHING else None,
            weights=weights + (10 * _FIELD[LANG_BIT["az"]] if "ə" in raw or "Ə" in raw else 0),
            strange=raw if len(raw) > 2 and not raw.isdigit() and not self._lookup.knows(folded(raw)) else "",
            singles=int(len(raw) == 1),
            listed=self._listed is not None and any(map(self._listed, [*parts, *map(folded, unglued(raw))])),
        )

    def _seen(self, anns: Sequence[Ann]) -> _Seen:
        plain = {a.sense.word for a in anns if a.sense.word >= 0}
        numbers = frozenset(plain).union(*[self._says[n] for n in plain], *[self._meant[a.sense.meaning] for a in anns])
        own = union(self._planes.of(a.sense.meaning, a.tags, a.sense.langs) for a in anns)
        for a in anns:
            if a.sense.meaning in NAMING:  # a pronoun or a poll's option may stand for it
                own |= self._planes.of("GROUP", a.tags & NUMBER, ANY_LANG)
        return self._opening(own, numbers)

    def _opening(self, own: int, numbers: frozenset[int]) -> _Seen:
        opened = {n: o for n in numbers if (o := self._opened[n])}
        own |= union([o.alone for o in opened.values()])
        begun = tuple([o for o in opened.values() if o.others])
        opens_name = any(o.names for o in opened.values())
        return _Seen(self._kept.setdefault(own, own), numbers, begun, names=self._planes.names(own), opens_name=opens_name)

    def _guess(self, raw: str) -> _Seen:
        """An unknown word taken as misspelt or as two run together."""
        word = folded(raw)
        anns: tuple[Ann, ...] = ()
        if word and not self._lookup.knows(word):
            anns = (*self._lookup.misspelt(word), *(a for half in self._lookup.halves(word) for a in self._lookup.word(half)))
        seen = self._seen(anns)
        return seen if seen != _NOTHING else _NOTHING

    def _stretch(self, text: str) -> _Seen:
        """A text without blanks: its words taken together."""
        if _MACHINE.fullmatch(text):
            return _NOTHING
        found = [self._words[raw] for raw in stretch_words(text)]
        if len(found) == 1 and "|" not in text:
            made = found[0]._replace(strange=text if found[0].strange else "")
            return made if made != _NOTHING else _NOTHING
        made = _Seen(
            union(s.own for s in found),
            frozenset(n for s in found for n in s.numbers),
            tuple(o for s in found for o in s.opening),
            text if any(s.strange for s in found) else "",
            sum(s.singles for s in found),
            "|" in text,
            any(s.listed for s in found),
            any(s.names for s in found),
            any(s.opens_name for s in found),
            typed=self._joined([s.typed for s in found if s.typed]) if any(s.typed for s in found) else None,
            weights=sum(s.weights for s in found),
        )
        return made if made != _NOTHING else _NOTHING

    def _told(self, stretches: Sequence[str]) -> list[_Seen]:
        """What is known of those stretches that say something; most are remembered."""
        told = list(map(self._stretches.get, stretches))
        if None in told:
            if len(self._stretches) > REMEMBERED:
                self._stretches = {}
            fresh = {s: self._stretch(s) for s, t in zip(stretches, told, strict=True) if t is None}
            self._stretches.update((s, t) for s, t in fresh.items() if len(s) <= _LONGEST)
            told = [fresh[s] if t is None else t for s, t in zip(stretches, told, strict=True)]
        return [t for t in told if t is not None and t is not _NOTHING]

    def passing(self, units: Sequence[TextUnit]) -> list[tuple[int, bool]]:
        """The units worth reading, by number, each with whether it may meet a frame (else only a parent's list)."""
        out: list[tuple[int, bool]] = []
        for number, unit in enumerate(units):
            segments = unit.segments
            text = segments[0].text if len(segments) == 1 else "\n".join([s.text for s in segments])
            stretches = text.split()
            if len(stretches) == 1 and len(segments) == 1 and segments[0].role is not Role.POLL_OPTION and len(text) <= _LONGEST:
                framed, listed = self._alone[stretches[0]]
            else:
                framed, listed = self._worth(segments, text, stretches)
            if framed or listed:
                out.append((number, framed))
        return out

    def _worth(self, segments: Sequence[Segment], text: str, stretches: list[str]) -> tuple[bool, bool]:
        """Whether a unit may meet a frame, and whether a parent's list may begin in it."""
        points, singles, naming = self._points(stretches)
        named = naming and self._named(stretches)
        spaced = singles >= _SPELT_OUT and SPACED.search(text) is not None
        count = len(stretches)
        # What harmless words stand beside a sentence does not clear it: one that is heard is enough.
        heard = spaced or self._tone.heard(points, count, named)
        if not heard and len(parts := sentences(text)) > 1:
            heard = any(self._tone.heard(self._points(s)[0], len(s), named) for _, s in parts if s)
        if not heard and self._listed is None:
            return False, False
        met = self._told(stretches)
        framed = heard and (spaced or self._tone.enough(points, count, named) or self._near(met, segments, stretches))
        return framed, self._listed is not None and any(s.listed for s in met)

    def _named(self, stretches: Sequence[str]) -> bool:
        """Whether some word, or a phrase all of whose words are there, may name a group."""
        met = self._told(stretches)
        read = [*met, *[s.typed for s in met if s.typed]]
        return any(s.names for s in read) or any(self._planes.names(bits) for bits, _ in self._candidates(read))

    def _points(self, stretches: Sequence[str]) -> tuple[float, int, bool]:
        """Points of all words, letters that stand alone, and whether a word may name a group or open a phrase that does."""
        all_ = sum(map(self._tones.__getitem__, stretches))
        names = round(all_ / _NAME)
        singles = round((all_ - names * _NAME) / _SINGLE)
        return all_ - names * _NAME - singles * _SINGLE, singles, names > 0

    def _tone_of(self, stretch: str) -> float:
        seen = self._told([stretch])
        return self._tone.of_stretch[stretch] + sum([s.singles * _SINGLE + _names(s) * _NAME for s in seen])

    def lets(self, unit: TextUnit) -> bool:
        """Whether the unit may meet a frame."""
        return any(framed for _, framed in self.passing([unit]))

    def _near(self, met: list[_Seen], segments: Sequence[Segment], stretches: list[str]) -> bool:
        """Whether a unit of these stretches may meet a frame; met: what is known of those that say something."""
        bar = any(s.bar for s in met) or any(segment.role is Role.POLL_OPTION for segment in segments)
        typed = [s.typed for s in met if s.typed]
        by_letters = bool(typed) and self._may_be_typed(sum(s.weights for s in met))
        read = [*met, *typed] if by_letters else met
        if bar:
            read = [*read, self._asked]
        found = self._candidates(read)
        missing = self._planes.missing(union([s.own for s in read] + [bits for bits, _ in found]))
        if missing > _GUESSED:
            return False
        if not missing:
            placed = self._in_place(found, stretches, bar, lambda raw: self._numbers(raw, by_letters))
            missing = self._planes.missing(union([s.own for s in read]) | placed)
        if not missing or missing > _GUESSED:
            return not missing
        strange = [s for s in met if s.strange or s.guess]
        guesses = [g for s in strange[:MOST_GUESSED] if (g := s.guess or self._guessed(s)) is not _NOTHING]
        return bool(guesses) and self._near_by_guess([*read, *guesses], stretches, by_letters, bar)

    def _near_by_guess(self, read: list[_Seen], stretches: list[str], by_letters: bool, bar: bool) -> bool:
        """Whether it may with unknown words taken as misspelt; read: with what these may be."""
        found = self._candidates(read)
        own = union([s.own for s in read])
        if self._planes.missing(own | union([bits for bits, _ in found])):
            return False

        def numbers(raw: str) -> frozenset[int]:
            exact = self._numbers(raw, by_letters)
            return exact | self._guesses[raw].numbers if self._words[raw].strange else exact

        return self._planes.missing(own | self._in_place(found, stretches, bar, numbers)) == 0

    def _numbers(self, raw: str, by_letters: bool) -> frozenset[int]:
        seen = self._words[raw]
        return seen.numbers | seen.typed.numbers if by_letters and seen.typed else seen.numbers

    @staticmethod
    def _may_be_typed(weights: int) -> bool:
        """Whether a unit has enough words of a language that can be typed in another alphabet."""
        typed = max([weights // field & _MOST for field in _TYPED])
        return typed >= _TYPED_SHARE * max([weights // field & _MOST for field in _FIELD.values()])

    def _joined(self, found: Sequence[_Seen]) -> _Seen:
        """What several words may mean, taken together."""
        numbers = frozenset(n for s in found for n in s.numbers)
        opening = tuple(o for s in found for o in s.opening)
        names, opens_name = any(s.names for s in found), any(s.opens_name for s in found)
        return _Seen(union(s.own for s in found), numbers, opening, names=names, opens_name=opens_name)

    def _guessed(self, seen: _Seen) -> _Seen:
        """What the unknown words of a stretch may be misspelt for; remembered, so that it is asked once."""
        text = seen.strange
        guesses = [g for raw in stretch_words(text) if self._words[raw].strange and (g := self._guesses[raw]) is not _NOTHING]
        made = self._joined(guesses) if guesses else _NOTHING
        if text in self._stretches:
            plain = seen._replace(strange="", guess=made if guesses else None)
            self._stretches[text] = plain if plain != _NOTHING else _NOTHING
        return made

    def _candidates(self, met: Sequence[_Seen]) -> list[_Said]:
        """The phrases all of whose words, in any order, are among what is met."""
        out: list[_Said] = []
        if opening := [o for s in met for o in s.opening]:
            numbers = frozenset().union(*[s.numbers for s in met])
            lacks = numbers.isdisjoint
            for opened in opening:
                if not lacks(opened.others):
                    for other in opened.others & numbers:
                        out += [said for said in opened.by_other[other] if len(said[1]) < 3 or not any(map(lacks, said[1]))]
        return out

    def _in_place(self, candidates: Sequence[_Said], stretches: Sequence[str], bar: bool, numbers: Callable[[str], frozenset[int]]) -> int:
        """Bits of the candidates whose words follow each other; numbers: of a word as it is written; bar: what a poll asks comes last."""
        wanted = frozenset(n for _, needed in candidates if len(needed) > 1 for item in needed for n in item)
        where: dict[int, list[int]] = {}
        if wanted:
            read = [numbers(raw) for s in stretches for raw in words(s)]
            for t, found in enumerate([*read, self._asked.numbers] if bar else read):
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


def _names(seen: _Seen) -> bool:
    return seen.names or seen.opens_name or (seen.typed is not None and _names(seen.typed))
