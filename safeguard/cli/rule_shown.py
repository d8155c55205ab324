"""A rule told to a parent: what must stand in a text for it, what forbids it, some of its words, its examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rich.text import Text

from safeguard.cli.common import SEVERITIES, outside
from safeguard.matching.engine import HARMFUL, SUSPECT
from safeguard.matching.frames import DEFAULT_GAP
from safeguard.ruleset.model import LANG_BIT, LANGS, TAG_BIT, Alternatives, Context, Element, Example, Frame
from safeguard.ruleset.parser import parse
from safeguard.system.terminal import safe

MOST_WORDS = 4  # shown of a meaning in a language
LONGEST = 40  # letters of an entry
_NAMES = {
    "GROUP": "the name of a group (rules/groups)",
    "COUNTRY": "the name of a country (rules/groups)",
    "SLUR": "an insult in itself (rules/groups)",
}
_LANGUAGES = dict(zip(LANGS, ("English", "Russian", "Turkish", "Azerbaijani", "Armenian"), strict=True))
_SCOPES = {
    "clause": "in one clause",
    "sentence": "in one sentence",
    "pair": "in two sentences side by side",
    "unit": "anywhere in the text",
}
_REACHES = {
    "clause": "in the same clause",
    "sentence": "in the same sentence",
    "pair": "in the same or the next sentence",
    "unit": "anywhere in the text",
}


def shown(rule: Frame | Context, examples: Iterable[Example], files: Iterable[tuple[str, bytes]]) -> Iterator[Text]:
    """The lines that tell of a rule, the examples (all there are) last; files: the rule files (name, bytes), for some of its words."""
    yield Text(safe(rule.id), style="bold").append(f"  {safe(rule.file)}:{rule.line}", style="dim")
    yield outside(rule.why)
    yield from (Text(line) for line in (_frame(rule) if isinstance(rule, Frame) else _context(rule)))
    yield from _words(rule, files)
    yield from _examples(rule, [e for e in examples if e.rule == rule.id])


def demand(example: Example) -> str:
    """What the example demands, as the rule files call it."""
    return ("todo_" if example.todo else "") + ("hit" if example.hit else "miss")


def _frame(frame: Frame) -> Iterator[str]:
    level = "harmful" if frame.score >= HARMFUL else "suspect" if frame.score >= SUSPECT else "too weak to count"
    yield f"{frame.category.replace('_', ' ')}, severity {frame.severity} ({SEVERITIES[frame.severity]}), {level}; in {_langs(frame.langs)}"
    if not frame.all:
        yield "needs no fixed order: the points of the words near the name are added up, and `safeguard check` names the words that decided"
        return
    gap = DEFAULT_GAP if frame.gap < 0 and frame.scope in ("sentence", "clause") else frame.gap
    how = [_SCOPES[frame.scope]]
    if frame.ordered:
        how.append("in this order")
    if frame.initial:
        how.append("at the beginning of a clause")
    if gap >= 0 and len(frame.all) > 1:
        how.append(f"at most {gap} other words between two" if gap else "side by side")
    yield f"needs {' + '.join(_either(a) for a in frame.all)}, {', '.join(how)}"
    if frame.blockers:
        yield f"not where {_either(frame.blockers)} stands among them"


def _context(context: Context) -> Iterator[str]:
    off = ", ".join(sorted(o.replace("_", " ") if "." not in o else o for o in context.off)) or "everything but personal threats"
    effect = f"multiplies the score by {context.weaken:g} of" if context.weaken else "switches off"
    yield f"{effect}: {off}; in {_langs(context.langs)}"
    if context.when:
        yield f"only of what was found by {_either(context.when)}"
    where = _REACHES[context.reach] + {"before": ", before it", "after": ", behind it"}.get(context.position, "")
    if context.quoted:
        where += "; what was found must stand in quotation marks, and this outside them"
    if context.any:
        yield f"needs {', or '.join(' + '.join(_either(a) for a in option) for option in context.any)}, {where}"
    if context.unless:
        yield f"not where {_either(context.unless)} stands there too"


def _langs(bits: int) -> str:
    return ", ".join(_LANGUAGES[lang] for lang in LANGS if bits & LANG_BIT[lang])


def _either(alternatives: Alternatives) -> str:
    return " or ".join(dict.fromkeys(_element(e) for e in alternatives))


def _element(e: Element) -> str:
    tags = [t for t, bit in TAG_BIT.items() if e.tags & bit] + (["neg"] if e.neg == "only" else [])
    without = [t for t, bit in TAG_BIT.items() if e.forbidden & bit]
    notes = ["|".join(tags)] * bool(tags) + [f"no {'|'.join(without)}"] * bool(without)
    return e.meaning + (f" ({', '.join(notes)})" if notes else "")


def _words(rule: Frame | Context, files: Iterable[tuple[str, bytes]]) -> Iterator[Text]:
    wanted = rule.all if isinstance(rule, Frame) else [a for option in rule.any for a in option]
    forbidden = rule.blockers if isinstance(rule, Frame) else rule.unless
    meanings = list(dict.fromkeys(e.meaning for a in (*wanted, forbidden) for e in a))
    found = _sources(frozenset(meanings) - _NAMES.keys(), files)
    if meanings:
        yield Text("some of the words:", style="dim")
    for meaning in meanings:
        some = _NAMES.get(meaning) or " · ".join(
            f"{lang} {', '.join(found[meaning, lang])}" for lang in LANGS if rule.langs & LANG_BIT[lang] and found.get((meaning, lang))
        )
        yield Text(f"  {meaning:12} ", style="dim").append(safe(some) if some else "none")


def _sources(meanings: frozenset[str], files: Iterable[tuple[str, bytes]]) -> dict[tuple[str, str], list[str]]:
    """(meaning, language) -> a few of its entries, as short ones as there are."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    lexicons = [(name, data) for name, data in files if re.search(rb"^kind: lexicon", data, re.M)]
    for line in parse(lexicons).lines:
        if line.meaning in meanings:
            found.setdefault((line.meaning, line.lang), {})[line.entry.source] = None
    return {key: [_readable(s) for s in sorted(sources, key=_words_in)[:MOST_WORDS]] for key, sources in found.items()}


def _words_in(source: str) -> int:
    return source.count(" ") + source.count("|")


def _readable(source: str) -> str:
    """A lexicon entry without the signs of its format; … stands for endings and for what is left out."""
    text = re.sub(r"/[a-z_0-9]+|\*(?=$|[ |])", "…", source).replace("^", "")
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _examples(rule: Frame | Context, examples: list[Example]) -> Iterator[Text]:
    if not examples:
        return
    means = "hit: found · miss: not hidden" if isinstance(rule, Frame) else "hit: switched off · miss: hidden all the same"
    gaps = " · todo: a known gap" if any(e.todo for e in examples) else ""
    yield Text(f"examples, tried by `safeguard rules test` ({means}{gaps}):", style="dim")
    for example in sorted(examples, key=lambda e: (LANGS.index(e.lang), not e.hit)):
        yield Text(f"  {example.lang} {demand(example):9} ", style="dim").append(outside(example.text))
