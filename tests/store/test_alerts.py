"""The queue of alerts: what is queued, that it survives, and that one alert is given to one process only."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard.store import Store
from tests.store.conftest import Clock, incident


@pytest.mark.parametrize(
    ("changed", "urgent"),
    [
        pytest.param({}, [False], id="hidden"),
        pytest.param({"action": "warn"}, [False], id="warned"),
        pytest.param({"action": "log"}, [], id="only logged"),
        pytest.param({"action": "allowed"}, [], id="allowed"),
        pytest.param({"action": "log", "category": "personal_threat"}, [True], id="a threat in a trial"),
        pytest.param({"kind": "pin", "action": "delayed", "category": "pin_guessed"}, [True], id="the PIN"),
        pytest.param({"kind": "unchecked", "category": "unchecked"}, [], id="unchecked body"),
        pytest.param({"kind": "certificate", "category": "certificate", "action": "log"}, [False], id="the certificate waits"),
    ],
)
def test_what_is_told(store: Store, changed: dict[str, object], urgent: list[bool]) -> None:
    store.add(incident(**changed))
    store.flush()
    assert [a.urgent for a in store.alerts.pending()] == urgent


def test_the_same_text_is_told_of_once(store: Store) -> None:
    for _ in range(3):
        store.add(incident())
    store.flush()
    assert [a.code for a in store.alerts.pending()] == ["AB12"]


def test_an_alert_knows_neither_text_nor_author(store: Store) -> None:
    store.add(incident(author="@needle", excerpt="needle", whole="needle", url="https://needle.test/"))
    store.flush()
    assert "needle" not in repr(store.alerts.pending())


def test_one_claims_the_other_gets_nothing(store: Store, where: Path | str, clock: Clock) -> None:
    for code in ("A", "B"):
        store.add(incident(code))
    store.flush()
    agent = Store(where, clock=clock)
    both = agent.alerts.pending()
    assert [a.code for a in store.alerts.claim(both[:1])] == ["A"]
    assert [a.code for a in agent.alerts.claim(both)] == ["B"]
    assert agent.alerts.pending() == []
    assert agent.alerts.shown(urgent=False) == [int(clock.now * 1000)]
    agent.alerts.release(both[1:])
    assert [a.code for a in store.alerts.pending()] == ["B"]
    clock.now += 3601
    assert agent.alerts.shown(urgent=False) == []
    agent.close()


def test_a_site_that_no_database_takes_stops_nobody(store: Store) -> None:
    store.add(incident("A1", site="x\udc75\0"))
    store.add(incident("A2"))
    assert store.flush()
    assert [a.site for a in store.alerts.pending()] == ["x\ufffd\ufffd", "x"]
