"""Parsed rules joined into the tables the engine reads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from safeguard.errors import Problem, RuleError
from safeguard.ruleset.entries import Part, Word
from safeguard.ruleset.model import ANY_LANG, LANG_BIT, CompiledRules, Endings, Inflection, Item, ListRule, Sense, Tone
from safeguard.ruleset.own_words import classes_of, likelihoods, listed
from safeguard.ruleset.packed import (
    LONGEST_SLIP,
    Classes,
    EndingTables,
    Numbered,
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
_LITTLE = 3  # letters below which a word is one
_SHORTEST_SLIP = 4
_OFTEN = 2  # everyday texts in which a word stands that is no misspelt one


class _Builder:
    """Gathers what the lines say. Much of it is said many times: words and places are looked at once each."""

    def __init__(self, raw: RawRules) -> None:
        self.raw = raw
        self.problems: list[Problem] = []
        self.senses: dict[Sense, int] = {}
        self.endings: list[Endings] = []
        self.numbers: dict[int, int] = {}  # id of a table of endings -> its number in `endings`, from 1
        # reading -> stem -> number of endings, number of a sense, and so on in turn
        self.stems: dict[str, dict[str, list[int]]] = {"": {}, "ru": {}, "hy": {}}
        self.skeletons: dict[tuple[str, int], Endings] = {}
        self.changed: dict[tuple[str, str, int, int], Endings] = {}
        self.words: dict[str, dict[Word, int]] = {}
        self.counted = -1
        self.items: list[Item] = []
        self.places: dict[str, dict[Part, int]] = {}  # language -> place -> number of its item
        self.parts: dict[Part, tuple[Part, ...]] = {}
        self.phrases: list[Numbered] = []
        self.packed: EndingTables | None = None

    def add(self, line: LexLine) -> None:
        langs = LANG_BIT.get(line.lang, ANY_LANG)
        entry = line.entry
        parts = [p for part in entry.parts for p in self.split(part)]
        if len(parts) == 1 and parts[0].words:
            for word in parts[0].words:
                self.stem(line, word, Sense(line.meaning, entry.tags, langs, line.group, -1, entry.source if line.group else ""))
            return
        items = tuple([self.item(line, part) for part in parts])
        self.phrases.append(Numbered(line.meaning, entry.tags, langs, line.group, items))

    def split(self, part: Part) -> tuple[Part, ...]:
        """Words that the tokenizer takes apart (so-called, an emoji of several) become several places."""
        found = self.parts.get(part)
        if found is None:
            found = self.parts[part] = _split(part)
        return found

    def item(self, line: LexLine, part: Part) -> int:
        places = self.places.setdefault(line.lang, {})
        number = places.get(part)
        if number is None:
            self.items.append(self.made(line, part))
            number = places[part] = len(self.items) - 1
        return number

    def made(self, line: LexLine, part: Part) -> Item:
        if part.element is not None:
            if part.element.forbidden or part.element.neg != "no":
                self.problems.append(Problem(line.file, line.line, "a <MEANING> in a phrase takes tags only (no `!`, `neg` or `*`)"))
            return Item(meaning=part.element.meaning, tags=part.element.tags, optional=part.optional, negated=part.negated)
        numbers = []
        known = self.words.setdefault(line.lang, {})
        for word in part.words:
            number = known.get(word)
            if number is None:
                number = known[word] = self.counted = self.counted + 1
                self.stem(line, word, Sense("", 0, LANG_BIT.get(line.lang, ANY_LANG), "", number, ""))
            numbers.append(number)
        return Item(frozenset(numbers), "", 0, part.optional, part.gap, part.negated)

    def stem(self, line: LexLine, word: Word, sense: Sense) -> None:
        endings: Endings | None = _EXACT
        if word.cls == "*":
            endings = None
        elif word.cls:
            found = self.raw.classes.get((line.lang, word.cls))
            if found is None:
                self.problems.append(
                    Problem(line.file, line.line, f"{word.stem}/{word.cls}: {line.lang} has no inflection class {word.cls!r}")
                )
                return
            endings = found
        folded = fold(word.stem)
        if not folded:
            self.problems.append(Problem(line.file, line.line, f"{word.stem!r} is empty once folded"))
            return
        if word.exact:
            sense = sense._replace(exact=exact(word.stem))
        self.put(line.lang, folded, endings, sense)
        for prefix, changes in self.raw.prefixes.get((line.lang, word.cls), {}).items():
            for old, new in changes.items():
                some = self.tagged(line.lang, word.cls, old, new) if old else endings
                self.put(line.lang, fold(prefix) + folded, some, sense if old else sense._replace(tags=sense.tags | new))

    def put(self, lang: str, stem: str, endings: Endings | None, sense: Sense) -> None:
        number = self.senses.setdefault(sense, len(self.senses))
        self.stems[""].setdefault(stem, []).extend((self.number(endings), number))
        if lang in _SKELETON:
            self.stems[lang].setdefault(_SKELETON[lang](stem), []).extend((self.number(self.skeleton(lang, endings)), number))

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
        if key not in self.skeletons:
            out: dict[str, int] = {}
            for ending, tags in endings.items():
                folded = _SKELETON[lang](ending)
                out[folded] = out.get(folded, 0) | tags
            self.skeletons[key] = out
        return self.skeletons[key]

    # ---- the tables

    def tables(self) -> EndingTables:
        """The tables of endings; when all have their numbers, and the same each time."""
        if self.packed is None:
            self.packed = EndingTables(self.endings)
        return self.packed

    def inflection(self) -> Inflection:
        """How words of a family's lists are inflected."""
        classes = {key: [(prefix, self.number(table)) for prefix, table in forms] for key, forms in classes_of(self.raw).items()}
        langs = [s.langs for s in self.senses]
        said = ((stem, {langs[s] for s in found[1::2]}) for stem, found in self.stems[""].items())
        pairs = likelihoods(said) if self.raw.shapes else {}
        shapes = {lang: tuple(rows) for lang, rows in self.raw.shapes.items()}
        return Inflection(shapes, Classes(classes, self.tables()), Packed(pairs))

    def packed_stems(self) -> tuple[dict[str, Stems], Slips]:
        """The stems by reading, and those that unknown words may be misspelt for."""
        senses, endings = list(self.senses), self.tables()
        packed = Senses(senses)
        tables = {reading: Stems(table, endings, packed) for reading, table in self.stems.items()}
        saying = [s.meaning not in ("", "FUNC") for s in senses]
        chosen = (
            stem
            for stem, found in self.stems[""].items()
            if _SHORTEST_SLIP <= len(stem) <= LONGEST_SLIP and stem.isalpha() and any(map(saying.__getitem__, found[1::2]))
        )
        return tables, Slips(tables[""], chosen)

    def packed_phrases(self, everyday: Mapping[str, int]) -> tuple[PhraseIndex, PhraseIndex]:
        """The phrases by the rarest of their needed words, those without words by their first meaning; and as the gate finds them.

        everyday: word -> in how many everyday texts it stands.
        """
        keys: list[frozenset[int] | tuple[str]] = [i.words or (i.meaning,) for i in self.items]
        wanted = [not (i.optional or i.gap or i.negated) for i in self.items]
        needed = [[n for n in p.items if wanted[n]] for p in self.phrases]
        uses: Counter[int | str] = Counter(key for places in needed for n in places for key in keys[n])
        if everyday:
            for key, texts in self.met(everyday).items():
                uses[key] += texts * _COMMON
        else:
            uses.update(dict.fromkeys(self.little_words(), _COMMON))
        # A meaning that phrases say too is met wherever these are.
        by_phrases = Counter[str]()
        used = [sum([uses[key] for key in place]) for place in keys]
        for phrase, places in zip(self.phrases, needed, strict=True):
            by_phrases[phrase.meaning] += min([used[n] for n in places], default=0)
        for meaning in self.asked():
            uses[meaning] += by_phrases[meaning]
        openings = _by_rarest(needed, keys, uses)
        uses.update(dict.fromkeys(self.asked(), _NEVER))  # a word, if there is one
        rare = _by_rarest(needed, keys, uses)
        phrases = Phrases(self.phrases, self.items)
        return PhraseIndex(phrases, rare), PhraseIndex(phrases, openings)

    def met(self, everyday: Mapping[str, int]) -> Counter[int | str]:
        """Phrases' words and meanings -> in how many of the everyday texts they stand, as they are."""
        senses, stems = list(self.senses), self.stems[""]
        out: Counter[int | str] = Counter()
        for word, texts in everyday.items():
            found: set[int | str] = set()
            for size in range(1, len(word) + 1):
                said = stems.get(word[:size])
                if said:
                    rest = word[size:]
                    for table, number in zip(said[::2], said[1::2], strict=True):
                        if not table or rest in self.endings[table - 1]:
                            sense = senses[number]
                            found.add(sense.word if sense.word >= 0 else sense.meaning)
            for key in found:
                out[key] += texts
        return out

    def asked(self) -> frozenset[str]:
        """The meanings that phrases ask for."""
        return frozenset(i.meaning for i in self.items if i.meaning and not (i.optional or i.negated))

    def little_words(self) -> Iterable[int]:
        """Phrases' words that most texts have."""
        words = [s.word for s in self.senses]
        little = [s.meaning == "FUNC" for s in self.senses]
        for stem, found in self.stems[""].items():
            if len(stem) < _LITTLE or any(map(little.__getitem__, found[1::2])):
                yield from (words[s] for s in found[1::2] if words[s] >= 0)


def _by_rarest(
    needed: Sequence[Sequence[int]], keys: Sequence[Iterable[int | str]], uses: Mapping[int | str, int]
) -> dict[int | str, list[int]]:
    """Words or meaning (keys) of the place that is least used -> the phrases of which it is one."""
    used = [sum([uses.get(key, 0) for key in place]) for place in keys]
    out: dict[int | str, list[int]] = {}
    for at, places in enumerate(needed):
        for key in keys[min(places, key=used.__getitem__)] if places else ():
            out.setdefault(key, []).append(at)
    return out


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
    builder = _Builder(raw)
    for line in raw.lines:
        builder.add(line)
    problems = raw.problems + builder.problems
    for lang, cls, file, at in raw.wanted:
        if (lang, cls) not in raw.classes:
            problems.append(Problem(file, at, f"{lang} has no inflection class {cls!r}"))
    for rule, (file, at) in raw.disabled.items():
        if rule not in raw.frames and rule not in raw.contexts and not rule.startswith("list."):
            problems.append(Problem(file, at, f"there is no rule {rule!r} to switch off"))
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
    phrases, openings = builder.packed_phrases(said)
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
    points = {word: value for word, (value, _) in raw.words.items()}
    return replace(raw.tone, words=points, categories={word: category for word, (_, category) in raw.words.items() if category})


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
