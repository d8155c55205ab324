"""When alerts are shown, by a clock that is given: a few an hour, then a digest, threats at once."""

from __future__ import annotations

import pytest

from safeguard.alerts.plan import BREATH, HOUR, Pace, due
from safeguard.policy.alert import Alert

NOW = 1_700_000_000_000


def alert(number: int, *, urgent: bool = False) -> Alert:
    return Alert(number, NOW, f"C{number}", "personal_threat" if urgent else "slur", "reddit", urgent)


def test_nothing_pending_nothing_shown() -> None:
    assert due([], [], [], NOW, Pace(4)) == []


def test_what_waits_together_is_one_message() -> None:
    waiting = [alert(1), alert(2), alert(3)]
    assert due(waiting, [], [], NOW, Pace(4)) == [waiting]


def test_after_a_few_an_hour_alerts_wait_for_a_digest() -> None:
    shown = [NOW - HOUR + 1000 * n for n in range(1, 5)]
    waiting = [alert(n) for n in range(50)]
    assert due(waiting, shown, [], NOW, Pace(4)) == []
    assert due(waiting, shown, [], NOW + 1000, Pace(4)) == [waiting]


def test_threats_come_at_once_whatever_was_shown() -> None:
    shown = [NOW - 1000 * n for n in range(10)]
    threat = alert(9, urgent=True)
    assert due([alert(1), threat], shown, [], NOW, Pace(4)) == [[threat]]


def test_a_flood_of_threats_is_joined() -> None:
    threats = [alert(n, urgent=True) for n in range(100)]
    assert due(threats, [], [NOW - BREATH + 1], NOW, Pace(4)) == []
    assert due(threats, [], [NOW - BREATH], NOW, Pace(4)) == [threats]


def test_a_whole_day_of_a_find_a_minute() -> None:
    shown: list[int] = []
    told: list[int] = []
    waiting: list[Alert] = []
    for minute in range(24 * 60):
        now = NOW + minute * 60_000
        waiting.append(alert(minute))
        for group in due(waiting, shown, [], now, Pace(4)):
            shown.append(now)
            told += [a.id for a in group]
            waiting = []
    assert 24 * 4 <= len(shown) <= 24 * 4 + 4
    assert sorted(told + [a.id for a in waiting]) == list(range(24 * 60))


def test_a_clock_set_back_stops_nothing_for_long() -> None:
    ahead = [NOW + HOUR] * 4
    assert due([alert(1), alert(2, urgent=True)], ahead, ahead, NOW, Pace(4)) == [[alert(2, urgent=True)], [alert(1)]]


def test_finds_are_gathered_and_threats_are_not() -> None:
    pace = Pace(4, digest=HOUR)
    waiting = [alert(1), alert(2)]
    assert due(waiting, [], [], NOW + HOUR - 1, pace) == []
    assert due(waiting, [], [], NOW + HOUR, pace) == [waiting]
    assert due([alert(3, urgent=True)], [], [], NOW, pace) == [[alert(3, urgent=True)]]
    assert due(waiting, [], [], NOW - HOUR, pace) == [waiting]  # a clock set back


@pytest.mark.parametrize(
    ("quiet", "loud", "still"),
    [
        ((22 * 60, 7 * 60), (7 * 60, 12 * 60, 22 * 60 - 1), (22 * 60, 23 * 60 + 59, 0, 7 * 60 - 1)),
        ((13 * 60, 14 * 60), (0, 13 * 60 - 1, 14 * 60, 23 * 60 + 59), (13 * 60, 14 * 60 - 1)),
    ],
    ids=["over midnight", "at noon"],
)
def test_quiet_hours(quiet: tuple[int, int], loud: tuple[int, ...], still: tuple[int, ...]) -> None:
    threat, find = alert(1, urgent=True), alert(2)
    for minute in loud:
        assert due([threat, find], [], [], NOW, Pace(4, quiet=quiet, quiet_threats=False), minute) == [[threat], [find]]
    for minute in still:
        assert due([threat, find], [], [], NOW, Pace(4, quiet=quiet), minute) == [[threat]]
        assert due([threat, find], [], [], NOW, Pace(4, quiet=quiet, quiet_threats=False), minute) == []
