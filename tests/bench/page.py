"""How soon the parents' page answers with 10,000 entries in the log, and its overview with 100,000 too. A new page: its line in PATHS."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from argon2 import PasswordHasher

from safeguard.store import Store
from safeguard.system.own_rules import OwnRules
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore
from safeguard.web import Deps, create_app
from tests.bench.measure import Figures, timed
from tests.store.many import fill

ENTRIES = 10_000
LIMIT_MS = 300.0
MANY = 100_000
"""As of many PCs that share a log."""
LIMIT_MANY_MS = 1500.0
PIN = "592718"
PORT = 8876
ORIGIN = f"http://127.0.0.1:{PORT}"
OVERVIEWS = {
    "overview": "/overview",
    "overview-week": "/overview?days=7",
    "authors-csv": "/overview/author.csv",
}
PATHS = {
    "first": "/",
    "filtered": "/?site=site-3&severity=1&child=child-0&days=30",
    "author": "/?author=%40author-77",
    "found-late": "/?q=number%2017%20",
    "found-nowhere": "/?q=there%20is%20no%20such%20text",
    **OVERVIEWS,
}


def run(figures: Figures, rounds: int) -> None:
    """Milliseconds of each page, the median of the rounds."""
    _measure(figures, rounds, ENTRIES, PATHS | {"late": ""}, LIMIT_MS)
    _measure(figures, rounds, MANY, OVERVIEWS, LIMIT_MANY_MS)


def _measure(figures: Figures, rounds: int, entries: int, paths: Mapping[str, str], limit: float) -> None:
    with TemporaryDirectory() as folder:
        there = Paths.under(Path(folder))
        pin = PinStore(there.pin, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        pin.set(PIN)
        store = Store(Path(folder) / "log.sqlite")
        try:
            fill(store, entries, authors=entries // 25)
            app = create_app(Deps(pin, store, OwnRules(there.rules), PORT, account=lambda client, server: "parent"))
            client = app.test_client()
            client.post("/sign-in", base_url=ORIGIN, data={"pin": PIN}, headers={"Origin": ORIGIN})
            for name, path in paths.items():
                if name == "late":
                    entry = store.entries(entries)[-40]
                    path = f"/?after={entry.last_seen}.{entry.incident.code}"
                answer = client.get(path, base_url=ORIGIN)
                assert answer.status_code == 200
                assert bool(re.search("<article|<tbody|,site-", answer.text)) == (name != "found-nowhere")
                took = [1000 * timed(lambda p=path: client.get(p, base_url=ORIGIN)) for _ in range(rounds)]  # type: ignore[misc]
                figures.tell(f"page {name} of {entries} entries", statistics.median(took), limit, "ms")
        finally:
            store.close()
