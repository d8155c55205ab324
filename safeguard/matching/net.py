"""What the gate knows of words: which places of frames each can fill by itself, and which phrases it opens, remembered as it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from safeguard.matching.lazy import Lazy, Remembered, RememberedText
from safeguard.matching.lookup import SKELETON, Ann, Lookup, as_spelt
from safeguard.matching.mentions import NAMING, NUMBER, TYPED_SHARE
from safeguard.matching.planes import Planes, union
from safeguard.ruleset.model import ANY_LANG, LANG_BIT, CompiledRules
from safeguard.text.tokens import by_machine, folded, stretch_words, unglued

_BITS = 24  # of a field of weights
_MOST = (1 << _BITS) - 1
_FIELD = {bit: 1 << n * _BITS for n, bit in enumerate(LANG_BIT.values())}
_TYPED = [_FIELD[LANG_BIT[lang]] for lang in ("ru", "az", "hy")]
_TYPED_SHARE = TYPED_SHARE - 0.05  # not less than the reader lets through, whose words may be cut a little otherwise
Said = tuple[int, tuple[frozenset[int], ...]]
"""The bits of a phrase, and for every word it cannot do without the numbers that will do."""


class Seen(NamedTuple):
    """What the gate remembers of a word, or of a stretch without blanks.

    own:     bits of its own meanings;
    numbers: the phrases' words it may be;      opening: the phrases that these open with others;
    guess:   the same of what it may be misspelt for;
    strange: the text itself where a word of it stands in no lexicon and no guess has been made yet;
    typed:   the same of what it may be typed in another alphabet; weights: how much it says for each language, a field of bits each;
    singles: letters that stand alone in it;    listed: a parent's list may begin with it;
    names: it may be a group's name;            opens_name: it opens a phrase that may be one.
    """

    own: int = 0
    numbers: frozenset[int] = frozenset()
    opening: tuple[_Opened, ...] = ()
    strange: str = ""
    singles: int = 0
    listed: bool = False
    names: bool = False
    opens_name: bool = False
    guess: Seen | None = None
    typed: Seen | None = None
    weights: int = 0


class _Opened(NamedTuple):
    """The phrases that a word opens. alone: bits of those that need no other; by_other: the others, by one more word they need (others);

    names: one of them may be a group's name; all: the bits of each meaning there is among the others.
    """

    alone: int
    others: frozenset[int]
    by_other: dict[int, list[Said]]
    names: bool
    all: tuple[int, ...]


NOTHING = Seen()


class Net:
    """Of one set of frames, what words can fill of them; a word's answer depends on the word alone, so it is remembered.

    listed: whether a folded word may begin what stands in a parent's list; None where there are no lists;
    same: a text without blanks of which the same is known.
    """

    def __init__(
        self,
        rules: CompiledRules,
        lookup: Lookup,
        planes: Planes,
        listed: Callable[[str], bool] | None = None,
        same: Callable[[str], str] | None = None,
    ) -> None:
        self.planes = planes
        self._lookup = lookup
        self._listed = listed
        self._phrases = rules.phrases
        self._openings = rules.openings
        # What phrases ask for by meaning has numbers too, below those of words.
        self._flags = {meaning: -2 - n for n, meaning in enumerate(sorted(rules.asked))}
        self._meanings = {flag: meaning for meaning, flag in self._flags.items()}
        # One number for all phrases of a meaning: it is long.
        self._said_bits: Lazy[tuple[str, int], int] = Lazy(lambda key: self._said_by(*key))
        self._says = Lazy(self._says_by)
        self._meant = Lazy(self._meant_by)
        self._opened = Lazy(self._opened_by)
        self._kept: dict[int, int] = {}  # long numbers, once each
        self.asked = self._opening(planes.any_of("OUGHT", ANY_LANG), self._meant["OUGHT"])
        self.words: Remembered[str, Seen] = Remembered(self._known)
        self.guesses: Remembered[str, Seen] = Remembered(self._guess)
        self._stretches: RememberedText[Seen] = RememberedText(self._stretch, same)
        self.readings: RememberedText[Seen] = RememberedText(self._readings, same)
        self.reach: RememberedText[int] = RememberedText(self._reach, same)

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

    def _needs(self, number: int) -> list[Said]:
        """Of each phrase that is opened by a word (the one least likely in any text) its bits and the words it cannot do without."""
        out: list[Said] = []
        for phrase in self._openings.get(self._meanings.get(number, number), ()):
            if bits := self._said_bits[phrase.meaning, phrase.langs]:
                out.append((bits, tuple(i.words or frozenset((self._flags[i.meaning],)) for i in phrase.needed)))
        return out

    def _said_by(self, meaning: str, langs: int) -> int:
        bits = self.planes.any_of(meaning, langs)
        return bits | self.planes.any_of("GROUP", ANY_LANG) if meaning in NAMING else bits

    def _opened_by(self, number: int) -> _Opened | None:
        """The phrases that a word opens; None for none."""
        alone = 0
        pairs: dict[int, list[Said]] = {}
        for said in self._needs(number):
            others = [w for w in said[1] if number not in w]
            if others:
                for other in min(others, key=len):
                    pairs.setdefault(other, []).append(said)
            else:
                alone |= said[0]
        all_ = tuple({bits for found in pairs.values() for bits, _ in found})
        return _Opened(alone, frozenset(pairs), pairs, any(map(self.planes.names, all_)), all_) if alone or pairs else None

    def _one(self, bits: int) -> int:
        """The same long number, kept once."""
        return self._kept.setdefault(bits, bits)

    def _known(self, raw: str) -> Seen:
        spoken = self._lookup.spoken_as(raw)
        meant = [self._lookup.meant(part) for part, _ in spoken]
        anns = [a for m, (_, piece) in zip(meant, spoken, strict=True) for a in as_spelt(m, piece)]
        typed = self._seen([a for a in anns if a.quality == SKELETON])
        weights = sum(_FIELD[bit] * round(weight * 10) for m in meant for bit, weight in m.weights if m.spoken)
        return self._seen([a for a in anns if a.quality != SKELETON])._replace(
            typed=typed if typed != NOTHING else None,
            weights=weights + (10 * _FIELD[LANG_BIT["az"]] if "ə" in raw or "Ə" in raw else 0),
            strange=raw if len(raw) > 2 and not raw.isdigit() and not self._lookup.knows(folded(raw)) else "",
            singles=int(len(raw) == 1),
            listed=self._listed is not None and any(map(self._listed, [*[p for p, _ in spoken], *map(folded, unglued(raw))])),
        )

    def _seen(self, anns: Sequence[Ann]) -> Seen:
        plain = {a.sense.word for a in anns if a.sense.word >= 0}
        numbers = frozenset(plain).union(*[self._says[n] for n in plain], *[self._meant[a.sense.meaning] for a in anns])
        own = union(self.planes.of(a.sense.meaning, a.tags, a.sense.langs) for a in anns)
        for a in anns:
            if a.sense.meaning in NAMING:  # a pronoun or a poll's option may stand for it
                own |= self.planes.of("GROUP", a.tags & NUMBER, ANY_LANG)
        return self._opening(own, numbers)

    def _opening(self, own: int, numbers: frozenset[int]) -> Seen:
        opened = {n: o for n in numbers if (o := self._opened[n])}
        own |= union([o.alone for o in opened.values()])
        begun = tuple([o for o in opened.values() if o.others])
        opens_name = any(o.names for o in opened.values())
        return Seen(self._one(own), numbers, begun, names=self.planes.names(own), opens_name=opens_name)

    def _guess(self, raw: str) -> Seen:
        """An unknown word taken as misspelt or as two run together."""
        word = folded(raw)
        anns: tuple[Ann, ...] = ()
        if word and not self._lookup.knows(word):
            anns = (*self._lookup.misspelt(word), *(a for half in self._lookup.halves(word) for a in self._lookup.word(half)))
        seen = self._seen(anns)
        return seen if seen != NOTHING else NOTHING

    def _stretch(self, text: str) -> Seen:
        """A text without blanks: its words taken together."""
        if by_machine(text):
            return NOTHING
        found = [self.words[raw] for raw in stretch_words(text)]
        if len(found) == 1:
            made = found[0]._replace(strange=text if found[0].strange else "")
            return made if made != NOTHING else NOTHING
        made = Seen(
            union(s.own for s in found),
            frozenset(n for s in found for n in s.numbers),
            tuple(o for s in found for o in s.opening),
            text if any(s.strange for s in found) else "",
            sum(s.singles for s in found),
            any(s.listed for s in found),
            any(s.names for s in found),
            any(s.opens_name for s in found),
            typed=self._joined([s.typed for s in found if s.typed]) if any(s.typed for s in found) else None,
            weights=sum(s.weights for s in found),
        )
        return made if made != NOTHING else NOTHING

    def told(self, stretches: Sequence[str]) -> list[Seen]:
        """What is known of those stretches that say something; most are remembered."""
        return [t for t in map(self._stretches.__getitem__, stretches) if t is not NOTHING]

    def _readings(self, stretch: str) -> Seen:
        """A stretch with all that it may be typed or misspelt for."""
        met = self.told([stretch])
        read = [*met, *[s.typed for s in met if s.typed], *self.guessed(met, len(met))]
        made = self._joined(read) if read else NOTHING
        return made._replace(own=self._one(made.own)) if made != NOTHING else NOTHING

    def _reach(self, stretch: str) -> int:
        """What a stretch can fill in any reading, with whatever else: its own bits, and those of all that it opens."""
        read = self.readings[stretch]
        return self._one(union([read.own, *{bits for o in read.opening for bits in o.all}]))

    def _joined(self, found: Sequence[Seen]) -> Seen:
        """What several words may mean, taken together."""
        numbers = frozenset(n for s in found for n in s.numbers)
        opening = tuple(o for s in found for o in s.opening)
        names, opens_name = any(s.names for s in found), any(s.opens_name for s in found)
        return Seen(union(s.own for s in found), numbers, opening, names=names, opens_name=opens_name)

    def guessed(self, met: Sequence[Seen], most: int) -> list[Seen]:
        """What the unknown words among these stretches may be misspelt for, of `most` of them."""
        strange = [s for s in met if s.strange or s.guess]
        return [g for s in strange[:most] if (g := s.guess or self._guessed(s)) is not NOTHING]

    def _guessed(self, seen: Seen) -> Seen:
        """What the unknown words of a stretch may be misspelt for; remembered, so that it is asked once."""
        text = seen.strange
        guesses = [g for raw in stretch_words(text) if self.words[raw].strange and (g := self.guesses[raw]) is not NOTHING]
        made = self._joined(guesses) if guesses else NOTHING
        if text in self._stretches:
            plain = seen._replace(strange="", guess=made if guesses else None)
            self._stretches[text] = plain if plain != NOTHING else NOTHING
        return made

    def most(self, met: Sequence[Seen]) -> tuple[int, list[Said]]:
        """What these can fill at most, with the phrases all of whose words are among them; and these phrases."""
        found = self._candidates(met)
        return union([s.own for s in met] + [bits for bits, _ in found]), found

    def _candidates(self, met: Sequence[Seen]) -> list[Said]:
        """The phrases all of whose words, in any order, are among what is met."""
        out: list[Said] = []
        if opening := [o for s in met for o in s.opening]:
            numbers = frozenset().union(*[s.numbers for s in met])
            lacks = numbers.isdisjoint
            for opened in opening:
                if not lacks(opened.others):
                    for other in opened.others & numbers:
                        out += [said for said in opened.by_other[other] if len(said[1]) < 3 or not any(map(lacks, said[1]))]
        return out


def may_be_typed(met: Sequence[Seen]) -> bool:
    """Whether a unit has enough words of a language that can be typed in another alphabet."""
    weights = sum([s.weights for s in met])
    typed = max([weights // field & _MOST for field in _TYPED])
    return typed >= _TYPED_SHARE * max([weights // field & _MOST for field in _FIELD.values()])
