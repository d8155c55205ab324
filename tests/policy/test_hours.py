"""Times without social networks: what is written, what is read back, and what is off when."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeguard.errors import InputError
from safeguard.policy.hours import DAY, DAYS, Hours, Shut, Wall, Window, clock, strictest, window

MON, FRI, SAT, SUN = 0, 4, 5, 6


def at(day: int, time: str) -> Wall:
    hours, minutes = time.split(":")
    return Wall(day, int(hours) * 60 + int(minutes))


def hours(*times: str, off: bool = False, **sites: bool) -> Hours:
    return Hours(off, tuple(map(window, times)), sites)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("mon-fri 21:00-07:00", ""),
        ("sat,sun 13:00-15:00", ""),
        ("daily 22:00-06:00", ""),
        ("daily 00:00-24:00", ""),
        ("fri-mon 8:00 - 9:05", "mon,fri-sun 08:00-09:05"),
        ("MON,tue,wed,sun 08:00-09:00", "mon-wed,sun 08:00-09:00"),
        ("mon-sun 08:00-09:00", "daily 08:00-09:00"),
    ],
)
def test_written_and_read(text: str, same: str) -> None:
    assert str(window(text)) == (same or text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no time"),
        ("21:00-07:00", "is no time"),
        ("mon 21-7", "is no time"),
        ("mon 21:00-07:00 x", "is no time"),
        ("mon 25:00-07:00", "there is no 25:00 on a clock"),
        ("mon 23:00-07:60", "there is no 07:60 on a clock"),
        ("mon 08:00-08:00", "a whole day is 00:00-24:00"),
        ("mon 24:00-08:00", "write 00:00 of the next day"),
        ("mo 08:00-09:00", "days are mon, tue"),
        ("mon-x 08:00-09:00", "days are mon, tue"),
        ("mon,, 08:00-09:00", "days are mon, tue"),
        ("\u0661 08:00-09:00", "is no time"),
        ("x" * 5000, "is no time"),
    ],
)
def test_what_is_no_time(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as e:
        window(text)
    assert "\n" not in str(e.value)
    assert len(str(e.value)) < 250


SCHOOL = ("mon-fri 21:00-07:00",)


@pytest.mark.parametrize(
    ("times", "day", "time", "shut"),
    [
        (SCHOOL, MON, "20:59", None),
        (SCHOOL, MON, "21:00", Shut(420)),
        (SCHOOL, FRI, "23:59", Shut(420)),
        (SCHOOL, SAT, "06:59", Shut(420)),
        (SCHOOL, SAT, "07:00", None),
        (SCHOOL, MON, "03:00", None),
        (SCHOOL, SUN, "22:00", None),
        (("sun 22:00-06:00",), MON, "05:59", Shut(360)),
        (("sun 22:00-06:00",), MON, "06:00", None),
        (("daily 00:00-24:00",), FRI, "12:00", Shut()),
        (("sat 00:00-24:00",), SAT, "00:00", Shut(0)),
        (("sat 00:00-24:00",), SUN, "00:00", None),
        (("mon 20:00-22:00", "mon 21:30-23:00", "mon 23:00-02:00"), MON, "20:00", Shut(120)),
        ((), MON, "00:00", None),
    ],
)
def test_what_is_off_when(times: tuple[str, ...], day: int, time: str, shut: Shut | None) -> None:
    assert hours(*times).shut("x", at(day, time)) == shut


def test_one_site_by_itself() -> None:
    h = hours(*SCHOOL, school=False, games=True)
    assert h.shut("school", at(MON, "22:00")) is None
    assert h.shut("games", at(MON, "12:00")) == Shut()
    assert h.shut("x", at(MON, "22:00")) == Shut(420)
    off = hours(off=True, school=False)
    assert off.shut("x", at(SUN, "12:00")) == Shut()
    assert off.shut("school", at(SUN, "12:00")) is None


def test_the_strictest_of_several() -> None:
    assert strictest([]) is None
    assert strictest([None, None]) is None
    assert strictest([None, Shut(60)]) == Shut(60)
    assert strictest([Shut(60), Shut(60)]) == Shut(60)
    assert strictest([Shut(60), Shut(90)]) == Shut()
    assert strictest([Shut(60), Shut()]) == Shut()


WINDOWS = st.builds(
    lambda days, start, long: Window(tuple(sorted(days)), start, (start + long) if start + long <= DAY else start + long - DAY),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, DAY - 1),
    st.integers(1, DAY - 1),
)


@given(WINDOWS)
def test_any_window_reads_back(w: Window) -> None:
    assert window(str(w)) == w


@settings(deadline=None)
@given(st.lists(WINDOWS, max_size=4), st.integers(0, 6), st.integers(0, DAY - 1))
def test_it_is_on_again_when_it_says(windows: list[Window], day: int, minute: int) -> None:
    h = Hours(times=tuple(windows))
    shut = h.shut("x", Wall(day, minute))
    if shut is None or shut.until is None:
        return
    week = [False] * (7 * DAY)
    for w in windows:  # minute by minute, the other way round
        for d in w.days:
            for n in range((w.end - w.start) % DAY or DAY):
                week[(d * DAY + w.start + n) % (7 * DAY)] = True
    now = day * DAY + minute
    on = next(n for n in range(now, now + 7 * DAY) if not week[n % (7 * DAY)])
    assert clock(shut.until) == clock(on % DAY)


@given(st.text(alphabet="".join(DAYS) + ",- 0123456789:daily", max_size=40))
def test_any_text_is_a_window_or_an_error_of_ours(text: str) -> None:
    with suppress(InputError):
        assert window(str(window(text))) == window(text)


@pytest.mark.parametrize(
    ("day", "hours_of_night"),
    [((2026, 3, 28), 9), ((2026, 10, 24), 11), ((2026, 6, 6), 10)],
    ids=["to summer time", "from summer time", "a night like any"],
)
def test_a_night_is_from_clock_to_clock_when_summer_time_changes(day: tuple[int, int, int], hours_of_night: int) -> None:
    """Minute by minute through a real night: off from 21:00 to 07:00 as the wall shows them, and nothing between is on."""
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    night = hours("daily 21:00-07:00")
    begin = dt.datetime(*day, 20, 0, tzinfo=zone).astimezone(dt.UTC)
    walls = [(begin + dt.timedelta(minutes=n)).astimezone(zone) for n in range(14 * 60)]
    off = [w for w in walls if night.shut("x", Wall(w.weekday(), w.hour * 60 + w.minute))]
    assert len(off) == hours_of_night * 60
    assert (off[0].hour, off[0].minute, off[-1].hour, off[-1].minute) == (21, 0, 6, 59)
    assert off == walls[walls.index(off[0]) : walls.index(off[-1]) + 1]
