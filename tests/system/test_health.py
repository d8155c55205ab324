"""From answers to what the parent is told: seldom looked at, kept over restarts, told once, ended by one healthy answer."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from safeguard.errors import StoreError
from safeguard.policy.drift import MISSES, OVER
from safeguard.policy.incident import Incident
from safeguard.store import Store
from safeguard.system.health import EVERY_S, HealthWatch, SiteHealth
from safeguard.system.wall_clock import local

LINE = ("x", "json /a")


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Filter:
    """What a running filter has of it; made again for a restart."""

    def __init__(self, folder: Path, clock: Clock, lang: str = "en") -> None:
        self.store = Store(folder / "log.sqlite", clock=clock)
        self.health = SiteHealth(self.store.drift.list(), clock)
        self.recorded: list[tuple[str, str]] = []
        self.lines = {LINE}
        self.watch = HealthWatch(
            self.health,
            self.store.drift,
            lang=lang,
            lines=lambda: self.lines,
            title=str.upper,
            record=lambda site, said: self.recorded.append((site, said)),
        )

    def misses(self, clock: Clock, count: int = MISSES, over: float = OVER / 1000) -> float:
        """That many in that time; returns when the first was."""
        first = clock.now
        for i in range(count):
            clock.now = first + over * i / max(1, count - 1)
            self.health.saw(*LINE, healthy=False)
        return first


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_one_answer_a_minute(clock: Clock) -> None:
    health = SiteHealth(clock=clock)
    assert [health.wants(*LINE), health.wants(*LINE), health.wants("x", "html")] == [True, False, True]
    clock.now += EVERY_S
    assert health.wants(*LINE)
    clock.now -= 10 * EVERY_S  # a clock that was set back
    assert health.wants(*LINE)


def test_told_once_kept_over_a_restart_and_ended(tmp_path: Path, clock: Clock) -> None:
    on = Filter(tmp_path, clock)
    first = on.misses(clock, MISSES - 1)
    assert on.watch.poll() == ""
    on.store.close()
    on = Filter(tmp_path, clock)
    on.health.saw(*LINE, healthy=False)
    said = on.watch.poll()
    assert said.startswith(f"Protection reduced on X since {local(int(first * 1000))}")
    assert on.recorded == [("x", said)]
    assert on.watch.poll() == ""
    on.store.close()
    on = Filter(tmp_path, clock)
    assert on.watch.poll() == said, "said again by the next start"
    on.health.saw(*LINE, healthy=True)
    assert on.watch.poll() == "Protection on X is whole again."
    assert on.store.drift.list() == []
    assert on.watch.poll() == ""
    on.store.close()


def test_in_the_parents_language(tmp_path: Path, clock: Clock) -> None:
    on = Filter(tmp_path, clock, "tr")
    on.misses(clock)
    assert "koruma" in on.watch.poll()
    on.store.close()


def test_one_healthy_answer_among_many_begins_anew(tmp_path: Path, clock: Clock) -> None:
    on = Filter(tmp_path, clock)
    on.misses(clock, MISSES - 1)
    on.health.saw(*LINE, healthy=True)
    on.health.saw(*LINE, healthy=False)
    assert on.watch.poll() == ""
    assert [d.misses for d in on.store.drift.list()] == [1]
    on.store.close()


def test_a_line_that_no_profile_has_any_more_is_forgotten(tmp_path: Path, clock: Clock) -> None:
    on = Filter(tmp_path, clock)
    on.misses(clock)
    assert on.watch.poll()
    on.lines = {("x", "json /new")}
    assert on.watch.poll() == "Protection on X is whole again."
    assert on.store.drift.list() == []
    on.store.close()


def test_what_cannot_be_written_is_written_later(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    on = Filter(tmp_path, clock)
    on.misses(clock, 1)
    told: list[str] = []
    stop = threading.Event()
    stop.set()
    with monkeypatch.context() as patch:

        def full(*args: object) -> None:
            raise StoreError("the log cannot be written (disk full)")

        patch.setattr(on.store.drift, "save", full)
        on.watch.run(stop, told.append)
    assert told == ["health of the sites: the log cannot be written (disk full)"]
    on.watch.run(stop, told.append)
    assert [d.misses for d in on.store.drift.list()] == [1]
    on.store.close()


def test_the_log_takes_the_entry(tmp_path: Path) -> None:
    store = Store(tmp_path / "log.sqlite")
    store.add(Incident("AAAA-BBBB", "reduced", "x", "", "log", "reduced", 0, 0.0, None, "", "", "", "Protection reduced"))
    assert store.flush()
    assert [e.incident.excerpt for e in store.entries()] == ["Protection reduced"]
    assert store.alerts.pending() == []
    store.close()
