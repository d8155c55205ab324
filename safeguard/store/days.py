"""Days of this computer's wall clock as the database can count them, the day of 23 and that of 25 hours too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, ColumnElement, case, literal

DAY = 86_400_000  # milliseconds


def midnights(first: dt.date, last: dt.date) -> list[int]:
    """When each day from first to last begins, and the one after it: milliseconds since 1970."""
    days = (last - first).days
    return [_midnight(first + dt.timedelta(n)) for n in range(days + 2)]


def number(at: Column[int], begins: Sequence[int]) -> ColumnElement[int]:
    """Which of these days (0, 1, …) a time between the first and the last midnight is in.

    A stretch of days of 24 hours is one division, not one comparison for each day.
    """
    branches: list[tuple[ColumnElement[bool], ColumnElement[int]]] = []
    n, days = 0, len(begins) - 1
    while n < days:
        end = n + 1
        while end < days and begins[end] - begins[n] == (end - n) * DAY and begins[end + 1] - begins[end] == DAY:
            end += 1
        whole = begins[end] - begins[n] == (end - n) * DAY
        day = literal(n, BigInteger) + ((at - begins[n]) // DAY) if whole else literal(n, BigInteger)
        branches.append((at < begins[end], day))
        n = end
    return case(*branches)


def _midnight(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day).astimezone().timestamp() * 1000)
