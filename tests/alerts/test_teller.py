"""The queue is emptied onto a desktop; where there is none nothing is lost and it is said once."""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from safeguard.alerts.plan import Pace
from safeguard.alerts.teller import Teller
from safeguard.errors import AlertError, StoreError
from safeguard.policy.alert import Alert
from safeguard.store import Store
from tests.alerts.conftest import meet
from tests.store.conftest import Clock


def test_from_a_find_to_the_desktop(store: Store, clock: Clock) -> None:
    desktop: list[tuple[str, str]] = []
    teller = Teller(store.alerts, lambda *said: desktop.append(said), pace=Pace(2), lang="en", clock=clock)
    meet(store, "A1", author="@needle", excerpt="needle")
    assert teller.tell() == 1
    assert teller.tell() == 0
    clock.now += 60
    meet(store, "A2")
    assert teller.tell() == 1
    clock.now += 60
    meet(store, "A3", "A4", "A5")
    assert teller.tell() == 0
    meet(store, "T1", category="personal_threat", action="log")
    assert teller.tell() == 1
    clock.now += 3600
    assert teller.tell() == 1
    assert [text for _, text in desktop] == [
        "x: hate. Code A1",
        "x: hate. Code A2",
        "x: a threat. Code T1",
        "3 texts on x: hate. See: safeguard log list",
    ]
    assert "needle" not in repr(desktop)


def test_without_a_desktop_nothing_is_lost_and_it_is_said_once(store: Store, clock: Clock) -> None:
    def nothing(title: str, text: str) -> None:
        raise AlertError("alerts: no desktop")

    meet(store, "A1")
    said: list[str] = []
    Teller(store.alerts, nothing, pace=Pace(2), lang="en", clock=clock).run(threading.Event(), said.append)
    assert said == ["alerts: no desktop; `safeguard agent` shows them in a session that has one"]
    desktop: list[str] = []
    assert Teller(store.alerts, lambda title, text: desktop.append(text), pace=Pace(2), lang="en", clock=clock).tell() == 1
    assert desktop == ["x: hate. Code A1"]


def test_two_at_once_show_each_alert_once(store: Store, tmp_path: Path, clock: Clock) -> None:
    other = Store(tmp_path / "log.sqlite", clock=clock)
    meet(store, "A1")
    desktop: list[str] = []
    second = Teller(other.alerts, lambda title, text: desktop.append("second"), pace=Pace(2), lang="en", clock=clock)

    class Late:
        """The first one's queue, in which the second one is always quicker."""

        def pending(self) -> list[Alert]:
            found = store.alerts.pending()
            second.tell()
            return found

        shown, claim, release = store.alerts.shown, store.alerts.claim, store.alerts.release

    assert Teller(Late(), lambda title, text: desktop.append("first"), pace=Pace(2), lang="en", clock=clock).tell() == 0
    assert desktop == ["second"]
    other.close()


def test_a_log_that_cannot_be_read_is_said_once_and_tried_again(clock: Clock) -> None:
    stop, said = threading.Event(), []

    class Broken:
        tries = 0

        def pending(self) -> list[Alert]:
            self.tries += 1
            if self.tries == 3:
                stop.set()
            raise StoreError("the log cannot be read")

        def shown(self, urgent: bool) -> list[int]:
            return []

        def claim(self, alerts: object) -> list[Alert]:
            return []

        def release(self, alerts: object) -> None: ...

    queue = Broken()
    Teller(queue, lambda title, text: None, pace=Pace(2), lang="en", clock=clock).run(stop, said.append, every=0)
    assert (queue.tries, said) == (3, ["alerts: the log cannot be read"])


@pytest.mark.skipif(sys.platform == "win32", reason="zones are set by POSIX")
@pytest.mark.parametrize("at", ["2026-03-29T06:30:00+02:00", "2026-10-25T06:30:00+01:00"], ids=["summer begins", "summer ends"])
def test_quiet_hours_end_by_the_clock_on_the_wall(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """Nine hours after they began at 22:00 it is 08:00 in the one night, 06:00 in the other."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    try:
        clock.now = datetime.fromisoformat(at).timestamp()
        meet(store, "A1")
        told: list[str] = []
        teller = Teller(store.alerts, lambda title, text: told.append(text), pace=Pace(4, quiet=(1320, 420)), lang="en", clock=clock)
        assert teller.tell() == 0
        clock.now += 29 * 60
        assert teller.tell() == 0
        clock.now += 60
        assert teller.tell() == 1
    finally:
        monkeypatch.undo()
        time.tzset()
