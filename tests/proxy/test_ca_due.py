"""What waits for the parent: new sites, and an end within 30 days."""

from __future__ import annotations

import datetime as dt

import pytest

from safeguard.proxy import ca
from safeguard.proxy.ca_due import due

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> ca.Authority:
    return ca.issue(["social.test"], NOW)


@pytest.mark.parametrize(
    ("left", "ending", "over"), [(31, False, False), (30, False, False), (29, True, False), (0, True, False), (-1, True, True)]
)
def test_warned_of_thirty_days_before(authority: ca.Authority, left: int, ending: bool, over: bool) -> None:
    waits = due(authority, ["social.test"], authority.ends - left * DAY)
    assert (waits.ending, waits.over, bool(waits)) == (ending, over, ending)
    assert len(waits.lines()) == ending
    assert all(f"{authority.ends:%Y-%m-%d}" in line for line in waits.lines())


def test_the_line_is_the_same_every_day_so_that_it_is_told_once(authority: ca.Authority) -> None:
    assert due(authority, [], authority.ends - 20 * DAY).lines() == due(authority, [], authority.ends - 3 * DAY).lines()
    assert due(authority, [], authority.ends - 3 * DAY).lines() != due(authority, [], authority.ends + 3 * DAY).lines()


def test_new_sites_are_named_and_those_below_old_ones_are_none(authority: ca.Authority) -> None:
    assert not due(authority, ["social.test", "www.social.test"], NOW)
    waits = due(authority, ["social.test", "new.test", "antisocial.test"], NOW)
    assert waits.missing == ("antisocial.test", "new.test")
    (line,) = waits.lines()
    assert "antisocial.test, new.test" in line
    assert "safeguard ca show" in line


def test_many_sites_stay_one_line(authority: ca.Authority) -> None:
    (line,) = due(authority, [f"s{n}.test" for n in range(100)], NOW).lines()
    assert "and 92 more" in line
    assert len(line) < 500
