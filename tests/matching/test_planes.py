"""What frames lack, counted for all at once, is what counting one by one finds."""

import random

from safeguard.matching.engine import Engine
from safeguard.matching.mentions import NAMING
from safeguard.matching.planes import Planes, union
from safeguard.ruleset.model import FREE, LANGS

Word = tuple[str, int, int]
"""Meaning, tags, languages."""


def one_by_one(engine: Engine, words: list[Word]) -> int:
    """Least number of places that a frame lacks, 3 for more and for frames that have nothing."""
    lacking = [3]
    for frame in engine.rules.frames:
        for lang in range(len(LANGS)):
            if frame.langs >> lang & 1:
                spoken = [(m, tags) for m, tags, langs in words if m in FREE or langs >> lang & 1]
                gone = [not any(e.matches(m, tags) for e in place for m, tags in spoken) for place in frame.all]
                if not all(gone):
                    lacking.append(sum(gone))
    return min(lacking)


def test_all_at_once_is_one_by_one(engine: Engine) -> None:
    planes = Planes(engine.rules.frames, engine.rules)
    chance = random.Random(4)
    elements = sorted({(e.meaning, e.tags) for f in engine.rules.frames for place in f.all for e in place if e.meaning not in NAMING})
    names = [("GROUP", 0), ("GROUP", 1), ("SLUR", 0)]
    seen = set()
    for n in range(300):
        chosen = chance.sample(elements, chance.choice((0, 1, 2, 4, 8, 30)))
        words = [(m, tags, chance.choice((1, 2, 4, 8, 16, 31))) for m, tags in chosen]
        named = n % 2 == 1  # with a name, points may be enough where no frame is
        words += [(m, tags, 31) for m, tags in chance.sample(names, named)]
        bits = union(planes.of(*word) for word in words)
        got, want = planes.missing(bits), one_by_one(engine, words)
        assert got == want or (named and got == 0), words
        seen.add(want)
    assert seen == {0, 1, 2, 3}
