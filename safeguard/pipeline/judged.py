"""What was decided on a document's units, before anything is edited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from safeguard.formats.document import Document
from safeguard.matching.verdict import Verdict
from safeguard.policy.decision import Decision
from safeguard.policy.incident import EXCERPT, Incident
from safeguard.text.unit import TextUnit


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided on one unit: before and after the allowances; which segments and code it is about.

    allowed: something would have been done, and is not, because of what the parent allowed.
    """

    unit: TextUnit
    before: Verdict
    decision: Decision
    which: tuple[int, ...]
    code: str
    allowed: bool

    @property
    def texts(self) -> frozenset[str]:
        """The texts it is about."""
        return frozenset(compared(self.unit.segments[i].text) for i in self.which)


@dataclass(frozen=True, slots=True)
class Judged:
    """What follows for one document: place index -> notice in its place or warning before it, units hidden, what the log keeps.

    pictures: edits that take out those written out in the body.
    codes: place index -> code of what was hidden there.
    """

    notices: Mapping[int, str]
    warnings: Mapping[int, str]
    hidden: int
    incidents: tuple[Incident, ...]
    pictures: tuple[tuple[int, int, str], ...] = ()
    codes: Mapping[int, str] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        """Whether the body changes."""
        return bool(self.notices or self.warnings)

    def changed(self, document: Document) -> str:
        """The body as it goes out."""
        return document.replaced(self.notices, self.warnings, self.pictures)


def compared(text: str) -> str:
    """The text as compared with others: blanks do not count."""
    return " ".join(text.split())


_CUT = re.compile(r"\s*(?:…|\.\.\.)\Z")
_LEAST = 20
"""Letters of a text's beginning by which it is known again."""


def copied[T](text: str, gone: Mapping[str, T]) -> T | None:
    """What is known of the text that this one is a copy of, whole or cut off with an ellipsis; both as compared."""
    again = gone.get(text)
    if again is None and (cut := _CUT.search(text)) is not None and cut.start() >= _LEAST:
        begin = text[: cut.start()]
        again = next((known for whole, known in gone.items() if whole.startswith(begin)), None)
    return again


def excerpt(text: str, start: int, end: int) -> str:
    """At most EXCERPT code points around start:end."""
    first = max(0, min(start - (EXCERPT - (end - start)) // 2, len(text) - EXCERPT))
    return text[first : first + EXCERPT]
