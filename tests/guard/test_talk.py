"""What the guard asks is read in bounds, whatever a page makes of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import Unchecked
from safeguard.guard.script import MOST_TEXT
from safeguard.guard.talk import MOST_UNITS, Question, Said, answer, question, revealed
from safeguard.text.unit import Role, Segment, TextUnit


def test_a_question() -> None:
    asked = question(
        b'{"page": "https://a.test/x", "lang": "tr", "units": [[["message", "a"], ["nobody", "b"]], [], [["name", "c"]]], "missed": 2}'
    )
    units = (
        TextUnit((Segment("a", Role.MESSAGE, 0), Segment("b", Role.POST, 1))),
        TextUnit(()),
        TextUnit((Segment("c", Role.NAME, 2),)),
    )
    assert asked == Question("https://a.test/x", "tr", units, "", 2)
    assert question(b'{"reveal": "AAAA-BBBB"}').reveal == "AAAA-BBBB"


WRONG = {
    "no JSON": b"{",
    "too deep": b"[" * 100_000,
    "a list": b"[]",
    "units": b'{"units": {}}',
    "a unit": b'{"units": [1]}',
    "a text": b'{"units": [["x"]]}',
    "three": b'{"units": [[["post", "x", 1]]]}',
    "a number": b'{"units": [[["post", 1]]]}',
    "a page": b'{"page": 1}',
    "too many": json.dumps({"units": [[["post", "x"]]] * (MOST_UNITS + 1)}).encode(),
    "too many texts": json.dumps({"units": [[["post", "x"]] * 9000]}).encode(),
    "too long": json.dumps({"units": [[["post", "x" * (MOST_TEXT + 1)]]]}).encode(),
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_what_is_no_question(body: bytes) -> None:
    with pytest.raises(Unchecked):
        question(body)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda c: st.lists(c, max_size=4) | st.dictionaries(st.sampled_from(["page", "units", "lang", "reveal", "missed"]), c),
)


@given(JSONS)
def test_any_json_is_a_question_or_none(told: object) -> None:
    try:
        asked = question(json.dumps(told).encode())
    except Unchecked:
        return
    assert isinstance(asked, Question)


def test_answers() -> None:
    assert json.loads(answer([[], [Said(1, True, "[x]", "AAAA-BBBB"), Said(2, False, "!")]])) == {
        "units": [[], [[1, True, "[x]", "AAAA-BBBB", False], [2, False, "!", "", False]]]
    }
    assert json.loads(revealed("kill \u2028")) == {"text": "kill \u2028"}
    assert json.loads(revealed(None)) == {"text": None}
