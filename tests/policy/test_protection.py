"""Each reason for which a site is not wholly protected, and which state wins where there are several."""

from __future__ import annotations

import pytest

from safeguard.formats.sites.model import OnError, Opaque, SiteProfile
from safeguard.policy.drift import MISSES, OVER, Drift
from safeguard.policy.partly import Partly
from safeguard.policy.protection import Gap, Protection, State, of_sites

GONE = Drift("x", "json", MISSES, 5, 5 + OVER)
MET = Partly("x", "a page of it is XHTML", 1, 2)


def site(**said: object) -> SiteProfile:
    return SiteProfile("x", "The X", ("x.test", "x.example"), **said)  # type: ignore[arg-type]


def one(profile: SiteProfile, *, runs: tuple[Drift, ...] = (), met: tuple[Partly, ...] = (), missing: tuple[str, ...] = ()) -> Protection:
    [found] = of_sites([profile], runs, met, missing)
    return found


@pytest.mark.parametrize(
    ("found", "state", "gaps"),
    [
        (one(site()), State.PROTECTED, ()),
        (one(site(not_covered="calls")), State.PARTLY, (Gap.NOT_COVERED,)),
        (one(site(opaque=Opaque.DOM_GUARD)), State.PARTLY, (Gap.DOM_GUARD,)),
        (one(site(opaque=Opaque.NOT_PROTECTED, on_error=OnError.PASS_LISTED)), State.PARTLY, (Gap.NOT_PROTECTED, Gap.PASS_LISTED)),
        (one(site(), met=(MET,)), State.PARTLY, ()),
        (one(site(), runs=(GONE,), met=(MET,)), State.REDUCED, ()),
        (one(site(), runs=(Drift("x", "json", 1, 5, 5),)), State.PROTECTED, ()),
        (one(site(), runs=(GONE,), missing=("x.example", "y.test")), State.WAITING, ()),
    ],
)
def test_states(found: Protection, state: State, gaps: tuple[Gap, ...]) -> None:
    assert (found.state, found.gaps) == (state, gaps)


def test_what_is_said_of_it() -> None:
    found = one(site(not_covered="calls"), runs=(Drift("x", "html", MISSES, 3, 3 + OVER), GONE), met=(MET,), missing=("x.example",))
    assert found == Protection("x", "The X", State.WAITING, (Gap.NOT_COVERED,), "calls", 3, (MET,), ("x.example",))


def test_what_is_of_other_sites_changes_nothing() -> None:
    other = SiteProfile("y", "Y", ("y.test",))
    states = [p.state for p in of_sites([site(), other], [GONE], [MET], ["z.test"])]
    assert states == [State.REDUCED, State.PROTECTED]
