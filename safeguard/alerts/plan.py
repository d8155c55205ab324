"""When what is told: a few messages an hour, then a digest; personal threats at once; quiet hours. No clock and no desktop in here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from safeguard.policy.alert import Alert

HOUR = 3_600_000  # milliseconds
BREATH = 60_000
"""Milliseconds between two messages about threats: the first comes at once, a flood of them is joined."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a parent wants to be told.

    per_hour: messages an hour, threats not counted. digest: milliseconds that finds are gathered before they are told, threats not.
    quiet: minutes of the local day [from, until) without messages; over midnight where from is the later.
    quiet_threats: threats come in these hours too.
    """

    per_hour: int
    digest: int = 0
    quiet: tuple[int, int] | None = None
    quiet_threats: bool = True

    def is_quiet(self, minute: int) -> bool:
        """minute: of the local day, as a clock on the wall shows it; so it holds on the days when clocks are changed."""
        if self.quiet is None:
            return False
        start, until = self.quiet
        return start <= minute < until if start < until else minute >= start or minute < until


def due(
    pending: Sequence[Alert], shown: Sequence[int], urgent_shown: Sequence[int], now: int, pace: Pace, minute: int = 0
) -> list[list[Alert]]:
    """The alerts to show now, each inner list as one message, threats first.

    shown, urgent_shown: when messages of that kind were shown in the last hour (milliseconds since 1970, as `now`).
    minute: of the local day. While the hour's messages are used up, alerts wait; the next message is the digest of all that waited.
    """
    out = []
    threats = [a for a in pending if a.urgent]
    quiet = pace.is_quiet(minute)
    if threats and (pace.quiet_threats or not quiet) and not any(now - BREATH < at <= now for at in urgent_shown):
        out.append(threats)
    others = [a for a in pending if not a.urgent]
    waited = any(not now - pace.digest < a.at <= now for a in others)
    if waited and not quiet and sum(now - HOUR < at <= now for at in shown) < pace.per_hour:
        out.append(others)
    return out
