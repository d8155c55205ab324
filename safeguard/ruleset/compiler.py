"""Parsed rules joined into the tables the engine reads."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from safeguard.errors import Problem, RuleError
from safeguard.ruleset.entries import Part, Word
from safeguard.ruleset.model import ANY_LANG, LANG_BIT, CompiledRules, Endings, Item, Phrase, Sense
from safeguard.ruleset.parser import LexLine, RawRules, parse
from safeguard.text.fold import exact, fold
from safeguard.text.tokens import tokenize
from safeguard.text.translit import hy_skeleton, ru_skeleton
from safeguard.text.unit import Segment

_SKELETON = {"ru": ru_skeleton, "hy": hy_skeleton}
_EXACT: Endings = {"": 0}


class _Builder:
    def __init__(self, raw: RawRules) -> None:
        self.raw = raw
        self.problems: list[Problem] = []
        self.stems: dict[str, dict[str, list[tuple[Endings | None, Sense]]]] = {
            "": defaultdict(list),
            "ru": defaultdict(list),
            "hy": defaultdict(list),
        }
        self.skeletons: dict[tuple[str, int], Endings] = {}
        self.changed: dict[tuple[str, str, int, int], Endings] = {}
        self.words: dict[tuple[str, Word], int] = {}
        self.phrases: list[Phrase] = []

    def add(self, line: LexLine) -> None:
        langs = LANG_BIT.get(line.lang, ANY_LANG)
        parts = _split(line.entry.parts)
        if len(parts) == 1 and parts[0].words:
            for word in parts[0].words:
                self.stem(line, word, Sense(line.meaning, line.entry.tags, langs, line.group, -1, line.entry.source))
            return
        items = tuple(self.item(line, part) for part in parts)
        literal = not any(i.meaning for i in items)
        needed = tuple(i for i in items if not (i.optional or i.gap or i.negated))
        self.phrases.append(Phrase(line.meaning, line.entry.tags, langs, line.group, items, line.entry.source, literal, needed))

    def by_key(self) -> tuple[dict[int, list[Phrase]], dict[str, list[Phrase]]]:
        """Phrases by the rarest of their needed words, those without words by their first meaning."""
        uses = Counter(number for p in self.phrases for i in p.needed for number in i.words)
        by_word: dict[int, list[Phrase]] = defaultdict(list)
        by_meaning: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in self.phrases:
            worded = [i for i in phrase.needed if i.words]
            if worded:
                for number in min(worded, key=lambda i: sum(uses[n] for n in i.words)).words:
                    by_word[number].append(phrase)
            elif phrase.needed:
                by_meaning[phrase.needed[0].meaning].append(phrase)
        return by_word, by_meaning

    def item(self, line: LexLine, part: Part) -> Item:
        if part.element is not None:
            if part.element.forbidden or part.element.neg != "no":
                self.problems.append(Problem(line.file, line.line, "a <MEANING> in a phrase takes tags only (no `!`, `neg` or `*`)"))
            return Item(meaning=part.element.meaning, tags=part.element.tags, optional=part.optional, negated=part.negated)
        numbers = []
        for word in part.words:
            key = (line.lang, word)
            if key not in self.words:
                self.words[key] = len(self.words)
                self.stem(line, word, Sense("", 0, LANG_BIT.get(line.lang, ANY_LANG), "", self.words[key], ""))
            numbers.append(self.words[key])
        return Item(words=frozenset(numbers), optional=part.optional, gap=part.gap, negated=part.negated)

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
        self.stems[""][stem].append((endings, sense))
        if lang in _SKELETON:
            self.stems[lang][_SKELETON[lang](stem)].append((self.skeleton(lang, endings), sense))

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


def _split(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Words that the tokenizer takes apart (so-called, an emoji of several) become several places."""
    out: list[Part] = []
    for part in parts:
        if len(part.words) != 1 or part.optional or part.negated:
            out.append(part)
            continue
        (word,) = part.words
        pieces = tokenize((Segment(word.stem),)).raw if word.cls == "" or not word.stem.isalpha() else [word.stem]
        if len(pieces) < 2:
            out.append(part)
            continue
        out += [Part(words=(Word(piece, "", word.exact),)) for piece in pieces[:-1]]
        out.append(Part(words=(Word(pieces[-1], word.cls, word.exact),)))
    return tuple(out)


def compile_raw(raw: RawRules, *, today: str = "", version: str = "") -> CompiledRules:
    """The compiled set. Raises RuleError with all problems, of parsing and of joining."""
    builder = _Builder(raw)
    for line in raw.lines:
        builder.add(line)
    problems = raw.problems + builder.problems
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
        if on(frame.id):
            frames.append(replace(frame, score=raw.scores[frame.id][0]) if frame.id in raw.scores else frame)
    by_word, by_meaning = builder.by_key()
    return CompiledRules(
        stems={reading: {s: tuple(found) for s, found in table.items()} for reading, table in builder.stems.items()},
        phrases={n: tuple(p) for n, p in by_word.items()},
        by_meaning={m: tuple(p) for m, p in by_meaning.items()},
        frames=tuple(frames),
        contexts=tuple(c for c in raw.contexts.values() if on(c.id)),
        groups=raw.groups,
        lists=tuple(r for r in raw.lists if on(r.id) and not (r.expires and today and r.expires < today)),
        ordinary=frozenset(fold(w) for w in raw.ordinary),
        examples=tuple(raw.examples),
        version=version,
    )


def compile_rules(files: Iterable[tuple[str, bytes]], *, today: str = "") -> CompiledRules:
    """Rule files (name, bytes) compiled; today (ISO date) switches expired rules off. Raises RuleError with every problem."""
    kept: Sequence[tuple[str, bytes]] = sorted(files)
    digest = hashlib.sha256()
    for name, data in kept:
        digest.update(name.encode() + b"\0" + data + b"\0")
    return compile_raw(parse(kept), today=today, version=digest.hexdigest()[:12])
