"""The engine: immutable, built once from compiled rules, no state between texts."""

from __future__ import annotations

from collections.abc import Sequence

from safeguard.matching.verdict import CLEAN, Category, Level, Reason, Verdict
from safeguard.text.unit import TextUnit

_FIRST = ("kill all", "they are rats and must", "армян надо убить", "hepsini öldürmek", "hamısını öldürmək", "պետք է սպանել", "kill you")


class Engine:
    """PLACEHOLDER until the compiled rules land; the signature is final."""

    def check_many(self, units: Sequence[TextUnit]) -> list[Verdict]:
        """One verdict a unit, in order. Other units never change a verdict."""
        return [self._one(u) for u in units]

    def _one(self, unit: TextUnit) -> Verdict:
        reasons = []
        for i, s in enumerate(unit.segments):
            for w in _FIRST:
                at = s.text.find(w)
                if at >= 0:
                    reasons.append(Reason("placeholder", Category.INCITEMENT, 3, 1.0, i, at, at + len(w), (w,), Level.HARMFUL))
        return Verdict(Level.HARMFUL, Category.INCITEMENT, 3, 1.0, None, tuple(reasons)) if reasons else CLEAN
