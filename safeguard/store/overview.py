"""The log in numbers, for pictures: one statement walks through a period once, counts in the database and brings back numbers only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Select, String, and_, case, cast, false, func, literal, or_, select, union_all

from safeguard.policy.allowance import ALLOWED, Scope
from safeguard.store import days
from safeguard.store.access import Access
from safeguard.store.tables import allowance, incident

BY = ("day", "site", "category", "group", "author")
"""What the log is counted by."""
TOP = 15
"""Names of each that are brought back by themselves; the rest is summed up."""
HIDING = ("blur", "block")
_HIDDEN, _AGAIN, _NOTED, _UNCHECKED = range(4)
_NOTHING = literal("", String)


@dataclass(frozen=True, slots=True)
class Count:
    """How many texts of one name: hidden, let through again by the parent, shown from the beginning (only noted, or with a warning).

    name: as the log has it, "" where the log does not know; a day as 2026-11-30. site: of an author, else "".
    """

    name: str = ""
    site: str = ""
    hidden: int = 0
    again: int = 0
    noted: int = 0

    @property
    def total(self) -> int:
        return self.hidden + self.again + self.noted

    def __add__(self, other: Count) -> Count:
        return Count(self.name, self.site, self.hidden + other.hidden, self.again + other.again, self.noted + other.noted)

    def __sub__(self, other: Count) -> Count:
        return Count("", "", self.hidden - other.hidden, self.again - other.again, self.noted - other.noted)


@dataclass(frozen=True, slots=True)
class Correction:
    """Allowances of one scope: how many were made in a period, and how many of these were taken back since."""

    scope: Scope
    made: int
    undone: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A period in numbers. by: each of BY -> its names, every day in order, of all else the TOP, most texts first.

    rest: what BY's other names have together. unchecked: answers that could not be checked; right: texts noted as rightly found.
    """

    by: Mapping[str, tuple[Count, ...]]
    rest: Mapping[str, Count]
    all: Count
    unchecked: int
    right: int
    corrections: tuple[Correction, ...]


class Counting:
    """Safe to use from any thread. Every method raises StoreError. A text counts on the day it was met last."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def overview(self, first: dt.date, last: dt.date) -> Overview:
        """These days, both counted in."""
        begins = days.midnights(first, last)
        slim = _slim(begins)
        few = _few(slim)
        parts = [_counted(slim if by == "author" else few, by, None if by == "day" else TOP) for by in BY]
        parts += [_texts(few, "all"), _others(few)]
        found: dict[str, list[Count]] = {}
        with self._access.read() as connection:
            for by, *rest in connection.execute(union_all(*(select(p.subquery()) for p in parts))):
                found.setdefault(by, []).append(_count(rest))
            corrections = connection.execute(_corrections(begins)).all()
        [everything], [other] = found["all"], found["other"]
        made = {Scope(scope): (count, undone) for scope, count, undone in corrections}
        counts = {by: _ordered(by, found.get(by, []), first, len(begins) - 1) for by in BY}
        return Overview(
            counts,
            {by: everything - _sum(counts[by]) for by in BY},
            everything,
            other.hidden,
            other.again,
            tuple(Correction(scope, *made.get(scope, (0, 0))) for scope in Scope),
        )

    def counts(self, by: str, first: dt.date, last: dt.date) -> tuple[Count, ...]:
        """The same days by one of BY, every name."""
        begins = days.midnights(first, last)
        with self._access.read() as connection:
            rows = connection.execute(_counted(_slim(begins), by, None)).all()
        return _ordered(by, [_count(row[1:]) for row in rows], first, len(begins) - 1)


def _slim(begins: Sequence[int]) -> CTE:
    """What is counted of each entry of that time: the wide rows are read once, however much is counted."""
    i = incident.c
    let_through = or_(i.action == ALLOWED, i.review == "wrong")
    state = case((i.kind == "unchecked", _UNCHECKED), (let_through, _AGAIN), (i.action.in_(HIDING), _HIDDEN), else_=_NOTED)
    columns = (
        days.number(i.last_seen, begins).label("day"),
        i.site,
        i.category,
        func.coalesce(i.target, "").label("group"),
        i.author,
        state.label("state"),
        case((i.review == "right", 1), else_=0).label("right"),
        literal(1, BigInteger).label("n"),
    )
    when = and_(i.last_seen >= begins[0], i.last_seen < begins[-1], i.kind.in_(("unit", "unchecked")))
    return select(*columns).where(when).cte("slim")


def _few(slim: CTE) -> CTE:
    """The same without authors, alike ones as one row: of a hundred thousand entries some thousand are left to be counted again."""
    names = [slim.c[name] for name in ("day", "site", "category", "group", "state", "right")]
    return select(*names, func.sum(slim.c.n).label("n")).group_by(*names).cte("few")


def _line(of: CTE, by: str, names: Sequence[ColumnElement[Any]], *whiches: ColumnElement[bool]) -> Select[Any]:
    """A name (and its site), and how many entries are of each of three kinds."""
    name, site = (*names, _NOTHING, _NOTHING)[:2]
    numbers = (func.coalesce(func.sum(case((which, of.c.n), else_=0)), 0).label(f"n{n}") for n, which in enumerate(whiches))
    return select(literal(by, String).label("by"), cast(name, String).label("name"), cast(site, String).label("site"), *numbers)


def _texts(of: CTE, by: str, names: Sequence[ColumnElement[Any]] = ()) -> Select[Any]:
    state = of.c.state
    return _line(of, by, names, state == _HIDDEN, state == _AGAIN, state == _NOTED).where(state != _UNCHECKED)


def _counted(of: CTE, by: str, limit: int | None) -> Select[Any]:
    names = [of.c[by], of.c.site] if by == "author" else [of.c[by]]
    query = _texts(of, by, names).group_by(*names)
    return query if limit is None else query.order_by(func.sum(of.c.n).desc(), *names).limit(limit)


def _others(of: CTE) -> Select[Any]:
    return _line(of, "other", (), of.c.state == _UNCHECKED, of.c.right == 1, false())


def _corrections(begins: Sequence[int]) -> Select[Any]:
    a = allowance.c
    return select(a.scope, func.count(), func.count(a.undone)).where(a.made >= begins[0], a.made < begins[-1]).group_by(a.scope)


def _count(row: Sequence[Any]) -> Count:
    name, site, *numbers = row
    return Count(name, site, *map(int, numbers))


def _sum(counts: Sequence[Count]) -> Count:
    return reduce(add, counts, Count())


def _ordered(by: str, counts: Sequence[Count], first: dt.date, length: int) -> tuple[Count, ...]:
    """Most texts first; of days each one, also where nothing was met."""
    if by != "day":
        return tuple(sorted(counts, key=lambda c: (-c.total, c.name, c.site)))
    there = {int(c.name): c for c in counts}
    named = [((first + dt.timedelta(n)).isoformat(), there.get(n, Count())) for n in range(length)]
    return tuple(Count(name, "", c.hidden, c.again, c.noted) for name, c in named)
