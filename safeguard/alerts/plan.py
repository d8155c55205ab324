"""When what is shown: a few messages an hour, then a digest; personal threats at once. No clock and no desktop in here."""

from __future__ import annotations

from collections.abc import Sequence

from safeguard.policy.alert import Alert

HOUR = 3_600_000  # milliseconds
BREATH = 60_000
"""Milliseconds between two messages about threats: the first comes at once, a flood of them is joined."""


def due(pending: Sequence[Alert], shown: Sequence[int], urgent_shown: Sequence[int], now: int, per_hour: int) -> list[list[Alert]]:
    """The alerts to show now, each inner list as one message, threats first.

    shown, urgent_shown: when messages of that kind were shown in the last hour (milliseconds since 1970, as `now`).
    While the hour's messages are used up, alerts wait; the next message is the digest of all that waited.
    """
    out = []
    threats = [a for a in pending if a.urgent]
    if threats and not any(now - BREATH < at <= now for at in urgent_shown):
        out.append(threats)
    others = [a for a in pending if not a.urgent]
    if others and sum(now - HOUR < at <= now for at in shown) < per_hour:
        out.append(others)
    return out
