"""How long after wrong PINs the next one may be tried: doubling for each origin, and for all origins together. Pure.

The time is the computer's since it was started, which nobody sets back; a wait that a restart interrupts begins again in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

FIRST_S = 30.0
FREE, LONGEST_S = 3, 3600.0
"""Of one origin: wrong ones before the first wait, and the longest wait. At most 9 guesses in the first hour, then one an hour."""
FREE_ALL, LONGEST_ALL_S = 6, 900.0
"""Of all together: at most 13 in the first hour, then 4 an hour, so that a child who guesses does not shut the parents out for long."""
MOST_ORIGINS = 50
OTHERS = "*"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that no clock setting changes.

    boot:    another one after each start of the computer, "" where the system tells none.
    seconds: since that start.
    """

    boot: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Wrong:
    """Wrong PINs of one origin since its last right one."""

    count: int
    last: Moment


Table = Mapping[str, Wrong]
"""origin -> its wrong ones; those of origins without any are not in it."""


def rebased(table: Table, now: Moment) -> Table:
    """The table as it counts now: what was before a restart is taken as of this moment, for nobody knows how long the computer was off."""
    return {o: w if w.last.boot == now.boot and w.last.seconds <= now.seconds else replace(w, last=now) for o, w in table.items()}


def wait(table: Table, origin: str, now: Moment) -> float:
    """Seconds until that origin may try again, 0 for at once. table: rebased."""
    own = table.get(origin)
    waits = [_delay(own.count, FREE, LONGEST_S) - (now.seconds - own.last.seconds)] if own else []
    if table:
        waits.append(_delay(total(table), FREE_ALL, LONGEST_ALL_S) - (now.seconds - max(w.last.seconds for w in table.values())))
    return max(0.0, *waits, 0.0)


def total(table: Table) -> int:
    """Wrong ones of all origins."""
    return sum(w.count for w in table.values())


def after_wrong(table: Table, origin: str, now: Moment) -> Table:
    """With one wrong PIN more. A flood of origins is counted together, so that it fills no disk."""
    before = table.get(origin)
    out = dict(table) | {origin: Wrong((before.count if before else 0) + 1, now)}
    while len(out) > MOST_ORIGINS:
        fewest = min((o for o in out if o not in (origin, OTHERS)), key=lambda o: (out[o].count, out[o].last.seconds))
        gone, others = out.pop(fewest), out.get(OTHERS)
        out[OTHERS] = Wrong(gone.count + (others.count if others else 0), gone.last if others is None else others.last)
    return out


def after_right(table: Table, origin: str) -> Table:
    """A right PIN takes back its own origin's wrong ones; those of others stay counted, else a parent who logs in helps who guesses."""
    return {o: w for o, w in table.items() if o != origin}


def is_told(count: int) -> bool:
    """Whether so many wrong ones together are a reason to tell the parent: 3, 6, 12, 24 …, ever rarer while it goes on."""
    return count % FREE == 0 and (count // FREE).bit_count() == 1


def _delay(count: int, free: int, longest: float) -> float:
    return 0.0 if count < free else min(longest, FIRST_S * 2 ** min(count - free, 20))
