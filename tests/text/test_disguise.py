"""Disguised words come back; harmless tokens cost little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.text import disguise


@pytest.mark.parametrize(
    ("token", "word"), [("k1ll", "kill"), ("4rm3n14n5", "armenians"), ("f*ck", "fuck"), ("a$$", "ass"), ("h8te", "hbte")]
)
def test_unleet(token: str, word: str) -> None:
    assert word in disguise.unleet(token)


@pytest.mark.parametrize(
    ("token", "word"),
    [("аrmenian", "armenian"), ("kіll", "kill"), ("ѕex", "sex"), ("yбить", "убить"), ("hայ", "հայ"), ("uպանել", "սպանել")],
)
def test_unmixed(token: str, word: str) -> None:
    assert word in disguise.unmixed(token)


def test_unstretched() -> None:
    assert disguise.unstretched("kiiiilllll")[0] == "kil"
    assert "kill" in [r.replace("ii", "i") for r in disguise.unstretched("kiiiilllll")]
    assert disguise.unstretched("ball") == []


@given(st.text(max_size=60))
def test_readings_are_bounded(token: str) -> None:
    assert len(disguise.unleet(token)) <= 4 * disguise.VARIANTS
    assert len(disguise.unmixed(token)) <= 4


@pytest.mark.parametrize(("token", "word"), [("см3рть", "смерть"), ("@рмян@м", "армянам"), ("4урка", "чурка")])
def test_unleet_in_cyrillic(token: str, word: str) -> None:
    assert word in disguise.unleet(token)
