"""The queue of alerts: what is queued, that it survives, and that one alert is given to one process only."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from safeguard.store import Store, alerts, migrations
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


def test_each_channel_claims_for_itself(store: Store) -> None:
    store.add(incident("A", account="anna"))
    store.flush()
    phone, mail = store.alerts_for("1", 0), store.alerts_for("2", 0)
    [one] = phone.claim(phone.pending())
    assert one.account == "anna"
    assert phone.claim([one]) == []
    phone.finish([one])
    phone.release([one])  # what was told stays told
    assert phone.pending() == []
    assert [a.code for a in mail.pending()] == [a.code for a in store.alerts.pending()] == ["A"]


def test_what_somebody_claimed_and_was_killed_waits_again(store: Store, clock: Clock) -> None:
    store.add(incident("A"))
    store.flush()
    [one] = store.alerts.claim(store.alerts.pending())
    clock.now += alerts.LEASE / 1000
    assert store.alerts.pending() == []
    clock.now += 1
    assert store.alerts.claim(store.alerts.pending()) == [one]
    assert store.alerts.claim([one]) == []
    store.alerts.finish([one])
    clock.now += 3600
    assert store.alerts.pending() == []


def test_the_queue_is_bounded_and_threats_stay_longer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MOST", 3)
    store.add(incident("T", category="personal_threat"))
    for n in range(9):
        store.add(incident(f"A{n}"))
    store.flush()
    assert [a.code for a in store.alerts.pending()] == ["T", "A6", "A7", "A8"]
    for n in range(9, 40):
        store.add(incident(f"A{n}"))
    store.flush()
    assert [a.code for a in store.alerts.pending()] == ["A37", "A38", "A39"]


def test_a_number_that_is_given_again_is_told_again(store: Store, clock: Clock) -> None:
    store.add(incident("A"))
    store.flush()
    old = store.alerts.pending()
    store.alerts.finish(store.alerts.claim(old))
    clock.now += 60
    store.review.forget(0)
    assert store.alerts.claim(old) == []  # of a process that had looked before
    store.add(incident("B"))
    store.flush()
    assert [(a.id, a.code) for a in store.alerts.pending()] == [(1, "B")]


def test_what_an_older_version_has_shown_is_not_shown_again(tmp_path: Path, clock: Clock) -> None:
    log = tmp_path / "old.sqlite"
    engine = create_engine(f"sqlite:///{log}")
    before = next(n for n, step in enumerate(migrations.STEPS) if any("CREATE TABLE delivery" in line for line in step))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE migration (number BIGINT NOT NULL PRIMARY KEY)"))
        for number, step in enumerate(migrations.STEPS[:before], 1):
            for statement in step:
                connection.execute(text(statement))
            connection.execute(text("INSERT INTO migration VALUES (:n)"), {"n": number})
        for number, shown in ((1, 1_700_000_000_000), (2, None)):
            connection.execute(
                text("INSERT INTO alert VALUES (:n, 1699999999000, :code, 'slur', 'x', 0, :shown)"),
                {"n": number, "code": f"C{number}", "shown": shown},
            )
    engine.dispose()
    log.chmod(0o600)
    store = Store(log, clock=clock)
    assert [a.code for a in store.alerts.pending()] == ["C2"]
    clock.now += 1
    assert store.alerts.shown(urgent=False) == [1_700_000_000_000]
    store.close()
