"""How soon the parents' page answers with 10,000 entries in the log: its first page, a late one, filters, a search that finds nothing."""

from __future__ import annotations

import re
import statistics
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from argon2 import PasswordHasher

from safeguard.matching.verdict import Category, Level, Reason
from safeguard.policy.incident import Incident
from safeguard.store import Store
from safeguard.system.own_rules import OwnRules
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore
from safeguard.web import Deps, create_app
from tests.bench.measure import Figures, timed

ENTRIES = 10_000
LIMIT_MS = 300.0
PIN = "592718"
PORT = 8876
ORIGIN = f"http://127.0.0.1:{PORT}"
PATHS = {
    "first": "/",
    "filtered": "/?site=site-3&severity=1&child=child-0&days=30",
    "author": "/?author=%40author-77",
    "found-late": "/?q=number%2017%20",
    "found-nowhere": "/?q=there%20is%20no%20such%20text",
}


def entries() -> list[Incident]:
    """As they come: texts of some hundred characters, three findings each, a tenth of them kept whole."""
    reason = Reason("some.rule", Category.INCITEMENT, 3, 2.5, 0, 4, 9, ("words", "of it"), Level.HARMFUL, "group-1")
    one = Incident("", "unit", "", "", "block", "incitement", 3, 2.5, "group-1", "some.rule", "", "post", "", (reason,) * 3)
    return [
        replace(
            one,
            code=f"C{n:05d}",
            site=f"site-{n % 12}",
            url=f"https://site-{n % 12}.test/post/{n}",
            author=f"@author-{n % 400}",
            account=f"child-{n % 3}",
            severity=n % 3 + 1,
            excerpt=f"Some words of it, number {n} of them. " * 7,
            whole="The whole text, with words. " * 60 if n % 10 == 0 else None,
        )
        for n in range(ENTRIES)
    ]


def run(figures: Figures, rounds: int) -> None:
    """Milliseconds of each page, the median of the rounds."""
    with TemporaryDirectory() as folder:
        paths = Paths.under(Path(folder))
        pin = PinStore(paths.pin, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        pin.set(PIN)
        store = Store(Path(folder) / "log.sqlite")
        try:
            for incident in entries():
                store.add(incident)
            store.flush(120)
            app = create_app(Deps(pin, store, OwnRules(paths.rules), PORT, account=lambda client, server: "parent"))
            client = app.test_client()
            client.post("/sign-in", base_url=ORIGIN, data={"pin": PIN}, headers={"Origin": ORIGIN})
            pages = dict(PATHS)
            keys = [(e.last_seen, e.incident.code) for e in store.entries(ENTRIES)]
            pages["late"] = "/?after={}.{}".format(*keys[-40])
            for name, path in pages.items():
                answers = [client.get(path, base_url=ORIGIN)]
                assert answers[0].status_code == 200
                shown = len(re.findall("<article", answers[0].text))
                assert (shown == 0) == (name == "found-nowhere")
                took = [1000 * timed(lambda p=path: client.get(p, base_url=ORIGIN)) for _ in range(rounds)]  # type: ignore[misc]
                figures.tell(f"page {name} of {ENTRIES} entries", statistics.median(took), LIMIT_MS, "ms")
        finally:
            store.close()
