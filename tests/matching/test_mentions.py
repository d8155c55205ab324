"""Mentions: pronouns, idioms, adjectives, phrases, words run together."""

import pytest

from safeguard.matching.engine import Engine
from safeguard.text.tokens import tokenize
from safeguard.text.unit import Segment
from tests.matching.small import check, counted


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Zemblans came. We must murder them", ["x.kill"]),
        ("They came. We must murder them", []),
        ("Zemblans live here. We must wipe them out", ["x.kill"]),
        ("Zemblans in the rat race", []),
        ("Zemblan bread should murder", []),
        ("#MurderZemblans", ["x.order"]),
        ("wemustmurderzemblans", ["x.kill"]),
        ("What now, Zemblans? | murder them | feed them", ["x.kill"]),
    ],
)
def test_readings(text: str, rules: list[str]) -> None:
    assert counted(check(text)) == rules


def test_a_group_named_in_another_segment_is_remembered() -> None:
    verdict = check(["About Zemblans", "We must murder them"])
    assert counted(verdict) == ["x.kill"]
    assert {r.segment for r in verdict.reasons} == {1}


@pytest.mark.parametrize(
    ("text", "named"),
    [("Yahudi ekmeği yok", False), ("Yahudiye ekmek yok", True), ("Yəhudi çörəyi yoxdur", False), ("Yahudinin ekmeği yok", False)],
)
def test_a_name_in_a_case_belongs_to_no_thing(engine: Engine, text: str, named: bool) -> None:
    reader = engine._reader
    reading = reader.read(*reader.annotate(tokenize([Segment(text)])))
    assert any(m.meaning == "GROUP" for m in reading.mentions) is named
