"""What the clock on the wall shows, where this computer is now."""

from __future__ import annotations

import time

from safeguard.policy.hours import Wall

ZONE_S = 10.0
"""How often the time zone is looked up anew: a filter runs for weeks, and a family travels."""


class WallClock:
    """Called for the time. Safe to use from any thread."""

    def __init__(self) -> None:
        self._looked = 0.0

    def __call__(self) -> Wall:
        if hasattr(time, "tzset") and time.monotonic() - self._looked > ZONE_S:
            self._looked = time.monotonic()
            time.tzset()
        now = time.localtime()
        return Wall(now.tm_wday, 60 * now.tm_hour + now.tm_min)


def local(ms: int) -> str:
    """Local time, as a parent reads it."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(ms / 1000))
