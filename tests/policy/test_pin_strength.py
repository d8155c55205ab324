"""Which PINs are refused; the answer never quotes one, and most random ones are taken."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.policy.pin_strength import LONGEST, weakness

GOOD = ("592718", "804613", "70918364", "a quiet river", "тихая река", "լուռ գետակ", "çay-bağı9", "longer than a date 2014")


@pytest.mark.parametrize("pin", GOOD)
def test_taken(pin: str) -> None:
    assert weakness(pin) == ""


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        pytest.param("", "at least 6 digits or 8 characters", id="nothing"),
        pytest.param("59271", "at least 6", id="five digits"),
        pytest.param("river92", "at least 6 digits or 8 characters", id="seven characters"),
        pytest.param("e\u0301" * 7, "8 characters", id="seven letters typed as fourteen"),
        pytest.param("x" * LONGEST + "y1z", "at most", id="too long"),
        pytest.param("592\x1b[2J718", "control", id="control characters"),
        pytest.param("quiet\u200briver", "invisible", id="invisible characters"),
        pytest.param("quiet\udc80river", "invisible", id="no character at all"),
        pytest.param("123456", "first", id="123456"),
        pytest.param("６５４３２１", "first", id="in full-width digits"),
        pytest.param("١٢٣٤٥٦", "first", id="in Arabic digits"),
        pytest.param("987654321", "first", id="backwards"),
        pytest.param("111111", "different", id="one digit"),
        pytest.param("121212", "different", id="two digits"),
        pytest.param("112233", "different", id="pairs"),
        pytest.param("123321", "different", id="there and back"),
        pytest.param("48214821", "first", id="twice the same"),
        pytest.param("147258", "first", id="down the keys"),
        pytest.param("qwertyui", "first", id="along the keys"),
        pytest.param("QWERTZUI", "first", id="in capitals"),
        pytest.param("йцукенгш", "first", id="along the Russian keys"),
        pytest.param("password", "first", id="password"),
        pytest.param("aaaaaaaa", "different", id="one letter"),
        pytest.param("140687", "date", id="a birthday"),
        pytest.param("061487", "date", id="month first"),
        pytest.param("870614", "date", id="year first"),
        pytest.param("14061987", "date", id="with the whole year"),
        pytest.param("19870614", "date", id="whole year first"),
        pytest.param("198742", "date", id="a year and two digits"),
        pytest.param("421987", "date", id="two digits and a year"),
        pytest.param("20142017", "date", id="two years"),
    ],
)
def test_refused(pin: str, why: str) -> None:
    said = weakness(pin)
    assert why in said
    assert len(pin) < 4 or pin not in said


def test_most_random_ones_are_taken() -> None:
    chance = random.Random(5)
    taken = sum(not weakness(f"{chance.randrange(10**6):06}") for _ in range(2000))
    assert taken > 1400


@given(st.text(max_size=200))
def test_any_text_has_an_answer(pin: str) -> None:
    assert isinstance(weakness(pin), str)
