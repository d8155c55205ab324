"""The filter on a feed with nothing to hide, against reading the same bytes as JSON; and how many posts the engine judges."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from safeguard import wiring
from safeguard.config import Settings
from safeguard.formats import bodies
from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.matching.engine import Engine
from safeguard.pipeline import Exchange, Pipeline, Result
from safeguard.ruleset import own_words
from safeguard.ruleset.model import ListRule
from safeguard.system.paths import Paths
from safeguard.text.unit import TextUnit
from tests.bench import feeds, texts
from tests.bench.measure import Figures, ratio, side_by_side, timed

EXCHANGE = Exchange("https://localhost/api", "localhost", "application/json", dest="empty")


def pipeline(folder: Path) -> Pipeline:
    """With all rules, for one site without a profile of its own."""
    paths = Paths(config=folder / "config", state=folder / "state", cache=Paths.of_user().cache)
    made = wiring.build_pipeline(Settings(), paths=paths, code_key=b"k" * 32)
    made.sites = Sites.of([SiteProfile("bench", "Bench", ("localhost",))])
    return made


def anew(engine: Engine, work: Callable[[], object]) -> float:
    """Seconds, where the words of the texts were met before, but none of the texts."""
    engine._silent.clear()
    return timed(work)


def run(figures: Figures, rounds: int) -> None:
    """Ratios to json.loads and orjson.loads, and posts a second."""
    with TemporaryDirectory() as folder:
        made = pipeline(Path(folder))
    body, dense = feeds.feed(2**20), feeds.dense_feed(2**20)
    for one in (body, dense):
        assert made.check_body(EXCHANGE, one).result is Result.PASS, "the bench's own posts are found harmful"
    told = side_by_side(
        {
            "filter": lambda: anew(made.engine, lambda: made.check_body(EXCHANGE, body)),
            "again": lambda: timed(lambda: made.check_body(EXCHANGE, body)),
            "read": lambda: timed(lambda: bodies.glance(body, "application/json", None, "empty")),
            "json": lambda: timed(lambda: json.loads(body)),
            "orjson": lambda: timed(lambda: orjson.loads(body)),
            "dense": lambda: anew(made.engine, lambda: made.check_body(EXCHANGE, dense)),
            "dense_json": lambda: timed(lambda: json.loads(dense)),
        },
        rounds,
    )
    figures.tell("engine.filter/json.loads", ratio(told["filter"], told["json"]), None)
    figures.tell("engine.filter_again/json.loads", ratio(told["again"], told["json"]), None)
    figures.tell("engine.reading/json.loads", ratio(told["read"], told["json"]), None)
    figures.tell("engine.filter/orjson.loads", ratio(told["filter"], told["orjson"]), None)
    figures.tell("engine.feed_text", 100 * feeds.text_share(body), None, "%")
    figures.tell("engine.dense_filter/json.loads", ratio(told["dense"], told["dense_json"]), None)
    figures.tell("engine.dense_feed_text", 100 * feeds.text_share(dense), None, "%")
    figures.tell("engine.filter_1MB", statistics.median(told["filter"]) * 1000, None, "ms")
    units = [TextUnit.of(t) for t in texts.posts(3000, seed=3)]
    for name, measured in (("posts", anew), ("posts_again", lambda _, work: timed(work))):
        seconds = min(measured(made.engine, lambda: made.engine.check_many(units)) for _ in range(rounds))
        figures.tell(f"engine.{name}", len(units) / seconds, None, "/s")
    lists(figures, rounds, made.engine, units)


def terms(count: int, seed: int = 5) -> list[ListRule]:
    """So many entries of a family's lists: words in all their forms, phrases, fuzzy words, hashtags, accounts, links; some are met."""
    chance = random.Random(seed)
    said = [w.strip(",.?!:՝՞") for t in texts.posts(500, seed=4) for w in t.split() if len(w) > 5]

    def word() -> str:
        return "".join(chance.choice("bdgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.choice((3, 4, 5))))

    kinds = ["word"] * 14 + ["phrase"] * 2 + ["fuzzy", "hashtag", "account", "link"]
    out = []
    for n in range(count):
        kind = kinds[n % len(kinds)]
        value = {"phrase": f"{word()} {chance.choice(said)}", "hashtag": "#" + word(), "account": "@" + word(), "link": word() + ".example"}
        out.append(ListRule("list.bench", kind, value.get(kind, chance.choice(said) if n < 500 and n % 100 == 0 else word()), True))
    return out


def lists(figures: Figures, rounds: int, none: Engine, units: list[TextUnit]) -> None:
    """What a family's lists cost: the same posts with 500 and with 50,000 entries against none, words seen before and new ones."""
    rules = none.rules
    engines = {"none": none}
    for count in (500, 50_000):
        table = own_words.listed(terms(count), rules.stems[""], rules.inflection)
        engines[str(count)] = Engine(replace(rules, listed=table))
    told = side_by_side({name: lambda e=e: anew(e, lambda: e.check_many(units)) for name, e in engines.items()}, rounds)  # type: ignore[misc]
    figures.tell("engine.500_terms/none", ratio(told["500"], told["none"]), 2.0)
    figures.tell("engine.50000_terms/none", ratio(told["50000"], told["none"]), None)
    figures.tell("engine.50000_terms/500_terms", ratio(told["50000"], told["500"]), 2.0)
