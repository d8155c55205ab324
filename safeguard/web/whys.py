"""Why a text was found, in words: each finding with its rule's reason, and what switched it off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from safeguard.matching.verdict import Reason
from safeguard.web import labels
from safeguard.web.speech import rules_say


@dataclass(frozen=True, slots=True)
class Why:
    """One finding: the rule, its category, its reason in a sentence, the words; off: what switched it off, in words, else ""."""

    rule: str
    category: str
    why: str
    words: tuple[str, ...]
    off: str = ""


def whys(reasons: Iterable[Reason], told: Mapping[str, str]) -> list[Why]:
    """Every finding; told: rule or context -> its reason."""
    return [
        Why(
            r.rule,
            labels.called(labels.CATEGORIES, r.category.value),
            rules_say(told[r.rule]) if r.rule in told else "",
            r.words,
            "" if r.suppressed_by is None else rules_say(told.get(r.suppressed_by, r.suppressed_by)),
        )
        for r in reasons
    ]
