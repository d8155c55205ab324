"""Finds out whether a family's list entry would hide the bare name of a people, a faith or another group: such an entry is warned of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from safeguard.matching.lists import Hit, Lists
from safeguard.ruleset.model import TAG_BIT, CompiledRules, Endings, ListRule
from safeguard.text.tokens import tokenize
from safeguard.text.unit import Segment, TextUnit

NAMES = ("GROUP", "COUNTRY")
TEXTUAL = ("word", "exact", "phrase", "hashtag", "fuzzy", "regex")
_BASE = (TAG_BIT["nom"] | TAG_BIT["inf"], TAG_BIT["sg"], TAG_BIT["pl"])


class Harmless:
    """Texts that one entry after another is tried on: their words are read once, which takes longer than to look for an entry."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = tuple(texts)
        self._units = [TextUnit.of(t) for t in self.texts]

    @cached_property
    def _words(self) -> list[tuple[str, ...]]:
        shared: dict[str, str] = {}
        read = (dict.fromkeys(w for segments in _readings(u) for w in tokenize(segments).word) for u in self._units)
        return [tuple([shared.setdefault(w, w) for w in words]) for words in read]

    def find(self, lists: Lists) -> list[list[Hit]]:
        """What the entries find in each text, as `find` does."""
        if not lists.worded:
            return find(lists, self._units)
        found = [n for n, words in enumerate(self._words) if any(map(lists.begins, words))]
        worded = dict(zip(found, find(lists, [self._units[n] for n in found]), strict=True))
        beside = lists.beside(self._units)
        return [worded[n] if n in worded else beside.get(n, []) for n in range(len(self._units))]


class Names:
    """The bare names of the groups of these rules."""

    def __init__(self, rules: CompiledRules) -> None:
        self.rules = rules

    @cached_property
    def _all(self) -> list[tuple[str, str]]:
        return list(_names(self.rules))

    @cached_property
    def _bare(self) -> Harmless:
        return Harmless([name for name, _ in self._all])

    @cached_property
    def _marked(self) -> Harmless:
        return Harmless(["#" + name for name, _ in self._all])

    def hidden(self, entry: ListRule, one: Lists) -> str:
        """Title of a group whose bare name the entry would hide, "" where there is none; a slur is no name. one: finds that entry alone."""
        if not entry.hide or entry.what not in TEXTUAL:
            return ""
        if entry.what != "regex":
            words = [w.lstrip("#") for w in tokenize((Segment(entry.value.rstrip("*")),)).word]
            found = [_group_of(self.rules, w) for w in words]
            if words and all(found):
                return _title(self.rules, found[0])
        met = (self._marked if entry.what == "hashtag" else self._bare).find(one)
        groups = (group for (_, group), hits in zip(self._all, met, strict=True) if any(not h.cut for h in hits))
        return next((_title(self.rules, group) for group in groups), "")


def find(lists: Lists, units: Sequence[TextUnit]) -> list[list[Hit]]:
    """What the entries find in each unit, without the engine's long start; hashtags count as their words, too."""
    beside = lists.beside(units)
    out = []
    for n, unit in enumerate(units):
        hits = beside.get(n, [])
        if lists.worded:
            first, *bare = _readings(unit)
            hits = lists.find(tokenize(first)) + hits
            if not hits and bare:
                hits = lists.find(tokenize(bare[0]))
        out.append(hits)
    return out


def _readings(unit: TextUnit) -> list[Sequence[Segment]]:
    """The segments as they are, and with hashtags as words where there are any."""
    if not any("#" in s.text for s in unit.segments):
        return [unit.segments]
    return [unit.segments, [s._replace(text=s.text.replace("#", " ")) for s in unit.segments]]


def _group_of(rules: CompiledRules, word: str) -> str:
    """The group that this word, in whatever form, names; "" for any other word."""
    native = rules.stems[""]
    named, insulted = {}, set()
    for cut in range(len(word), 0, -1):
        for endings, sense in native.get(word[:cut], ()):
            if sense.word < 0 and sense.group and (endings is None or word[cut:] in endings):
                if sense.meaning == "SLUR":
                    insulted.add(sense.group)
                elif sense.meaning in NAMES:
                    named[sense.group] = True
    return next((group for group in named if group not in insulted), "")


def _names(rules: CompiledRules) -> Iterator[tuple[str, str]]:
    """(name, group id) of every name, of one word or more, in the forms a dictionary has."""
    seen: set[str] = set()
    words: dict[int, str] = {}
    bases: dict[int, list[str]] = {}
    for stem, senses in rules.stems[""].items():
        slurs = {s.group for _, s in senses if s.meaning == "SLUR"}
        for endings, sense in senses:
            if id(endings) not in bases:
                bases[id(endings)] = _base(endings)
            if sense.word >= 0:
                words.setdefault(sense.word, stem + bases[id(endings)][0])
            elif sense.meaning in NAMES and sense.group and sense.group not in slurs:
                for name in (stem + e for e in bases[id(endings)]):
                    if name not in seen:
                        seen.add(name)
                        yield name, sense.group
    phrases = {id(p): p for found in rules.phrases.values() for p in found}.values()
    insults = {(p.items, p.group) for p in phrases if p.meaning == "SLUR"}
    for p in phrases:
        if p.meaning in NAMES and p.group and p.literal and (p.items, p.group) not in insults:
            name = " ".join(words[min(i.words)] for i in p.needed if i.words)
            if name not in seen:
                seen.add(name)
                yield name, p.group


def _base(endings: Endings | None) -> list[str]:
    """The endings of the forms that stand in a dictionary, and of the plural; for a word that may end in anything, none."""
    out = []
    for bits in _BASE if endings else ():
        fit = [e for e, tags in (endings or {}).items() if tags & bits]
        out += sorted(fit, key=lambda e: (len(e), e))[:2]
    return list(dict.fromkeys(out)) or [min(endings, key=len) if endings else ""]


def _title(rules: CompiledRules, group: str) -> str:
    return rules.groups[group].title if group in rules.groups else group
