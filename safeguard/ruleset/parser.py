"""YAML rule files to values, with every problem in every file named at once (file:line, what, how to mend it)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, NamedTuple

import regex

from safeguard import strict_yaml
from safeguard.errors import Problem, RuleError
from safeguard.language import N_, _
from safeguard.ruleset import endings, entries, patterns, points
from safeguard.ruleset.entries import Entry, Known
from safeguard.ruleset.model import (
    ANY_LANG,
    CATEGORIES,
    LANG_BIT,
    LANGS,
    TAG_BIT,
    Alternatives,
    Context,
    Example,
    Frame,
    Group,
    ListRule,
    Shape,
    Tone,
    Weights,
)
from safeguard.strict_yaml import Map, Seq
from safeguard.text.fold import fold
from safeguard.text.tokens import tokenize
from safeguard.text.unit import Segment

KINDS = (
    "inflection",
    "lexicon",
    "groups",
    "frames",
    "contexts",
    "examples",
    "list",
    "overrides",
    "ordinary",
    "shapes",
    "weights",
    "tone",
    "words",
)
_POINTS = {"weights": points.weights, "tone": points.tone, "words": points.words}
GROUP_KINDS = ("people", "faith", "women", "men", "gender", "orientation", "disability", "origin", "race", "age")
_NAME_MEANINGS = {"names": ("GROUP",), "country": ("COUNTRY",), "colloquial": ("GROUP",), "slurs": ("SLUR", "GROUP")}
NAME_KEYS = tuple(_NAME_MEANINGS)
REACHES = ("clause", "sentence", "pair", "unit")
_MUST_BE = {
    Map: N_("%(key)s must be a mapping"),
    Seq: N_("%(key)s must be a list"),
    str: N_("%(key)s must be text"),
    float: N_("%(key)s must be a number"),
    int: N_("%(key)s must be a whole number"),
    bool: N_("%(key)s must be true or false"),
}
_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


class LexLine(NamedTuple):
    """One entry of a lexicon or a group's name. written: the line it stands in, which may stand for several entries."""

    meaning: str
    lang: str
    group: str
    entry: Entry
    file: str
    line: int
    written: str = ""


@dataclass(slots=True)
class RawRules:
    """All files parsed, not yet joined."""

    classes: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    prefixes: dict[tuple[str, str], dict[str, dict[int, int]]] = field(default_factory=dict)
    lines: list[LexLine] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    frames: dict[str, Frame] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    lists: list[ListRule] = field(default_factory=list)
    ordinary: set[str] = field(default_factory=set)
    shapes: dict[str, list[Shape]] = field(default_factory=dict)
    wanted: list[tuple[str, str, str, int]] = field(default_factory=list)  # (language, class, file, line) of the shapes
    weights: Weights | None = None
    tone: Tone | None = None
    words: dict[str, tuple[float, str]] = field(default_factory=dict)  # word -> points, what it speaks for
    disabled: dict[str, tuple[str, int]] = field(default_factory=dict)
    scores: dict[str, tuple[float, str, int]] = field(default_factory=dict)
    expires: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    known: Known = field(default_factory=Known.nothing)


def _pattern(text: str) -> bool:
    """Whether a parent's pattern can be used. Raises ValueError (what is wrong)."""
    try:
        patterns.compiled(text)
    except ValueError as e:
        raise ValueError(_("pattern %(pattern)s: %(why)s", pattern=repr(text), why=e)) from e
    return True


def _list_pattern(text: str) -> bool:
    """Whether it can be used, and does not fit every text. Raises ValueError (what is wrong)."""
    if _pattern(text) and patterns.everything(patterns.compiled(text)):
        raise ValueError(_("pattern %(pattern)s: fits an empty text, so it would find everything", pattern=repr(text)))
    return True


def _shape_class(text: str) -> tuple[int, str, str]:
    """`2/n_ka`, `1+b/n`: letters to cut, letters to put there, class. Raises ValueError."""
    m = regex.fullmatch(r"(\d)(?:\+(\w+))?/(\w+)", text)
    if not m:
        raise ValueError(_("%(text)s: how many letters to cut, and the class, such as 2/n_ka or 1+b/n", text=repr(text)))
    return int(m[1]), fold(m[2] or ""), m[3]


class RuleFile:
    """One file while it is read: checks shapes and collects problems."""

    def __init__(self, name: str, data: Map, raw: RawRules) -> None:
        self.name, self.data, self.raw = name, data, raw

    def problem(self, line: int, what: str) -> None:
        self.raw.problems.append(Problem(self.name, line, what))

    def expect(self, where: Any, key: str, kind: type, default: Any = None) -> Any:
        """where[key] if it is of that kind; a problem and the default otherwise. A missing key without default is a problem."""
        if key not in where:
            if default is None:
                self.problem(where.line, _("%(key)s is missing", key=repr(key)))
                return kind()
            return default
        value = where[key]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problem(where.lines[key], _(_MUST_BE[kind], key=repr(key)))
            return kind() if default is None else default
        return value

    def known(self, where: Map, *keys: str) -> None:
        for key in where:
            if key not in keys:
                self.problem(where.lines[key], _("unknown key %(key)s (known: %(known)s)", key=repr(key), known=", ".join(keys)))

    def texts(self, where: Any, key: str) -> list[tuple[str, int]]:
        """The texts of a list at where[key], with their lines; one text alone counts as a list of one."""
        value = where.get(key)
        if isinstance(value, str):
            return [(value, where.lines[key])]
        if not isinstance(value, Seq):
            if value is not None:
                self.problem(where.lines[key], _("%(key)s must be a list of texts", key=repr(key)))
            return []
        out = []
        for item, line in zip(value, value.lines, strict=True):
            if isinstance(item, (str, int, float)) and not isinstance(item, bool):
                out.append((str(item), line))
            else:
                self.problem(line, _("text expected (put it in quotes)"))
        return out

    def lang(self, line: int, lang: str) -> str:
        if lang != "any" and lang not in LANG_BIT:
            known = ", ".join((*LANGS, "any"))
            self.problem(line, _("unknown language %(lang)s (known: %(known)s)", lang=repr(lang), known=known))
        return lang

    def langs(self, where: Map) -> int:
        bits = 0
        for text, line in self.texts(where, "langs"):
            if self.lang(line, text) in LANG_BIT:
                bits |= LANG_BIT[text]
        return bits or ANY_LANG

    def attempt(self, line: int, call: Callable[[str], Any], text: str) -> Any:
        try:
            return call(text)
        except ValueError as e:
            self.problem(line, str(e))
            return None

    def elements(self, value: Any, line: int) -> list[Alternatives]:
        """A list whose items are elements or lists of alternatives."""
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            self.problem(line, _("a list of meanings expected"))
            return []
        out = []
        for i, item in enumerate(value):
            at = value.lines[i] if isinstance(value, Seq) else line
            found = [self.attempt(at, entries.element, str(t)) for t in (item if isinstance(item, list) else [item])]
            out.append(tuple(e for e in found if e is not None))
        return out

    def flat(self, where: Map, key: str) -> Alternatives:
        if key not in where:
            return ()
        return tuple(e for alternatives in self.elements(where[key], where.lines[key]) for e in alternatives)

    # ---- one method a kind

    def inflection(self) -> None:
        self.known(self.data, "kind", "lang", "letters", "classes", "prefixes")
        lang = self.lang(self.data.line, self.expect(self.data, "lang", str))
        letters = {k: [str(x) for x in v] for k, v in self.expect(self.data, "letters", Map, Map()).items() if isinstance(v, list)}
        expand = cache(lambda pattern: endings.expand(pattern, letters))  # many classes share some
        classes = self.expect(self.data, "classes", Map, Map())
        for name, rows in classes.items():
            if (lang, name) in self.raw.classes:
                said = _("class %(name)s of %(lang)s stands in another file too; give it another name", name=repr(name), lang=lang)
                self.problem(classes.lines[name], said)
            if not isinstance(rows, Map):
                self.problem(classes.lines[name], _("class %(name)s: a mapping of tag to endings expected", name=repr(name)))
                continue
            table: dict[str, int] = {}
            for tag in rows:
                bits = 0 if tag in ("any", "") else self.attempt(rows.lines[tag], lambda t: entries.tag_bits(t, "+"), tag) or 0
                for pattern, line in self.texts(rows, tag):
                    for ending in self.attempt(line, expand, pattern) or ():
                        table[ending] = table.get(ending, 0) | bits
            if len(table) > endings.MOST:
                values = {"name": repr(name), "count": f"{len(table):,}", "most": f"{endings.MOST:,}"}
                self.problem(classes.lines[name], _("class %(name)s has %(count)s endings, more than %(most)s; split it", **values))
            self.raw.classes[lang, name] = table
        prefixes = self.expect(self.data, "prefixes", Map, Map())
        for name, rows in prefixes.items():
            if not isinstance(rows, Map):
                self.problem(prefixes.lines[name], _("a mapping of prefix to tag expected"))
                continue
            out: dict[str, dict[int, int]] = {}
            for prefix, tag in rows.items():
                # A text: every ending takes the prefix and its tag. A mapping: endings of these tags alone, with that tag instead.
                pairs = tag.items() if isinstance(tag, Map) else [("", tag)]
                out[prefix] = {self.bits(rows.lines[prefix], old): self.bits(rows.lines[prefix], new) for old, new in pairs}
            self.raw.prefixes[lang, name] = out

    def bits(self, line: int, tags: Any) -> int:
        return (self.attempt(line, lambda t: entries.tag_bits(t, "+"), str(tags)) or 0) if tags else 0

    def _lexlines(self, where: Any, key: str, meaning: str, lang: str, group: str = "") -> None:
        read = partial(entries.entries, known=self.raw.known)
        for text, line in self.texts(where, key):
            if group and text in TAG_BIT:
                said = _(
                    "%(tag)s is a tag and no name; in a list in [...] write %(write)s, as a comma ends the entry",
                    tag=repr(text),
                    write=f"=pl+{text}",
                )
                self.problem(line, said)
            for parsed in self.attempt(line, read, text) or ():
                self.raw.lines.append(LexLine(meaning, lang, group, parsed, self.name, line, text))

    def lexicon(self) -> None:
        lang = self.lang(self.data.line, self.expect(self.data, "lang", str))
        for key in self.data:
            if key in ("kind", "lang"):
                continue
            if not entries.is_meaning(key):
                self.problem(self.data.lines[key], _("%(key)s is no MEANING (capital letters)", key=repr(key)))
                continue
            self._lexlines(self.data, key, key, lang)

    def ordinary(self) -> None:
        self.known(self.data, "kind", "lang", "words")
        self.raw.ordinary.update(text for text, __ in self.texts(self.data, "words"))

    def shapes(self) -> None:
        self.known(self.data, "kind", "shapes")
        by_lang = self.expect(self.data, "shapes", Map)
        for lang in by_lang:
            self.lang(by_lang.lines[lang], lang)
            rows = self.expect(by_lang, lang, Map, Map())
            for end in rows:
                classes = [self.attempt(line, _shape_class, text) for text, line in self.texts(rows, end)]
                if self.attempt(rows.lines[end], _pattern, end):
                    self.raw.shapes.setdefault(lang, []).append(Shape(end, tuple(c for c in classes if c)))
                self.raw.wanted += [(lang, c[2], self.name, rows.lines[end]) for c in classes if c]

    def groups(self) -> None:
        self.known(self.data, "kind", "groups")
        for g in self._items("groups"):
            self.known(g, "id", "kind", "title", "emoji", *NAME_KEYS)
            name = self.expect(g, "id", str)
            kind = self.expect(g, "kind", str)
            if kind not in GROUP_KINDS:
                values = {"name": repr(name), "kind": repr(kind), "known": ", ".join(GROUP_KINDS)}
                self.problem(g.line, _("group %(name)s: unknown kind %(kind)s (known: %(known)s)", **values))
            if name in self.raw.groups:
                self.problem(g.line, _("group %(name)s stands here a second time", name=repr(name)))
            self.raw.groups[name] = Group(name, kind, self.expect(g, "title", str, name))
            for key in NAME_KEYS:
                by_lang = self.expect(g, key, Map, Map())
                for lang in by_lang:
                    self.lang(by_lang.lines[lang], lang)
                    for meaning in _NAME_MEANINGS[key]:
                        self._lexlines(by_lang, lang, meaning, lang, name)
            self._lexlines(g, "emoji", "GROUP", "any", name)

    def _items(self, key: str) -> Iterable[Map]:
        items = self.expect(self.data, key, Seq)
        for item, line in zip(items, items.lines, strict=True):
            if isinstance(item, Map):
                yield item
            else:
                self.problem(line, _("a mapping expected (id: …)"))

    def once(self, kept: dict[str, Any], name: str, line: int) -> None:
        if name in kept:
            place = f"{kept[name].file}:{kept[name].line}"
            self.problem(line, _("rule %(name)s stands in %(place)s too; an id is given once", name=repr(name), place=place))

    def frames(self) -> None:
        self.known(self.data, "kind", "frames")
        for f in self._items("frames"):
            self.known(f, "id", "category", "severity", "score", "why", "all", "gap", "scope", "order", "initial", "not", "langs")
            name = self.expect(f, "id", str)
            self.once(self.raw.frames, name, f.line)
            category = self.expect(f, "category", str)
            if category not in CATEGORIES:
                said = _("unknown category %(name)s (known: %(known)s)", name=repr(category), known=", ".join(CATEGORIES))
                self.problem(f.lines.get("category", f.line), said)
            severity = self.expect(f, "severity", int)
            if not 1 <= severity <= 3:
                self.problem(f.lines.get("severity", f.line), _("severity must be 1, 2 or 3"))
            score = self.expect(f, "score", float, 1.0)
            scope = self._choice(f, "scope", REACHES, "sentence")
            order = self._choice(f, "order", ("any", "given"), "any")
            wanted = self.elements(f.get("all"), f.lines.get("all", f.line))
            if wanted and all(wanted) and all(all(e.meaning in ("GROUP", "COUNTRY") for e in alternatives) for alternatives in wanted):
                self.problem(f.line, _("rule %(name)s: a group's name alone must never score; add another meaning", name=repr(name)))
            self.raw.frames[name] = Frame(
                id=name,
                category=category,
                severity=min(max(severity, 1), 3),
                score=score,
                why=self.expect(f, "why", str),
                all=tuple(wanted),
                gap=self.expect(f, "gap", int, -1),
                scope=scope,
                ordered=order == "given",
                initial=self.expect(f, "initial", bool, False),
                blockers=self.flat(f, "not"),
                langs=self.langs(f),
                file=self.name,
                line=f.line,
            )

    def _choice(self, where: Map, key: str, known: Sequence[str], default: str) -> str:
        value: str = self.expect(where, key, str, default)
        if value not in known:
            values = {"key": key, "value": repr(value), "known": ", ".join(filter(None, known))}
            self.problem(where.lines[key], _("%(key)s: %(value)s is unknown (known: %(known)s)", **values))
            return default
        return value

    def contexts(self) -> None:
        self.known(self.data, "kind", "contexts")
        for c in self._items("contexts"):
            self.known(c, "id", "why", "any", "quoted", "reach", "position", "gap", "off", "when", "unless", "weaken", "langs")
            name = self.expect(c, "id", str)
            self.once(self.raw.contexts, name, c.line)
            options = [tuple(self.elements(o, c.line)) for o in self.expect(c, "any", Seq, Seq())]
            self.raw.contexts[name] = Context(
                id=name,
                why=self.expect(c, "why", str),
                any=tuple(options),
                quoted=self.expect(c, "quoted", bool, False),
                reach=self._choice(c, "reach", REACHES, "sentence"),
                position=self._choice(c, "position", ("before", "after", "any"), "any"),
                gap=self.expect(c, "gap", int, 12),
                off=frozenset(t for t, __ in self.texts(c, "off")),
                when=self.flat(c, "when"),
                unless=self.flat(c, "unless"),
                weaken=self.expect(c, "weaken", float, 0.0),
                langs=self.langs(c),
                file=self.name,
                line=c.line,
            )

    def examples(self) -> None:
        self.known(self.data, "kind", "lang", "examples")
        lang = self.lang(self.data.line, self.expect(self.data, "lang", str))
        by_rule = self.expect(self.data, "examples", Map)
        for rule, rows in by_rule.items():
            if not isinstance(rows, Map):
                self.problem(by_rule.lines[rule], _("%(rule)s: hit: and miss: lists expected", rule=repr(rule)))
                continue
            self.known(rows, "hit", "miss", "todo_hit", "todo_miss")
            for key in rows:
                for text, line in self.texts(rows, key):
                    self.raw.examples.append(Example(rule, lang, text, key.endswith("hit"), key.startswith("todo"), self.name, line))

    def list(self) -> None:
        kinds = {
            "words": "word",
            "exact": "exact",
            "phrases": "phrase",
            "regex": "regex",
            "fuzzy": "fuzzy",
            "accounts": "account",
            "links": "link",
            "hashtags": "hashtag",
        }
        self.known(self.data, "kind", "id", "action", "expires", "lang", *kinds)
        name = self.expect(self.data, "id", str)
        hide = self._choice(self.data, "action", ("hide", "allow"), "hide") == "hide"
        expires = self.day(self.data, "expires") if "expires" in self.data else ""
        lang = self._choice(self.data, "lang", ("", *LANGS), "")
        for key, what in kinds.items():
            for text, line in self.texts(self.data, key):
                if what == "link" and "." not in text:
                    self.problem(line, _("%(text)s: an address has a dot, such as example.org/page", text=repr(text)))
                elif what in ("word", "exact", "phrase", "fuzzy", "hashtag") and not text.isalnum() and not tokenize((Segment(text),)).word:
                    self.problem(line, _("%(text)s has no word in it that could be found", text=repr(text)))
                elif what != "regex" or self.attempt(line, _list_pattern, text):
                    self.raw.lists.append(ListRule(f"list.{name}", what, text, hide, expires, lang))

    def day(self, data: Map, key: str) -> str:
        """A last day; one in another spelling would be compared wrongly, and its end never come."""
        if isinstance(data[key], str) and _DAY.fullmatch(data[key]):
            return str(data[key])
        self.problem(
            data.lines[key], _("%(key)s: %(value)s is no date; write it like 2027-01-31", key=key, value=repr(str(data[key])[:40]))
        )
        return ""

    def overrides(self) -> None:
        self.known(self.data, "kind", "disable", "score", "expires")
        for rule, line in self.texts(self.data, "disable"):
            self.raw.disabled[rule] = (self.name, line)
        scores = self.expect(self.data, "score", Map, Map())
        for rule in scores:
            self.raw.scores[rule] = (self.expect(scores, rule, float, 1.0), self.name, scores.lines[rule])
        until = self.expect(self.data, "expires", Map, Map())
        for rule in until:
            if day := self.day(until, rule):
                self.raw.expires[rule] = (day, self.name, until.lines[rule])


def parse(files: Iterable[tuple[str, bytes]]) -> RawRules:
    """All rule files read. Never raises for a bad file: `problems` has every one found. Files of kind `site` are left to formats/sites."""
    raw = RawRules()
    for name, data in files:
        try:
            top = strict_yaml.load(name, data)
        except RuleError as e:
            raw.problems += e.problems
            continue
        if not isinstance(top, Map):
            raw.problems.append(Problem(name, 1, _("a mapping with kind: expected")))
            continue
        kind = top.get("kind")
        if kind == "site":
            continue
        if kind not in KINDS:
            said = _("unknown kind %(kind)s (known: %(known)s)", kind=repr(kind), known=", ".join((*KINDS, "site")))
            raw.problems.append(Problem(name, top.lines.get("kind", 1), said))
            continue
        file = RuleFile(name, top, raw)
        if kind in _POINTS:
            _POINTS[kind](file)
        else:
            getattr(file, kind)()
    raw.known = Known.nothing()  # of no use to anybody any more
    return raw
