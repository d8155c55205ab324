"""When protection counts as reduced, and what the parent is told."""

from __future__ import annotations

import pytest

from safeguard.policy import drift
from safeguard.policy.drift import MISSES, OVER, Drift
from safeguard.policy.notice import NOTICES


def run(times: list[int]) -> Drift:
    found: Drift | None = None
    for at in times:
        found = drift.after_miss(found, "x", "json", at)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("times", "reduced"),
    [
        pytest.param([0], False, id="one"),
        pytest.param([i * 60_000 for i in range(MISSES)], False, id="enough in a few minutes"),
        pytest.param([0, OVER * 50], False, id="two in days"),
        pytest.param([*[i * 60_000 for i in range(MISSES - 1)], OVER - 1], False, id="a little too short"),
        pytest.param([*[i * 60_000 for i in range(MISSES - 1)], OVER], True, id="enough over an hour"),
    ],
)
def test_several_answers_over_a_time(times: list[int], reduced: bool) -> None:
    assert run(times).reduced is reduced


def test_a_clock_set_back_does_not_turn_time_round() -> None:
    assert run([1000, 2000, 500]).last == 2000


@pytest.mark.parametrize("lang", NOTICES)
def test_every_language_names_site_and_time(lang: str) -> None:
    assert "Example" in drift.reduced("Example", "2030-01-02 03:04", lang)
    assert "2030-01-02 03:04" in drift.reduced("Example", "2030-01-02 03:04", lang)
    assert "Example" in drift.whole_again("Example", lang)
