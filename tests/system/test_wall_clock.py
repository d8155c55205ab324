"""What the clock on the wall shows, also after the computer was taken to another time zone."""

from __future__ import annotations

import sys
import time

import pytest

from safeguard.policy.hours import DAY
from safeguard.system import wall_clock
from safeguard.system.wall_clock import WallClock


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells the zone by itself")
def test_a_new_zone_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_clock, "ZONE_S", -1.0)
    clock = WallClock()
    try:
        monkeypatch.setenv("TZ", "AAA0")
        first = clock()
        monkeypatch.setenv("TZ", "BBB-4")  # four hours east
        second = clock()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (second.of_week - first.of_week) % (7 * DAY) in (240, 241)


def test_monday_is_the_first_day() -> None:
    now = WallClock()()
    assert now.day == time.localtime().tm_wday
    assert 0 <= now.minute < DAY
