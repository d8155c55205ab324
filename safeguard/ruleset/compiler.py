"""Parsed rules joined into the tables the engine reads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from safeguard.errors import Problem, RuleError
from safeguard.language import _
from safeguard.ruleset.entries import Part, Word
from safeguard.ruleset.model import ANY_LANG, LANG_BIT, CompiledRules, Endings, Inflection, ListRule, Tone
from safeguard.ruleset.own_words import classes_of, likelihoods, listed
from safeguard.ruleset.packed import (
    LONGEST_SLIP,
    Classes,
    EndingTables,
    Packed,
    PhraseIndex,
    Phrases,
    Records,
    Senses,
    Slips,
    Stems,
)
from safeguard.ruleset.parser import LexLine, RawRules, parse
from safeguard.text.fold import exact, fold
from safeguard.text.tokens import folded, tokenize, words
from safeguard.text.translit import hy_skeleton, ru_skeleton
from safeguard.text.unit import Segment

_SKELETON = {"ru": ru_skeleton, "hy": hy_skeleton}
_EXACT: Endings = {"": 0}
_COMMON = 10**6  # what once in an everyday text counts as, and a little word where there are no such texts
_NEVER = 10**12
_TOGETHER = 2000  # words folded at once
_LITTLE = 3  # letters below which a word is one
_SHORTEST_SLIP = 4
_OFTEN = 2  # everyday texts in which a word stands that is no misspelt one


Said = tuple[str, int, int, str, int, str, str]
"""A sense while rules are compiled, as plain values: there are tens of thousands."""
Place = tuple[tuple[int, ...], str, int, bool, int, bool]
"""An item of phrases, the same way."""


class _Form(NamedTuple):
    """One way in which the words of a class are said; skeleton: number of its endings in another alphabet; tags: added to the word's."""

    prefix: str
    table: int
    skeleton: int
    tags: int


class _Builder:
    """Gathers what the lines say. Much of it is said many times: words and places are looked at once each."""

    def __init__(self, raw: RawRules) -> None:
        self.raw = raw
        self.problems: list[Problem] = []
        self.senses: dict[Said, int] = {}
        self.endings: list[Endings] = []
        self.numbers: dict[int, int] = {}  # id of a table of endings -> its number in `endings`, from 1
        # reading -> stem -> number of endings, number of a sense, and so on in turn
        self.stems: dict[str, dict[str, list[int]]] = {"": {}, "ru": {}, "hy": {}}
        self.typed: dict[str, list[tuple[str, int, int]]] = {lang: [] for lang in _SKELETON}  # stem, number of endings, of a sense
        self.forms: dict[tuple[str, str], list[_Form]] = {}
        self.waiting: list[tuple[LexLine, str, list[_Form], Said]] = []
        self.skeletal: dict[tuple[str, int], Endings] = {}
        self.changed: dict[tuple[str, str, int, int], Endings] = {}
        self.words: dict[str, dict[Word, int]] = {}
        self.counted = -1
        self.items: list[Place] = []
        self.places: dict[str, dict[int, list[int]]] = {}  # language -> id of a place -> numbers of its items
        self.parts: dict[int, tuple[Part, ...]] = {}
        self.phrases: list[tuple[str, int, int, str, list[int]]] = []
        self.packed: EndingTables | None = None

    def add(self, line: LexLine) -> None:
        langs = LANG_BIT.get(line.lang, ANY_LANG)
        entry = line.entry
        if len(entry.parts) == 1 and len(alone := self.split(entry.parts[0])) == 1 and alone[0].words:
            source = entry.source if line.group else ""
            for word in alone[0].words:
                self.stem(line, word, line.meaning, entry.tags, langs, line.group, -1, source)
            return
        places = self.places.get(line.lang)
        if places is None:
            places = self.places[line.lang] = {}
        items: list[int] = []
        for part in entry.parts:
            found = places.get(id(part))
            if found is None:
                found = places[id(part)] = [self.item(line, p) for p in self.split(part)]
            items += found
        self.phrases.append((line.meaning, entry.tags, langs, line.group, items))

    def split(self, part: Part) -> tuple[Part, ...]:
        """Words that the tokenizer takes apart (so-called, an emoji of several) become several places."""
        found = self.parts.get(id(part))  # the parser makes one object of all that are written alike
        if found is None:
            found = self.parts[id(part)] = _split(part)
        return found

    def item(self, line: LexLine, part: Part) -> int:
        self.items.append(self.made(line, part))
        return len(self.items) - 1

    def made(self, line: LexLine, part: Part) -> Place:
        if part.element is not None:
            if part.element.forbidden or part.element.neg != "no":
                said = _("a <MEANING> in a phrase takes tags only (no `!`, `neg` or `*`)")
                self.problems.append(Problem(line.file, line.line, said))
            return (), part.element.meaning, part.element.tags, part.optional, 0, part.negated
        known = self.words.setdefault(line.lang, {})
        if None in map(known.get, part.words):
            for word in part.words:
                if word not in known:
                    self.counted += 1
                    known[word] = self.counted
                    self.stem(line, word, "", 0, LANG_BIT.get(line.lang, ANY_LANG), "", self.counted, "")
        numbers = dict.fromkeys(map(known.__getitem__, part.words))
        return tuple(numbers), "", 0, part.optional, part.gap, part.negated

    def stem(self, line: LexLine, word: Word, meaning: str, tags: int, langs: int, group: str, number: int, source: str) -> None:
        """One more sense (`Sense`) of a word, in all its forms."""
        forms = self.forms.get((line.lang, word.cls))
        if forms is None:
            forms = self.forms[line.lang, word.cls] = self.formed(line.lang, word.cls)
        if not forms:
            values = {"word": f"{word.stem}/{word.cls}", "lang": line.lang, "name": repr(word.cls)}
            self.problems.append(Problem(line.file, line.line, _("%(word)s: %(lang)s has no inflection class %(name)s", **values)))
            return
        letters = exact(word.stem) if word.exact else ""
        self.waiting.append((line, word.stem, forms, (meaning, tags, langs, group, number, source, letters)))
        if len(self.waiting) == _TOGETHER:
            self.folded()

    def folded(self) -> None:
        """The words that wait become stems."""
        waiting, self.waiting = self.waiting, []
        native, senses = self.stems[""], self.senses
        for root, (line, word, forms, said) in zip(_each(fold, [w[1] for w in waiting]), waiting, strict=True):
            if not root:
                self.problems.append(Problem(line.file, line.line, _("%(word)s is empty once folded", word=repr(word))))
                continue
            typed = self.typed.get(line.lang)
            for prefix, table, skeleton, tags in forms:
                stem = prefix + root
                sense = senses.setdefault((said[0], said[1] | tags, *said[2:]) if tags else said, len(senses))
                row = native.get(stem)
                if row is None:
                    native[stem] = [table, sense]
                else:
                    row += (table, sense)
                if typed is not None:
                    typed.append((stem, skeleton, sense))

    def formed(self, lang: str, cls: str) -> list[_Form]:
        """The forms of a class: the words as they are, and with each prefix; none where there is no such class."""
        endings = None if cls == "*" else self.raw.classes.get((lang, cls)) if cls else _EXACT
        if endings is None and cls != "*":
            return []
        out = [self.form(lang, "", endings)]
        for prefix, changes in self.raw.prefixes.get((lang, cls), {}).items():
            for old, new in changes.items():
                if old:
                    out.append(self.form(lang, fold(prefix), self.tagged(lang, cls, old, new)))
                else:
                    out.append(self.form(lang, fold(prefix), endings, new))
        return out

    def form(self, lang: str, prefix: str, endings: Endings | None, tags: int = 0) -> _Form:
        return _Form(prefix, self.number(endings), self.number(self.skeleton(lang, endings)) if lang in _SKELETON else 0, tags)

    def join(self, lines: Iterable[LexLine]) -> None:
        """All lines, and then the stems of each language as its words are typed in another alphabet."""
        for line in lines:
            self.add(line)
        self.folded()
        self.parts, self.places, self.words = {}, {}, {}
        for lang, typed in self.typed.items():
            stems = self.stems[lang]
            for skeleton, (__, table, sense) in zip(_each(_SKELETON[lang], [stem for stem, *__ in typed]), typed, strict=True):
                stems.setdefault(skeleton, []).extend((table, sense))
        self.typed = {}

    def number(self, endings: Endings | None) -> int:
        """Number of a table of endings; tables live as long as this builder."""
        if endings is None:
            return 0
        number = self.numbers.get(id(endings))
        if number is None:
            self.endings.append(endings)
            number = self.numbers[id(endings)] = len(self.endings)
        return number

    def tagged(self, lang: str, cls: str, old: int, new: int) -> Endings:
        """The endings of a class that carry the tag `old`, with the tag `new` instead."""
        key = (lang, cls, old, new)
        if key not in self.changed:
            self.changed[key] = {e: new for e, tags in self.raw.classes.get((lang, cls), {}).items() if tags & old}
        return self.changed[key]

    def skeleton(self, lang: str, endings: Endings | None) -> Endings | None:
        """The endings in another alphabet's skeleton; one table a class."""
        if endings is None:
            return None
        key = (lang, id(endings))
        if key not in self.skeletal:
            out: dict[str, int] = {}
            for ending, tags in endings.items():
                folded = _SKELETON[lang](ending)
                out[folded] = out.get(folded, 0) | tags
            self.skeletal[key] = out
        return self.skeletal[key]

    # ---- the tables

    def tables(self) -> EndingTables:
        """The tables of endings; when all have their numbers, and the same each time."""
        if self.packed is None:
            self.packed = EndingTables(self.endings)
        return self.packed

    def inflection(self) -> Inflection:
        """How words of a family's lists are inflected."""
        classes = {key: [(prefix, self.number(table)) for prefix, table in forms] for key, forms in classes_of(self.raw).items()}
        pairs = likelihoods(self.spelt()) if self.raw.shapes else {}
        shapes = {lang: tuple(rows) for lang, rows in self.raw.shapes.items()}
        return Inflection(shapes, Classes(classes, self.tables()), Packed(pairs))

    def spelt(self) -> dict[str, list[str]]:
        """Language -> its own stems."""
        out: dict[int, list[str]] = {bit: [] for bit in LANG_BIT.values()}
        langs = [said[2] for said in self.senses]
        for stem, found in self.stems[""].items():
            for bits in {langs[s] for s in found[1::2]} if len(found) > 2 else (langs[found[1]],):
                if bits in out:
                    out[bits].append(stem)
        return {lang: out[bit] for lang, bit in LANG_BIT.items()}

    def packed_stems(self) -> tuple[dict[str, Stems], Slips]:
        """The stems by reading, and those that unknown words may be misspelt for."""
        senses, endings = list(self.senses), self.tables()
        packed = Senses(senses)
        tables = {reading: Stems(table, endings, packed) for reading, table in self.stems.items()}
        saying = {number for number, said in enumerate(senses) if said[0] not in ("", "FUNC")}
        chosen = [
            stem
            for stem, found in self.stems[""].items()
            if _SHORTEST_SLIP <= len(stem) <= LONGEST_SLIP and stem.isalpha() and not saying.isdisjoint(found[1::2])
        ]
        return tables, Slips(tables[""], chosen)

    def packed_phrases(self, everyday: Mapping[str, int], stems: Stems) -> tuple[PhraseIndex, PhraseIndex]:
        """The phrases by the rarest of their needed words, those without words by their first meaning; and as the gate finds them.

        everyday: word -> in how many everyday texts it stands; stems: all, in the native reading.
        """
        meanings = {meaning: self.counted + 1 + n for n, meaning in enumerate(dict.fromkeys(place[1] for place in self.items))}
        names: list[int | str] = [*range(self.counted + 1), *meanings]
        keys = [words or (meanings[meaning],) for words, meaning, *__ in self.items]
        wanted = [not (optional or gap or negated) for *__, optional, gap, negated in self.items]
        needed = [[n for n in items if wanted[n]] for *__, items in self.phrases]
        uses = [0] * len(names)
        for key, count in Counter(chain.from_iterable(keys[n] for places in needed for n in places)).items():
            uses[key] = count
        if everyday:
            # what each sense is for phrases: a word, or a meaning that some ask for
            key_of = [word if word >= 0 else meanings.get(meaning, -1) for meaning, *__, word, _source, _exact in self.senses]
            for key, texts in self.met(everyday, stems, key_of).items():
                uses[key] += texts * _COMMON
        else:
            for key in set(self.little_words()):
                uses[key] += _COMMON
        # A meaning that phrases say too is met wherever these are.
        by_phrases = Counter[str]()
        used = [sum(map(uses.__getitem__, place)) for place in keys]
        for phrase, places in zip(self.phrases, needed, strict=True):
            by_phrases[phrase[0]] += min([used[n] for n in places], default=0)
        asked = self.asked()
        for meaning in asked:
            uses[meanings[meaning]] += by_phrases[meaning]
        used = [uses[meanings[place[1]]] if not place[0] else use for place, use in zip(self.items, used, strict=True)]
        openings = _by_rarest(needed, keys, used)
        used = [use + _NEVER if not place[0] and place[1] in asked else use for place, use in zip(self.items, used, strict=True)]
        rare = _by_rarest(needed, keys, used)  # by a word, if there is one
        phrases = Phrases(self.phrases, self.items)
        by_rare, by_openings = [PhraseIndex(phrases, {names[key]: rows for key, rows in found.items()}) for found in (rare, openings)]
        return by_rare, by_openings

    def met(self, everyday: Mapping[str, int], stems: Stems, key_of: Sequence[int]) -> dict[int, int]:
        """Keys of senses (-1 for none) -> in how many of the everyday texts their words stand, as they are."""
        table, endings = self.stems[""], [dict.fromkeys(()), *self.endings]
        out: dict[int, int] = {}
        for word, texts in everyday.items():
            found: set[int] = set()
            for stem in stems.prefixes(word):
                rest = word[len(stem) :]
                row = table[stem]
                for at in range(0, len(row), 2):
                    number = row[at]
                    if not number or rest in endings[number]:
                        found.add(key_of[row[at + 1]])
            for key in found:
                out[key] = out.get(key, 0) + texts
        out.pop(-1, None)
        return out

    def asked(self) -> frozenset[str]:
        """The meanings that phrases ask for."""
        return frozenset(meaning for _words, meaning, _tags, optional, _gap, negated in self.items if meaning and not (optional or negated))

    def little_words(self) -> Iterable[int]:
        """Phrases' words that most texts have."""
        words = [said[4] for said in self.senses]
        little = [said[0] == "FUNC" for said in self.senses]
        for stem, found in self.stems[""].items():
            if len(stem) < _LITTLE or any(map(little.__getitem__, found[1::2])):
                yield from (words[s] for s in found[1::2] if words[s] >= 0)


def _by_rarest(needed: Sequence[Sequence[int]], keys: Sequence[Iterable[int]], used: Sequence[int]) -> dict[int, list[int]]:
    """Words or meaning (keys) of the place that is least used -> the phrases of which it is one."""
    out: dict[int, list[int]] = {}
    for at, places in enumerate(needed):
        for key in keys[min(places, key=used.__getitem__)] if places else ():
            found = out.get(key)
            if found is None:
                out[key] = [at]
            else:
                found.append(at)
    return out


def _each(of: Callable[[str], str], texts: Sequence[str]) -> list[str]:
    """What a function makes of each text, if it looks at letters only: of all at once, in a fraction of the time."""
    made = of("\n".join(texts)).split("\n")
    return made if len(made) == len(texts) else [of(text) for text in texts]  # no texts, or one with a line's end in it


def _split(part: Part) -> tuple[Part, ...]:
    if len(part.words) != 1 or part.optional or part.negated or part.words[0].stem.isalpha():
        return (part,)
    (word,) = part.words
    pieces = tokenize((Segment(word.stem),)).raw
    if len(pieces) < 2:
        return (part,)
    return (*(Part((Word(piece, "", word.exact),)) for piece in pieces[:-1]), Part((Word(pieces[-1], word.cls, word.exact),)))


def compile_raw(raw: RawRules, *, today: str = "", version: str = "", everyday: Iterable[str] = ()) -> CompiledRules:
    """The compiled set. Raises RuleError with all problems, of parsing and of joining."""
    lines, raw = raw.lines, replace(raw, lines=[])
    builder = _Builder(raw)
    builder.join(lines)
    del lines  # a third of all memory, which the tables can have now
    problems = raw.problems + builder.problems
    for lang, cls, file, at in raw.wanted:
        if (lang, cls) not in raw.classes:
            problems.append(Problem(file, at, _("%(lang)s has no inflection class %(name)s", lang=lang, name=repr(cls))))
    for rule, (file, at) in raw.disabled.items():
        if rule not in raw.frames and rule not in raw.contexts and not rule.startswith("list."):
            problems.append(Problem(file, at, _("there is no rule %(rule)s to switch off", rule=repr(rule))))
    if problems:
        raise RuleError(sorted(problems, key=lambda p: (p.file, p.line)))

    def on(rule: str) -> bool:
        until = raw.expires.get(rule, ("", "", 0))[0]
        return not (rule in raw.disabled or (until and today and until < today))

    frames = []
    for frame in raw.frames.values():
        if on(frame.id) and frame.all:
            frames.append(replace(frame, score=raw.scores[frame.id][0]) if frame.id in raw.scores else frame)
    inflection = builder.inflection()
    stems, slips = builder.packed_stems()
    said = Counter(w for text in everyday for w in {folded(raw) for raw in words(text)} if w)
    phrases, openings = builder.packed_phrases(said, stems[""])
    made = CompiledRules(
        stems=stems,
        phrases=phrases,
        openings=openings,
        slips=slips,
        asked=builder.asked(),
        frames=tuple(frames),
        contexts=tuple(c for c in raw.contexts.values() if on(c.id)),
        groups=raw.groups,
        lists_off=frozenset(r for r in (*raw.disabled, *raw.expires) if r.startswith("list.") and not on(r)),
        inflection=inflection,
        ordinary=frozenset(fold(w) for w in raw.ordinary).union(w for w, texts in said.items() if texts >= _OFTEN),
        weights=raw.weights,
        tone=_tone(raw),
        scored={f.category: f for f in raw.frames.values() if not f.all and on(f.id)},
        told=Records(map(tuple, raw.examples)),
        version=version,
    )
    return _with_lists(made, raw.lists, today)


def _tone(raw: RawRules) -> Tone | None:
    if raw.tone is None:
        return None
    points = {word: value for word, (value, __) in raw.words.items()}
    return replace(raw.tone, words=points, categories={word: category for word, (__, category) in raw.words.items() if category})


def _with_lists(rules: CompiledRules, lists: Iterable[ListRule], today: str) -> CompiledRules:
    held = tuple(r for r in lists if r.id not in rules.lists_off and not (r.expires and today and r.expires < today))
    return replace(rules, lists=held, listed=listed(held, rules.stems[""], rules.inflection))


def add_lists(rules: CompiledRules, files: Iterable[tuple[str, bytes]], *, today: str = "") -> CompiledRules:
    """The rules with files of lists added, in a fraction of the time of compiling all. Raises RuleError with every problem in them."""
    kept = sorted(files)
    raw = parse(kept)
    if raw.problems:
        raise RuleError(sorted(raw.problems, key=lambda p: (p.file, p.line)))
    return replace(_with_lists(rules, [*rules.lists, *raw.lists], today), version=_digest(kept, rules.version))


def compile_rules(files: Iterable[tuple[str, bytes]], *, today: str = "", everyday: Iterable[str] = ()) -> CompiledRules:
    """Rule files (name, bytes) compiled; today (ISO date) switches expired rules off. Raises RuleError with every problem.

    everyday: texts that show which words come often; these are taken for no misspelt ones, and the engine is faster for knowing them.
    """
    kept = sorted(files)
    return compile_raw(parse(kept), today=today, version=_digest(kept), everyday=everyday)


def _digest(files: Iterable[tuple[str, bytes]], before: str = "") -> str:
    digest = hashlib.sha256(before.encode())
    for name, data in files:
        digest.update(name.encode() + b"\0" + data + b"\0")
    return digest.hexdigest()[:12]
