"""What of the family's certificate authority waits for the parent's yes: sites it may not vouch for yet, an end that comes near. No I/O.

A new authority is never made without that yes: browsers would have to trust something that nobody agreed to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from safeguard.language import N_, _
from safeguard.proxy.ca import Authority

WARN_BEFORE = dt.timedelta(days=30)
HOW = N_("see `safeguard ca show`")
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Due:
    """False where nothing waits.

    missing: watched domains that it may not vouch for: a browser that goes through the filter cannot open them.
    ends:    its last moment; left: whole days until then, below 0 once it is over.
    """

    missing: tuple[str, ...]
    ends: dt.datetime
    left: int

    @property
    def ending(self) -> bool:
        """Whether the parent is to be warned of the end."""
        return self.left < WARN_BEFORE.days

    @property
    def over(self) -> bool:
        """Whether it has ended: no watched site can be opened."""
        return self.left < 0

    def __bool__(self) -> bool:
        return bool(self.missing) or self.ending

    def lines(self) -> tuple[str, ...]:
        """For the parent: what waits and what it means until then, one line each. They stay the same from day to day, to be told once."""
        out = []
        day, how = f"{self.ends:%Y-%m-%d}", _(HOW)
        if self.over:
            out.append(
                _("the certificate ended on %(day)s: no watched site can be opened until you make a new one; %(how)s", day=day, how=how)
            )
        elif self.ending:
            out.append(
                _(
                    "the certificate ends on %(day)s; then no watched site can be opened, so make a new one before; %(how)s",
                    day=day,
                    how=how,
                )
            )
        if self.missing:
            out.append(
                _(
                    "these new sites wait for your yes, because the certificate is not for them: %(sites)s; "
                    "until then browsers that go through the filter cannot open them, and others are not protected on them; %(how)s",
                    sites=named(self.missing),
                    how=how,
                )
            )
        return tuple(out)


def due(authority: Authority, domains: Iterable[str], now: dt.datetime) -> Due:
    """What of it waits, for these watched domains, now."""
    return Due(tuple(d for d in sorted(set(domains)) if not authority.covers([d])), authority.ends, (authority.ends - now).days)


def named(domains: Iterable[str]) -> str:
    """Domains for a line: the first few, and how many more."""
    every = list(domains)
    first = ", ".join(every[:_MOST_NAMED])
    return _("%(sites)s and %(count)s more", sites=first, count=len(every) - _MOST_NAMED) if len(every) > _MOST_NAMED else first
