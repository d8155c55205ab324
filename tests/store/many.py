"""A log of thousands of entries, written at once: as a family's is after a month, or as that of many PCs."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy import insert

from safeguard.matching.verdict import Category, Level, Reason
from safeguard.policy.incident import Incident
from safeguard.store import Store
from safeguard.store.entry import to_row
from safeguard.store.tables import incident as table

DAYS = 29
AT_ONCE = 1000
CATEGORIES = ("incitement", "threat", "slur", "derogation")
ACTIONS = ("block", "block", "block", "blur", "allowed", "log")
_REASON = Reason("some.rule", Category.INCITEMENT, 3, 2.5, 0, 4, 9, ("words", "of it"), Level.HARMFUL, "group-1")
_ONE = Incident("", "unit", "", "", "", "", 3, 2.5, "", "some.rule", "", "post", "", (_REASON,) * 3)


def entry(n: int, authors: int) -> Incident:
    """As they come: texts of some hundred characters, three findings each, a tenth of them kept whole."""
    return replace(
        _ONE,
        code=f"C{n:06d}",
        site=f"site-{n % 12}",
        url=f"https://site-{n % 12}.test/post/{n}",
        action=ACTIONS[n % 6],
        category=CATEGORIES[n % 4],
        group=f"group-{n % 7}",
        author=f"@author-{n * 7919 % authors}",
        account=f"child-{n % 3}",
        severity=n % 3 + 1,
        excerpt=f"Some words of it, number {n} of them. " * 7,
        whole="The whole text, with words. " * 60 if n % 10 == 0 else None,
    )


def fill(store: Store, count: int, authors: int = 400) -> None:
    """So many entries, the first the newest, met over the last days."""
    now, step = int(time.time() * 1000), DAYS * 86_400_000 // count
    with store._access.write() as connection:
        for begin in range(0, count, AT_ONCE):
            rows = [to_row(entry(n, authors), now - n * step, True, "pc") for n in range(begin, min(count, begin + AT_ONCE))]
            connection.execute(insert(table), rows)
