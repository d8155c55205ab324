"""Which days the overview is about: the last so many, or from one to another, as the address says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

PRESETS = (7, 30, 90, 365)
DEFAULT = 30
LONGEST = 366
"""Days at once."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends counted in. preset: the last so many, 0 where they were chosen one by one."""

    first: dt.date
    last: dt.date
    preset: int = 0

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def args(self) -> dict[str, str]:
        """The same as an address again."""
        return {"days": str(self.preset)} if self.preset else {"from": self.first.isoformat(), "to": self.last.isoformat()}


def last_days(count: int, today: dt.date) -> Period:
    """The last so many days, today counted in."""
    return Period(today - dt.timedelta(count - 1), today, count)


def period_of(args: Mapping[str, str], today: dt.date) -> Period:
    """What makes no sense is passed over; of what is too long the end stays."""
    first, last = _day(args.get("from", "")), _day(args.get("to", ""))
    if first is None and last is None:
        days = args.get("days", "")
        return last_days(int(days) if days in map(str, PRESETS) else DEFAULT, today)
    last = min(last or today, today)
    first = first or last
    if first > last:
        first, last = last, min(first, today)
    return Period(max(first, last - dt.timedelta(LONGEST - 1)), last)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 2000 else None
