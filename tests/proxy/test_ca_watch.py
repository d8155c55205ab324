"""A running filter tells of each thing that waits once, also of what a reload of the rules brings."""

from __future__ import annotations

import datetime as dt

from safeguard.proxy import ca
from safeguard.proxy.ca_watch import AuthorityWatch

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def test_each_thing_is_told_and_recorded_once() -> None:
    authority = ca.issue(["social.test"], NOW)
    domains, at, log = ["social.test"], [NOW], []
    watch = AuthorityWatch(authority, lambda: domains, log.append, lambda: at[0])
    assert watch.poll() == ""
    domains.append("new.test")
    assert "new.test" in watch.poll()
    assert watch.poll() == ""
    at[0] = authority.ends - dt.timedelta(days=29)
    assert "ends on" in watch.poll()
    at[0] += dt.timedelta(days=5)
    assert watch.poll() == ""
    at[0] = authority.ends + dt.timedelta(days=2)
    assert "ended on" in watch.poll()
    assert [("new.test" in said, "ends on" in said, "ended on" in said) for said in log] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
