"""The filter on a feed with nothing to hide, against reading the same bytes as JSON; and how many posts the engine judges."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from safeguard import wiring
from safeguard.config import Settings
from safeguard.formats import bodies
from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.pipeline import Exchange, Pipeline, Result
from safeguard.system.paths import Paths
from safeguard.text.unit import TextUnit
from tests.bench import texts
from tests.bench.measure import Figures, ratio, side_by_side, timed

EXCHANGE = Exchange("https://localhost/api", "localhost", "application/json", dest="empty")


def pipeline(folder: Path) -> Pipeline:
    """With all rules, for one site without a profile of its own."""
    paths = Paths(config=folder / "config", state=folder / "state", cache=Paths.of_user().cache)
    made = wiring.build_pipeline(Settings(), paths=paths, code_key=b"k" * 32)
    made.sites = Sites.of([SiteProfile("bench", "Bench", ("localhost",))])
    return made


def run(figures: Figures, rounds: int) -> None:
    """Ratios to json.loads and orjson.loads, and posts a second."""
    with TemporaryDirectory() as folder:
        made = pipeline(Path(folder))
    body = texts.feed(2**20)
    assert made.check_body(EXCHANGE, body).result is Result.PASS, "the bench's own posts are found harmful"
    told = side_by_side(
        {
            "filter": lambda: timed(lambda: made.check_body(EXCHANGE, body)),
            "read": lambda: timed(lambda: bodies.glance(body, "application/json", None, "empty")),
            "json": lambda: timed(lambda: json.loads(body)),
            "orjson": lambda: timed(lambda: orjson.loads(body)),
        },
        rounds,
    )
    figures.tell("engine.filter/json.loads", ratio(told["filter"], told["json"]), None)
    figures.tell("engine.reading/json.loads", ratio(told["read"], told["json"]), None)
    figures.tell("engine.filter/orjson.loads", ratio(told["filter"], told["orjson"]), None)
    figures.tell("engine.filter_1MB", statistics.median(told["filter"]) * 1000, None, "ms")
    units = [TextUnit.of(t) for t in texts.posts(3000, seed=3)]
    seconds = min(timed(lambda: made.engine.check_many(units)) for _ in range(rounds))
    figures.tell("engine.posts", len(units) / seconds, None, "/s")
