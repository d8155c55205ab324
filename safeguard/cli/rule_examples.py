"""Runs the examples that every rule carries: texts it must hit and texts it must miss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from safeguard.matching.engine import Engine
from safeguard.matching.verdict import Level, Verdict
from safeguard.ruleset.model import CompiledRules, Example
from safeguard.text.unit import TextUnit

BATCH = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one example. A todo is a known gap: it never fails, and `ok` tells that the gap is closed."""

    example: Example
    ok: bool
    verdict: Verdict

    @property
    def failed(self) -> bool:
        return not self.ok and not self.example.todo


def holds(example: Example, verdict: Verdict, is_context: bool, weakens: bool = False) -> bool:
    """Whether the verdict is what the example demands (rules/README.md, "examples").

    A rule's hit: the rule is among the reasons that count. A context's hit: it switched something off, and the text is not harmful;
    one that only weakens need not show in the reasons.
    A rule's miss: the text is not harmful. A context's miss: the text is harmful all the same.
    """
    harmful = verdict.level is Level.HARMFUL
    if is_context:
        return (weakens or any(r.suppressed_by == example.rule for r in verdict.reasons)) and not harmful if example.hit else harmful
    return any(r.rule == example.rule and r.suppressed_by is None for r in verdict.reasons) if example.hit else not harmful


def run(engine: Engine, rules: CompiledRules, examples: Iterable[Example] | None = None) -> Iterator[Outcome]:
    """Outcomes of the examples (all of them unless given), in order."""
    contexts = {c.id: bool(c.weaken) for c in rules.contexts}
    todo = list(rules.examples if examples is None else examples)
    for at in range(0, len(todo), BATCH):
        part = todo[at : at + BATCH]
        units = [TextUnit.of(e.text, lang=e.lang) for e in part]
        for example, unit, verdict in zip(part, units, engine.check_many(units), strict=True):
            if example.rule in contexts and example.hit:  # what it switched off is wanted even where nothing could count
                verdict = engine.explain(unit)
            yield Outcome(example, holds(example, verdict, example.rule in contexts, contexts.get(example.rule, False)), verdict)
