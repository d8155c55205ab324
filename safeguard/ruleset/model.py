"""Rules as values: what the parser makes of the files, and the compiled tables the engine reads."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from safeguard.ruleset.packed import PhraseIndex, Records, Slips, Stems

LANGS = ("en", "ru", "tr", "az", "hy")
TONE = "tone"  # what switches off a finding in a text whose words sound otherwise (matching/tone.py)
SCORED = "scored."  # begins the ids of findings by weights
TRAITS = ("plural", "singular", "slur", "carried", "quoted", "question")  # of the name around which weights are added up
FOUND = ("harmful", "off", "quoted", "named", "points")  # what counts for the tone beside words
OTHER = "other"  # languages we have no rules for: known by their little words, so that a text in them meets no rule by chance
LANG_BIT = {lang: 1 << i for i, lang in enumerate((*LANGS, OTHER))}
ANY_LANG = (1 << len(LANGS)) - 1

TAGS = (
    "inf", "imp", "fut", "opt", "ought", "past", "pres", "ptcp", "pass", "noun", "cond", "neg",
    "sg", "pl", "adj", "nom", "gen", "dat", "acc", "ins",
)  # fmt: skip
TAG_BIT = {tag: 1 << i for i, tag in enumerate(TAGS)}
NEG = TAG_BIT["neg"]

CATEGORIES = (
    "incitement", "threat", "personal_threat", "dehumanisation", "derogation", "slur", "expulsion", "glorification", "atrocity_mockery",
)  # fmt: skip

# Meanings whose words count in any language's sentence.
FREE = frozenset({"GROUP", "COUNTRY", "SLUR"})
# Phrases of these meanings take the words inside them out of play.
SWALLOWING = frozenset({"IDIOM", "THING"})

Endings = Mapping[str, int]
"""Folded ending -> bits of TAGS."""


class Sense(NamedTuple):
    """What a word may mean.

    word:   number of a phrase's word this is (then meaning is ""), or -1; tags: added to the ending's.
    source: a group's name as it is written, else "".
    exact:  the stem's very letters (text.fold.exact) where the text must be spelt with them, else "".
    """

    meaning: str
    tags: int
    langs: int
    group: str
    word: int
    source: str
    exact: str = ""


class Item(NamedTuple):
    """One place in a phrase: any of `words` (numbers), or a mention of `meaning` with one of `tags`; else a gap of up to `gap` words."""

    words: frozenset[int] = frozenset()
    meaning: str = ""
    tags: int = 0
    optional: bool = False
    gap: int = 0
    negated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A sequence of items that carries a meaning.

    literal: no item refers to a meaning; needed: the items that must be there, whichever way the phrase is said.
    """

    meaning: str
    tags: int
    langs: int
    group: str
    items: tuple[Item, ...]
    literal: bool
    needed: tuple[Item, ...]

    @classmethod
    def of(cls, meaning: str, tags: int, langs: int, group: str, items: tuple[Item, ...]) -> Phrase:
        """The phrase of these items."""
        needed = tuple(i for i in items if not (i.optional or i.gap or i.negated))
        return cls(meaning, tags, langs, group, items, not any(i.meaning for i in items), needed)


class Element(NamedTuple):
    """`MEANING:tag|tag`: tags 0 = any; forbidden = tags it must not have; neg: "no" (default), "only" or "also"."""

    meaning: str
    tags: int = 0
    forbidden: int = 0
    neg: str = "no"

    def matches(self, meaning: str, tags: int) -> bool:
        if meaning != self.meaning or tags & self.forbidden:
            return False
        if (self.neg == "no" and tags & NEG) or (self.neg == "only" and not tags & NEG):
            return False
        return not self.tags or bool(tags & self.tags)


Alternatives = tuple[Element, ...]


class _Pickled:
    """Pickles as its fields; a dataclass with slots would have them set one by one, in five times the time."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return type(self), tuple([getattr(self, name) for name in self.__slots__])


@dataclass(frozen=True, slots=True)
class Frame(_Pickled):
    """Meanings that together make a finding; see rules/README.md for each field. gap -1: 6 within a sentence or clause, else any."""

    id: str
    category: str
    severity: int
    score: float
    why: str
    all: tuple[Alternatives, ...]
    gap: int = -1
    scope: str = "sentence"
    ordered: bool = False
    initial: bool = False
    blockers: tuple[Element, ...] = ()
    langs: int = ANY_LANG
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Context(_Pickled):
    """What turns findings off; see rules/README.md for each field."""

    id: str
    why: str
    any: tuple[tuple[Alternatives, ...], ...]
    quoted: bool = False
    reach: str = "sentence"
    position: str = "any"
    gap: int = 12
    off: frozenset[str] = frozenset()
    when: Alternatives = ()
    unless: Alternatives = ()
    weaken: float = 0.0
    langs: int = ANY_LANG
    file: str = ""
    line: int = 0


class Weight(NamedTuple):
    """Points of a meaning near a group's name, and farther off (in its sentence or the next); category: what it speaks for, or ""."""

    element: Element
    near: float
    far: float
    category: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """A table of points; see rules/README.md.

    near: words; base: points of the name itself; harmful, suspect: sums from which it is so; doubt: sum up to which a frame's finding
    is no more than suspect.
    """

    near: int
    base: float
    harmful: float
    suspect: float
    doubt: float
    traits: Mapping[str, float]
    weights: tuple[Weight, ...]
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Tone(_Pickled):
    """How a text sounds: points of all its words, and of what else was found in it; see rules/README.md.

    base: points of any text; harmful, suspect: sums from which one that names a group is so; unnamed: from which any other is harmful;
    doubt: a sum up to which no finding counts; few: a text of fewer words counts as one of so many; found: what of FOUND counts how much;
    taken: meaning -> what its words are taken as; words: a word, its beginning (`kill*`) or what it is taken as (`<group>`) -> points;
    categories: of words for hate -> category.
    """

    base: float
    harmful: float
    suspect: float
    unnamed: float
    doubt: float
    few: int
    found: Mapping[str, float]
    taken: Mapping[str, str]
    words: Mapping[str, float] = field(default_factory=dict, repr=False)
    categories: Mapping[str, str] = field(default_factory=dict, repr=False)
    file: str = ""
    line: int = 0

    def __reduce__(self) -> tuple[Callable[..., Tone], tuple[object, ...]]:
        """Tens of thousands of words as a few long values, which are read sooner."""
        names = ("", *dict.fromkeys(self.categories.values()))
        numbers = {name: number for number, name in enumerate(names)}
        of = bytes([numbers[self.categories.get(word, "")] for word in self.words])
        others = {name: getattr(self, name) for name in self.__slots__ if name not in ("words", "categories")}
        return _tone, ("\n".join(self.words), array("d", self.words.values()), of, names, others)


def _tone(words: str, points: array[float], of: bytes, names: tuple[str, ...], others: dict[str, Any]) -> Tone:
    """The tone out of its pickle; of: for each word the number of its category's name."""
    known = words.split("\n") if words else []
    categories = {word: names[number] for word, number in zip(known, of, strict=True) if number}
    return Tone(words=dict(zip(known, points, strict=True)), categories=categories, **others)


class Group(NamedTuple):
    """A protected group. kind: people, faith, women, … ; title: for people to read."""

    id: str
    kind: str
    title: str


class ListRule(NamedTuple):
    """One entry of a simple list; hide False = allow.

    what: word | phrase (in all their forms) | exact | regex | fuzzy | account | link | hashtag; lang: of its words, "" to be guessed.
    """

    id: str
    what: str
    value: str
    hide: bool
    expires: str = ""
    lang: str = ""


class OwnWord(NamedTuple):
    """A word of a parent's list and its forms: each a stem with the endings it may take (None: any).

    exact: its very letters where the text must be spelt so, else ""; slips: letters that may be wrong; langs: those it is taken for.
    """

    word: str
    forms: tuple[tuple[str, Endings | None], ...]
    exact: str = ""
    slips: int = 0
    langs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListTable:
    """All lists, ready to be found.

    words:   the words that stand in them, each once;
    worded:  (entry, the numbers of its words in order, which of them a text is searched for: the one least likely in any text);
    beside:  entries that are not words: accounts, links, patterns;
    also:    words of a text from which an entry may follow, beside those searched for (the prefix of a verb written apart).
    """

    words: tuple[OwnWord, ...] = ()
    worded: tuple[tuple[ListRule, tuple[int, ...], int], ...] = ()
    beside: tuple[ListRule, ...] = ()
    also: frozenset[str] = frozenset()


class Shape(NamedTuple):
    """The end of a word as a pattern, and for words that end so (letters to cut, letters to put there, class)."""

    end: str
    classes: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Inflection:
    """How words of parents' lists are inflected.

    shapes: language -> rows, the first that fits counts; classes: (language, class) -> (prefix, endings) it stands for;
    pairs:  language -> how likely three letters follow each other in it (logarithms), for languages of one alphabet.
    """

    shapes: Mapping[str, tuple[Shape, ...]] = field(default_factory=dict)
    classes: Mapping[tuple[str, str], tuple[tuple[str, Endings], ...]] = field(default_factory=dict)
    pairs: Mapping[str, Mapping[str, float]] = field(default_factory=dict, repr=False)


class Example(NamedTuple):
    """A text a rule must hit or miss. todo: a known gap, kept but not failing."""

    rule: str
    lang: str
    text: str
    hit: bool
    todo: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """Everything the engine needs, immutable. What there is much of is packed (ruleset/packed.py).

    stems:    stem -> senses with the endings each may take (None: any ending); by reading: "" native, "ru" and "hy" skeletons.
    phrases:  found by the rarest (over all phrases) of the words they cannot do without; those of meanings alone by their first.
    openings: the same for the gate, by words or meanings, whichever is rarer.
    slips:    stems that an unknown word may be misspelt for.
    asked:    the meanings that phrases ask for.
    scored:   category -> the rule that findings by weights bear.
    told:     the examples, packed.
    """

    stems: Mapping[str, Stems]
    phrases: PhraseIndex
    openings: PhraseIndex
    slips: Slips
    asked: frozenset[str]
    frames: tuple[Frame, ...]
    contexts: tuple[Context, ...]
    groups: Mapping[str, Group]
    lists: tuple[ListRule, ...] = ()
    lists_off: frozenset[str] = frozenset()
    listed: ListTable = field(default_factory=ListTable, repr=False)
    inflection: Inflection = field(default_factory=Inflection, repr=False)
    ordinary: frozenset[str] = frozenset()
    weights: Weights | None = None
    tone: Tone | None = None
    scored: Mapping[str, Frame] = field(default_factory=dict)
    told: Records | None = field(default=None, repr=False)
    version: str = ""

    @property
    def examples(self) -> tuple[Example, ...]:
        """Every example of the rules; taken apart anew each time, as nothing that judges needs any."""
        return tuple([Example(*self.told[n]) for n in range(len(self.told))]) if self.told else ()

    @property
    def findings(self) -> tuple[Frame, ...]:
        """Every rule that a finding may bear: the frames, and those by weights."""
        return (*self.frames, *self.scored.values())

    @property
    def whys(self) -> dict[str, str]:
        """What a finding bears, or is switched off by -> why it is there, in a sentence for people."""
        tone = {TONE: "All words of the text together sound like none that means harm (rules/weights/tone.yaml)."}
        return {r.id: r.why for r in self.findings} | {c.id: c.why for c in self.contexts} | tone

    @property
    def titles(self) -> dict[str, str]:
        """Group -> its title."""
        return {name: group.title for name, group in self.groups.items()}
