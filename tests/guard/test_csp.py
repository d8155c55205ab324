"""A page's policy is only added to, by the least that lets the guard in; test_guard_policies.py asks Chromium about the table too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.guard.csp import NoWayError, allowing
from tests.guard.policies import NO_WAY, OURS, POLICIES, Policy


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_the_narrowest_addition(policy: Policy) -> None:
    assert allowing(policy.said, OURS) == policy.made


@pytest.mark.parametrize("said", NO_WAY.values(), ids=NO_WAY.keys())
def test_a_sandbox_leaves_no_way(said: str) -> None:
    with pytest.raises(NoWayError):
        allowing(said, OURS)
    assert allowing(said.replace(", ", "; "), OURS, meta=True)  # a <meta> cannot put a page into a sandbox


SAID = "default-src script-src script-src-elem connect-src style-src sandbox-x 'none' 'self' 'unsafe-inline' 'nonce-x' 'strict-dynamic'"
WORDS = st.sampled_from([*SAID.split(), "'sha256-x='", "https:", "*", "https://x.test", ";", ",", "\t"])


@given(st.lists(WORDS, max_size=25).map(" ".join))
def test_nothing_a_page_says_is_taken_back_but_none(said: str) -> None:
    made = allowing(said, OURS)
    for before, after in zip(said.split(","), made.split(","), strict=True):
        old, new = before.split(";"), after.split(";")
        for one, other in zip(old, new, strict=False):
            added = (OURS.script, OURS.ask, f"'nonce-{OURS.nonce}'", "'none'")
            assert [w for w in one.split() if w != "'none'"] == [w for w in other.split() if w not in added]
        if OURS.nonce in after:
            assert "'strict-dynamic'" in before
