"""An engine of one word, so that the readers are tested without the rules."""

from __future__ import annotations

from collections.abc import Sequence

from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.matching.verdict import CLEAN, Category, Level, Reason, Verdict
from safeguard.pipeline import Pipeline
from safeguard.text.unit import TextUnit

BAD = "verboten words here"


class OneWord:
    """Finds BAD, whatever blanks stand between its words."""

    version = "of-one-word"

    def check_many(self, units: Sequence[TextUnit]) -> list[Verdict]:
        return [self._one(u) for u in units]

    def _one(self, unit: TextUnit) -> Verdict:
        reasons = tuple(
            Reason("fake", Category.THREAT, 3, 1.0, i, 0, len(s.text), (BAD,), Level.HARMFUL)
            for i, s in enumerate(unit.segments)
            if BAD in " ".join(s.text.split())
        )
        return Verdict(Level.HARMFUL, Category.THREAT, 3, 1.0, None, reasons) if reasons else CLEAN


def pipeline(*profiles: SiteProfile, limit: int = 32 * 2**20) -> Pipeline:
    return Pipeline(OneWord(), Sites.of(profiles), b"key", limit=limit)  # type: ignore[arg-type]
