"""A rule told to a parent: what must stand in a text for it, what forbids it, some of its words, its examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from rich.text import Text

from safeguard.cli.common import SEVERITIES, outside, words
from safeguard.errors import InputError
from safeguard.language import N_, _
from safeguard.matching.engine import HARMFUL, SUSPECT
from safeguard.matching.frames import DEFAULT_GAP
from safeguard.ruleset.model import LANG_BIT, LANGS, TAG_BIT, Alternatives, Context, Element, Example, Frame
from safeguard.ruleset.parser import parse
from safeguard.system.terminal import safe

MOST_WORDS = 4  # shown of a meaning in a language
LONGEST = 40  # letters of an entry
_NAMES = {
    "GROUP": N_("the name of a group (rules/groups)"),
    "COUNTRY": N_("the name of a country (rules/groups)"),
    "SLUR": N_("an insult in itself (rules/groups)"),
}
LANGUAGES = {"en": N_("English"), "ru": N_("Russian"), "tr": N_("Turkish"), "az": N_("Azerbaijani"), "hy": N_("Armenian")}
_KINDS = {
    "word": N_("word"),
    "phrase": N_("phrase"),
    "exact": N_("text"),
    "regex": N_("pattern"),
    "fuzzy": N_("misspelt text"),
    "account": N_("account"),
    "link": N_("link"),
    "hashtag": N_("hashtag"),
}
_SCOPES = {
    "clause": N_("in one clause"),
    "sentence": N_("in one sentence"),
    "pair": N_("in two sentences side by side"),
    "unit": N_("anywhere in the text"),
}
_REACHES = {
    "clause": N_("in the same clause"),
    "sentence": N_("in the same sentence"),
    "pair": N_("in the same or the next sentence"),
    "unit": N_("anywhere in the text"),
}
_POSITIONS = {"before": N_("before it"), "after": N_("behind it")}


def shown(
    rule: Frame | Context, examples: Iterable[Example], files: Iterable[tuple[str, bytes]], tell: Callable[[str], str]
) -> Iterator[Text]:
    """The lines that tell of a rule, the examples (all there are) last.

    files: the rule files (name, bytes), for some of its words; tell: says its reason.
    """
    yield Text(safe(rule.id), style="bold").append(f"  {safe(rule.file)}:{rule.line}", style="dim")
    yield outside(tell(rule.why))
    yield from (Text(line) for line in (_frame(rule) if isinstance(rule, Frame) else _context(rule)))
    yield from _words(rule, files)
    yield from _examples(rule, [e for e in examples if e.rule == rule.id])


def quote(value: str) -> str:
    """What stands in a list, harmless for a terminal."""
    return f"“{safe(value)}”"


def entry_words(kind: str, value: str, until: str = "") -> str:
    """An entry of a list; what is wrong with it, or done with it, stands before or behind."""
    said = f"{_(_KINDS[kind])} {quote(value)}"
    return f"{said}, {_('until %(day)s', day=until)}" if until else said


def no_rule(id_: str, near: Iterable[str] = ()) -> InputError:
    """There is none of that id; near: such as are spelt alike."""
    rule, rules = repr(safe(id_)), f" {_('or')} ".join(near)
    if rules:
        return InputError(_("no rule %(rule)s; did you mean %(rules)s? `safeguard rules list` lists them", rule=rule, rules=rules))
    return InputError(_("no rule %(rule)s; `safeguard rules list` lists them", rule=rule))


def demand(example: Example) -> str:
    """What the example demands, as the rule files call it."""
    return ("todo_" if example.todo else "") + ("hit" if example.hit else "miss")


def _frame(frame: Frame) -> Iterator[str]:
    sure = _("harmful") if frame.score >= HARMFUL else _("suspect") if frame.score >= SUSPECT else _("too weak to count")
    yield _(
        "%(category)s, severity %(severity)s (%(name)s), %(sure)s; in %(langs)s",
        category=words(frame.category),
        severity=frame.severity,
        name=_(SEVERITIES[frame.severity]),
        sure=sure,
        langs=_langs(frame.langs),
    )
    if not frame.all:
        yield _(
            "needs no fixed order: the points of the words near the name are added up, and `safeguard check` names the words that decided"
        )
        return
    gap = DEFAULT_GAP if frame.gap < 0 and frame.scope in ("sentence", "clause") else frame.gap
    how = [_(_SCOPES[frame.scope])]
    if frame.ordered:
        how.append(_("in this order"))
    if frame.initial:
        how.append(_("at the beginning of a clause"))
    if gap >= 0 and len(frame.all) > 1:
        how.append(_("at most %(gap)s other words between two", gap=gap) if gap else _("side by side"))
    yield _("needs %(words)s, %(how)s", words=" + ".join(_either(a) for a in frame.all), how=", ".join(how))
    if frame.blockers:
        yield _("not where %(words)s stands among them", words=_either(frame.blockers))


def _context(context: Context) -> Iterator[str]:
    off = ", ".join(sorted(words(o) if "." not in o else o for o in context.off)) or _("everything but personal threats")
    langs = _langs(context.langs)
    if context.weaken:
        yield _("multiplies the score by %(factor)s of: %(what)s; in %(langs)s", factor=f"{context.weaken:g}", what=off, langs=langs)
    else:
        yield _("switches off: %(what)s; in %(langs)s", what=off, langs=langs)
    if context.when:
        yield _("only of what was found by %(words)s", words=_either(context.when))
    how = [_(_REACHES[context.reach]), *([_(_POSITIONS[context.position])] if context.position in _POSITIONS else [])]
    where = ", ".join(how)
    if context.quoted:
        where += "; " + _("what was found must stand in quotation marks, and this outside them")
    if context.any:
        options = f", {_('or')} ".join(" + ".join(_either(a) for a in option) for option in context.any)
        yield _("needs %(words)s, %(how)s", words=options, how=where)
    if context.unless:
        yield _("not where %(words)s stands there too", words=_either(context.unless))


def _langs(bits: int) -> str:
    return ", ".join(_(LANGUAGES[lang]) for lang in LANGS if bits & LANG_BIT[lang])


def _either(alternatives: Alternatives) -> str:
    return f" {_('or')} ".join(dict.fromkeys(_element(e) for e in alternatives))


def _element(e: Element) -> str:
    tags = [t for t, bit in TAG_BIT.items() if e.tags & bit] + (["neg"] if e.neg == "only" else [])
    without = [t for t, bit in TAG_BIT.items() if e.forbidden & bit]
    notes = ["|".join(tags)] * bool(tags) + [_("without %(tags)s", tags="|".join(without))] * bool(without)
    return e.meaning + (f" ({', '.join(notes)})" if notes else "")


def _words(rule: Frame | Context, files: Iterable[tuple[str, bytes]]) -> Iterator[Text]:
    wanted = rule.all if isinstance(rule, Frame) else [a for option in rule.any for a in option]
    forbidden = rule.blockers if isinstance(rule, Frame) else rule.unless
    meanings = list(dict.fromkeys(e.meaning for a in (*wanted, forbidden) for e in a))
    found = _sources(frozenset(meanings) - _NAMES.keys(), files)
    if meanings:
        yield Text(_("some of the words:"), style="dim")
    for meaning in meanings:
        if meaning in _NAMES:
            some = _(_NAMES[meaning])
        else:
            langs = [lang for lang in LANGS if rule.langs & LANG_BIT[lang] and found.get((meaning, lang))]
            some = " · ".join(f"{lang} {', '.join(found[meaning, lang])}" for lang in langs)
        yield Text(f"  {meaning:12} ", style="dim").append(safe(some) if some else _("none"))


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
    hit, miss = (_("found"), _("not hidden")) if isinstance(rule, Frame) else (_("switched off"), _("hidden all the same"))
    means = [f"hit: {hit}", f"miss: {miss}", *([f"todo: {_('a known gap')}"] if any(e.todo for e in examples) else [])]
    yield Text(_("examples, tried by `safeguard rules test` (%(means)s):", means=" · ".join(means)), style="dim")
    for example in sorted(examples, key=lambda e: (LANGS.index(e.lang), not e.hit)):
        yield Text(f"  {example.lang} {demand(example):9} ", style="dim").append(outside(example.text))
