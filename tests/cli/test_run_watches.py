"""Beside the proxy in `safeguard run`: what the parent allows is obeyed, and alerts come to this session if it is the parent's."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.alerts import desktop
from safeguard.cli.run import serving
from safeguard.config import Settings
from safeguard.policy.allowance import Scope
from safeguard.system.paths import Paths
from tests.store.conftest import incident

SITE = "title: Family\ndomains: [family.test]\n"


@pytest.fixture(autouse=True)
def own_site(paths: Paths) -> None:
    (paths.rules / "sites").mkdir(parents=True)
    (paths.rules / "sites" / "family.yaml").write_text(SITE)


@pytest.fixture(autouse=True)
def no_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shipped rules play no part here and take their time."""
    monkeypatch.setattr("safeguard.system.shipped.rules", lambda: tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize(("alerts", "enabled", "told"), [(True, True, True), (False, True, False), (True, False, False)])
def test_alerts_come_where_they_belong(monkeypatch: pytest.MonkeyPatch, alerts: bool, enabled: bool, told: bool) -> None:
    shown, came = [], threading.Event()

    def show(title: str, text: str) -> None:
        shown.append(text)
        came.set()

    monkeypatch.setattr(desktop, "show", show)
    said: list[str] = []
    with serving(Settings(alerts=enabled), 0, said.append, alerts=alerts) as on:
        on.pipeline.sink(incident("A1"))
        names = {t.name for t in threading.enumerate()}
        assert ("safeguard-alerts" in names) is told
        if told:
            assert came.wait(10)
    assert shown == (["x: hate. Code A1"] if told else [])
    assert [line for line in said if "certificate authority" not in line] == []


def test_what_is_allowed_is_obeyed_from_the_start_and_while_it_runs() -> None:
    parent = wiring.open_store(Settings())
    first = parent.allowances.add(Scope.SITE, "x").allowance
    with serving(Settings(), 0) as on:
        assert on.pipeline.allowances == (first,)
        parent.allowances.undo(first.id)
        second = parent.allowances.add(Scope.SITE, "y").allowance
        pause = threading.Event()
        for _ in range(100):
            if on.pipeline.allowances == (second,):
                break
            pause.wait(0.05)
        assert on.pipeline.allowances == (second,)
    parent.close()
