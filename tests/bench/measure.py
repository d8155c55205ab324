"""Side-by-side measurement: rounds in shuffled order, the median of the rounds' ratios, because a computer has other work too."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Figures:
    """What was measured, each as one line."""

    over: int = 0
    lines: list[str] = field(default_factory=list)

    def tell(self, name: str, value: float, limit: float | None, unit: str = "x") -> None:
        """Print a figure; limit None: only told. unit `/s` has a lower limit, others an upper one."""
        fine = limit is None or (value >= limit if unit == "/s" else value <= limit)
        self.over += not fine
        said = f"bench {name} {value:.3g}{unit} {'-' if limit is None else f'{limit:g}{unit}'} {'ok' if fine else 'over'}"
        self.lines.append(said)
        print(said, flush=True)


def timed(work: Callable[[], object]) -> float:
    """Seconds one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def side_by_side(works: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each says in every round; the order within a round is shuffled. The first round warms up and does not count."""
    chance = random.Random(7)
    out: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        names = list(works)
        chance.shuffle(names)
        for name in names:
            gc.collect()
            said = works[name]()
            if turn:
                out[name].append(said)
    return out


def ratio(values: list[float], base: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(values, base, strict=True))


def quantile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
