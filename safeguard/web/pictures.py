"""The shapes of the overview's pictures, as numbers: the templates write them as SVG, in which nothing of the log's texts stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safeguard.store.overview import Count

HEIGHT = 100.0
SLOT = 10.0
GAP = 1.0
SERIES = ("hidden", "again", "noted")
"""Parts of each bar, in this order; each is a class of the style sheet."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a bar: of which series, where it begins, how long it is."""

    series: str
    at: float
    length: float


def bar(numbers: Iterable[tuple[str, int]], most: int, whole: float = HEIGHT) -> list[Part]:
    """The parts of one bar behind each other; the longest bar, of so many, takes all of the length."""
    parts: list[Part] = []
    at = 0.0
    for series, number in numbers:
        if number:
            length = whole * number / most
            parts.append(Part(series, round(at, 2), round(length, 2)))
            at += length
    return parts


def of_count(count: Count, most: int) -> list[Part]:
    """The bar of one name."""
    return bar(((s, getattr(count, s)) for s in SERIES), most)


def weeks(days: Sequence[Count]) -> list[Count]:
    """Seven days as one, named by its first; the last ones are whole, the first may be shorter."""
    begin = len(days) % 7
    cuts = [days[:begin]] * bool(begin) + [days[n : n + 7] for n in range(begin, len(days), 7)]
    out = []
    for cut in cuts:
        total = Count(cut[0].name)
        for day in cut:
            total += day
        out.append(total)
    return out
