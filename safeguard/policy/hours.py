"""When a child's social networks are off: altogether, in weekly windows of the wall's clock, or one site by itself. Pure.

Only weekday and minute as the wall's clock shows them count, so a change to summer time moves nothing: a night from 21:00 to 07:00 is
from 21:00 to 07:00, an hour longer or shorter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from safeguard.errors import InputError
from safeguard.language import N_, _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAILY = "daily"
DAY = 24 * 60
WEEK = 7 * DAY
MOST = 50
SHAPE = N_("times look like mon-fri 21:00-07:00 or sat,sun 13:00-15:00 or daily 22:00-06:00")
_WINDOW = re.compile(r"(?P<days>[a-z,-]+)\s+(?P<h1>\d{1,2}):(?P<m1>\d\d)\s*-\s*(?P<h2>\d{1,2}):(?P<m2>\d\d)", re.ASCII)


class Wall(NamedTuple):
    """What a clock on the wall shows: day 0 (Monday) to 6, minute of the day."""

    day: int
    minute: int

    @property
    def of_week(self) -> int:
        return self.day * DAY + self.minute


@dataclass(frozen=True, slots=True)
class Window:
    """From start on each of these days until end; an end that is not later than the start is on the next day."""

    days: tuple[int, ...]
    start: int
    end: int

    def left(self, now: int) -> int:
        """Minutes until it ends, 0 where it is not now; now: minute of the week."""
        long = self.end - self.start + (DAY if self.end <= self.start else 0)
        since = ((now - (d * DAY + self.start)) % WEEK for d in self.days)
        return max((long - s for s in since if s < long), default=0)

    def __str__(self) -> str:
        """As it is written."""
        return f"{_days(self.days)} {clock(self.start)}-{clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Shut:
    """The site is off now. until: minute of the day at which it is on again, None where no time says so."""

    until: int | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """off: all sites, always. times: all sites, then. sites: name -> whether it is off always (True) or never, whatever else is said."""

    off: bool = False
    times: tuple[Window, ...] = ()
    sites: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))

    def shut(self, site: str, now: Wall) -> Shut | None:
        """None where the site is on."""
        own = self.sites.get(site)
        if own is not None:
            return Shut() if own else None
        if self.off:
            return Shut()
        left = self._left(now.of_week)
        if not left:
            return None
        return Shut((now.minute + left) % DAY) if left < WEEK else Shut()

    def _left(self, now: int) -> int:
        """Minutes until all windows that follow upon each other are over; WEEK where they never are."""
        end = now
        while end - now < WEEK and (more := max((w.left(end % WEEK) for w in self.times), default=0)):
            end += more
        return min(end - now, WEEK)


def strictest(found: Iterable[Shut | None]) -> Shut | None:
    """Off where any says so; until the latest is not known, so only where one alone says it."""
    off = [s for s in found if s is not None]
    if not off:
        return None
    return off[0] if all(s == off[0] for s in off) else Shut()


def window(text: str) -> Window:
    """The window that is written so. Raises InputError with one line."""
    m = _WINDOW.fullmatch(text.strip().lower())
    if m is None:
        raise InputError(_("%(text)s is no time; %(shape)s", text=_shown(text), shape=_(SHAPE)))
    start, end = _minute(m["h1"], m["m1"], text), _minute(m["h2"], m["m2"], text)
    if start == DAY:
        raise InputError(_("%(text)s begins when the day is over; write 00:00 of the next day", text=_shown(text)))
    if start == end:
        raise InputError(_("%(text)s ends when it begins; a whole day is 00:00-24:00", text=_shown(text)))
    return Window(_numbers(m["days"], text), start, end)


def clock(minute: int) -> str:
    """A minute of the day as a clock shows it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _shown(text: str) -> str:
    return repr(text.strip()[:60])


def _minute(hours: str, minutes: str, text: str) -> int:
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > DAY:
        raise InputError(_("%(text)s: there is no %(time)s on a clock", text=_shown(text), time=f"{hours}:{minutes}"))
    return found


def _numbers(days: str, text: str) -> tuple[int, ...]:
    if days == DAILY:
        return tuple(range(7))
    out: set[int] = set()
    for part in days.split(","):
        first, __, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            known = ", ".join((*DAYS, DAILY))
            raise InputError(_("%(text)s: days are %(days)s; %(shape)s", text=_shown(text), days=known, shape=_(SHAPE)))
        begin, end = DAYS.index(first), DAYS.index(last or first)
        out.update((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    return tuple(sorted(out))


def _days(numbers: tuple[int, ...]) -> str:
    """The days as they are written: three and more in a row as first-last."""
    if len(numbers) == 7:
        return DAILY
    runs: list[list[int]] = []
    for n in numbers:
        if runs and runs[-1][-1] == n - 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    parts: list[str] = []
    for run in runs:
        parts += [f"{DAYS[run[0]]}-{DAYS[run[-1]]}"] if len(run) > 2 else [DAYS[n] for n in run]
    return ",".join(parts)
