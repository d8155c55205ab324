"""Sites with pages that went without the guard, kept over restarts and forgotten after some days."""

from __future__ import annotations

from pathlib import Path

from safeguard.policy.partly import DAYS, Partly
from safeguard.store import Store
from safeguard.store.partly import MOST, PartlyTable


def test_first_and_last_are_kept_and_old_ones_forgotten(store: Store, where: Path | str) -> None:
    now = 1_000_000
    table = PartlyTable(store._access, lambda: now)
    table.met([("x", "sandbox"), ("vk", "XHTML")])
    now += 5
    table.met([("x", "sandbox"), ("x", "late")])
    store.close()
    again = Store(where)
    table = PartlyTable(again._access, lambda: now)
    assert table.list() == [
        Partly("vk", "XHTML", 1_000_000, 1_000_000),
        Partly("x", "sandbox", 1_000_000, 1_000_005),
        Partly("x", "late", 1_000_005, 1_000_005),
    ]
    now += DAYS * 86_400_000 - 5
    assert [p.site for p in table.list()] == ["x", "x"]
    table.met([("x", "sandbox")])
    now -= DAYS * 86_400_000 - 5
    assert [p.site for p in table.list()] == ["x", "x"]
    table.met(("y", str(n)) for n in range(MOST + 5))
    assert len([p for p in table.list() if p.site == "y"]) == MOST
    again.close()
