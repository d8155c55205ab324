"""What is wrong with a set of rule files, all at once: shapes, names, missing examples, rules nothing can meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from safeguard.errors import Problem, RuleError
from safeguard.language import _
from safeguard.ruleset.compiler import compile_raw
from safeguard.ruleset.lint_entries import entry_problems
from safeguard.ruleset.model import CATEGORIES, LANG_BIT, LANGS, Context, Frame
from safeguard.ruleset.parser import RawRules, parse

# Meanings the engine itself gives, beside those of the lexicons.
GIVEN = frozenset({"GROUP", "COUNTRY", "SLUR", "GROUPADJ"})


def lint(files: Iterable[tuple[str, bytes]], *, need_examples: bool | Callable[[str], bool] = True) -> list[Problem]:
    """Every problem in the files (name, bytes), warnings too, in order of file and line; [] for a good set.

    need_examples: whether every rule, or those of the files of which it says so, must have examples in every language.
    """
    kept = sorted(files)
    raw = parse(kept)
    problems = list(raw.problems)
    try:
        compile_raw(replace(raw, problems=[]))
    except RuleError as e:
        problems += e.problems
    problems += _meanings(raw) + _references(raw) + entry_problems(raw)
    problems += [p for p in _examples(raw) if (need_examples(p.file) if callable(need_examples) else need_examples)]
    return sorted(set(problems), key=lambda p: (p.file, p.line, p.what))


def _meanings(raw: RawRules) -> list[Problem]:
    known = {line.meaning for line in raw.lines} | GIVEN
    out = []
    rules: list[Frame | Context] = [*raw.frames.values(), *raw.contexts.values()]
    for rule in rules:
        wanted = [e for a in rule.all for e in a] if isinstance(rule, Frame) else [e for o in rule.any for a in o for e in a]
        wanted += rule.blockers if isinstance(rule, Frame) else (*rule.when, *rule.unless)
        for meaning in dict.fromkeys(e.meaning for e in wanted):
            if meaning not in known:
                said = _("%(rule)s: no lexicon has a word of meaning %(meaning)s; add one or mend the name", rule=rule.id, meaning=meaning)
                out.append(Problem(rule.file, rule.line, said))
    return out


def _references(raw: RawRules) -> list[Problem]:
    out = []
    for context in raw.contexts.values():
        for name in context.off:
            if name not in CATEGORIES and name not in raw.frames:
                said = _("%(context)s: off: %(name)s is neither a category nor a rule", context=context.id, name=repr(name))
                out.append(Problem(context.file, context.line, said))
    for example in raw.examples:
        if example.rule not in raw.frames and example.rule not in raw.contexts:
            said = _("examples for %(rule)s, but there is no such rule", rule=repr(example.rule))
            out.append(Problem(example.file, example.line, said))
    return out


def _examples(raw: RawRules) -> list[Problem]:
    """Each rule needs a hit and a miss in every language it covers; weights are tried by a corpus instead (tests/weights)."""
    have = {(e.rule, e.lang, e.hit) for e in raw.examples}
    out = []
    rules: Sequence[Frame | Context] = (*(f for f in raw.frames.values() if f.all), *raw.contexts.values())
    for rule in rules:
        for lang in LANGS:
            for hit in (True, False) if rule.langs & LANG_BIT[lang] else ():
                if (rule.id, lang, hit) not in have:
                    values = {"rule": rule.id, "kind": "hit" if hit else "miss", "lang": lang, "folder": f"rules/examples/{lang}/"}
                    out.append(Problem(rule.file, rule.line, _("%(rule)s: no %(kind)s example in %(lang)s (%(folder)s)", **values)))
    return out
