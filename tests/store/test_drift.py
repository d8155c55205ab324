"""Runs of answers that did not look as expected, kept over restarts."""

from __future__ import annotations

from pathlib import Path

from safeguard.policy.drift import Drift
from safeguard.store import Store


def test_kept_replaced_and_ended(store: Store, where: Path | str) -> None:
    one, other = Drift("x", "json /a", 1, 5, 5), Drift("vk", "html", 9, 1, 7)
    store.drift.save([one, other], [])
    store.drift.save([Drift("x", "json /a", 2, 5, 8)], [("vk", "html"), ("never", "was")])
    store.close()
    again = Store(where)
    assert again.drift.list() == [Drift("x", "json /a", 2, 5, 8)]
    again.close()
