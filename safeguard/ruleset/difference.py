"""What a newer set of rules adds, changes and removes, by id, before anybody says yes to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from safeguard.ruleset.model import CompiledRules


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids, each once, in alphabetical order."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def difference(old: Mapping[str, object], new: Mapping[str, object]) -> Difference:
    """Between two states of things by id."""
    return Difference(
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(i for i in old.keys() & new.keys() if old[i] != new[i])),
        tuple(sorted(old.keys() - new.keys())),
    )


def rules_by_id(rules: CompiledRules) -> dict[str, object]:
    """Rules and contexts; where in a file they stand is no difference."""
    out: dict[str, object] = {frame.id: replace(frame, file="", line=0) for frame in rules.findings}
    return out | {context.id: replace(context, file="", line=0) for context in rules.contexts}
