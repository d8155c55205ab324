"""The engine beside the profanity filters of PyPI: posts a second on the same texts, and what each finds of HateCheck."""

from __future__ import annotations

import csv
import importlib
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from safeguard import wiring
from safeguard.config import Settings
from safeguard.matching.verdict import Level
from safeguard.system.paths import Paths
from safeguard.text.unit import TextUnit
from tests.bench import posts
from tests.bench.measure import Figures, side_by_side, timed

Filter = Callable[[Sequence[str]], list[bool]]
"""Texts -> which of them it would hide."""
LIMITS = {"ordinary": 100_000, "heated": 5_000}
COUNT = 3000
FEW = {"better-profanity": 30, "glin-profanity": 200}
"""Of these many posts the slow ones take the first: a round shall not last minutes."""
LEAST = 8  # cases of a function that counts alone
SUITE = Path(__file__).parents[3] / "shared" / "suites" / "hatecheck_dev.csv"


def ours() -> Filter:
    """The shipped rules alone, as the default profile hides."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = Paths(config=folder / "config", state=folder / "state", cache=Paths.of_user().cache)
        engine = wiring.build_engine(Settings(), paths=paths)
    return lambda texts: [v.level is Level.HARMFUL for v in engine.check_many([TextUnit.of(t) for t in texts])]


def better(module: Any) -> Filter:
    """better-profanity, as its page shows it."""
    module.profanity.load_censor_words()
    return lambda texts: [bool(module.profanity.contains_profanity(t)) for t in texts]


def glin(module: Any) -> Filter:
    """glin-profanity with those of its languages that are ours too."""
    judge = module.Filter({"languages": ["english", "russian", "turkish"]})
    return lambda texts: [bool(judge.is_profane(t)) for t in texts]


def alt(module: Any) -> Filter:
    """alt-profanity-check; the model comes with it."""
    return lambda texts: [bool(said) for said in module.predict(list(texts))]


RIVALS: dict[str, tuple[str, Callable[[Any], Filter]]] = {
    "better-profanity": ("better_profanity", better),
    "glin-profanity": ("glin_profanity", glin),
    "alt-profanity-check": ("profanity_check", alt),
}


def filters() -> dict[str, Filter]:
    """Ours, and those that are there; said of each that is not."""
    found = {"safeguard": ours()}
    for name, (module, make) in RIVALS.items():
        try:
            found[name] = make(importlib.import_module(module))
            found[name](["good morning"])
        except (ImportError, OSError, ValueError, AttributeError) as e:  # not installed, or it would load something from the net
            print(f"bench: {name} left out: {type(e).__name__}: {e}", flush=True)
    return found


def run(figures: Figures, rounds: int) -> None:
    """Posts a second, new ones in each round, then H and N."""
    found = filters()
    for kind, make in (("ordinary", posts.ordinary), ("heated", posts.heated)):
        # Each filter meets the same batches in the same order.
        batches = [make(COUNT, seed) for seed in range(rounds + 1)]
        turns = {name: iter(batches) for name in found}

        def speed(name: str, turns: dict[str, Any] = turns) -> float:
            batch = next(turns[name])[: FEW.get(name, COUNT)]
            return len(batch) / timed(lambda: found[name](batch))

        told = side_by_side({name: lambda n=name, s=speed: s(n) for name in found}, rounds)  # type: ignore[misc]
        for name in found:
            figures.tell(f"rivals.{kind}.{name}", statistics.median(told[name]), LIMITS[kind] if name == "safeguard" else None, "/s")
        share = sum(found["safeguard"](batches[0])) / COUNT
        figures.tell(f"rivals.{kind}.hidden", 100 * share, None, "%")
    if not SUITE.exists():
        print("bench: no HateCheck suite beside the project: H and N left out", flush=True)
        return
    for name, judge in found.items():
        hateful, harmless = score(SUITE, judge)
        figures.tell(f"rivals.hatecheck_H.{name}", hateful, None, "%")
        figures.tell(f"rivals.hatecheck_N.{name}", harmless, None, "%")


def score(suite: Path, judge: Filter) -> tuple[float, float]:
    """Share of right verdicts in percent, the mean over the functions of hateful cases and over those of harmless ones."""
    with suite.open(newline="", encoding="utf-8") as f:
        cases = list(csv.DictReader(f))
    by_function: dict[str, list[bool]] = defaultdict(list)
    for case, hidden in zip(cases, judge([c["test_case"] for c in cases]), strict=True):
        by_function[case["functionality"]].append(hidden == (case["label_gold"] == "hateful"))
    for name in [name for name, right in by_function.items() if len(right) < LEAST]:
        by_function["small_nh" if name.endswith("_nh") else "small_h"] += by_function.pop(name)
    means = {name: 100 * statistics.mean(right) for name, right in by_function.items()}
    harmless = [m for name, m in means.items() if name.endswith("_nh")]
    return statistics.mean([m for name, m in means.items() if not name.endswith("_nh")]), statistics.mean(harmless)
