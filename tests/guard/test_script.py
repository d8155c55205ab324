"""The script carries what it must know of the site; selectors reach the browser as what they mean."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from safeguard.formats.sites.model import Selector, SiteProfile
from safeguard.guard.script import PLACE, css, script_of
from safeguard.system import shipped
from safeguard.text.unit import Role

SITE = SiteProfile(
    "s",
    "S",
    ("a.test",),
    selectors=((Selector("span", frozenset({"text"})), Role.MESSAGE), (Selector("b"), Role.NAME)),
    units=(Selector("li"),),
)


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        (Selector("div", frozenset({"b", "a"})), 'div[class~="a"][class~="b"]'),
        (Selector("", frozenset(), (("role", "row"), ("data-x", None))), '[role="row"][data-x]'),
        (Selector("a", frozenset(), (("id", 'x"]{}\\\n'),)), r'a[id="x\22 \5d \7b \7d \5c \a "]'),
    ],
)
def test_selectors(selector: Selector, said: str) -> None:
    assert css(selector) == said


def test_the_script_of_a_site() -> None:
    made = script_of(f"(x)({PLACE})", SITE, "/ask", "data-m", "en")
    told = json.loads(made.text[4:-1])
    assert told["ask"] == "/ask"
    assert told["roles"] == [["message", 'span[class~="text"]'], ["name", "b"]]
    assert told["outer"].startswith("li,article,")
    assert told["own"] == 'li,span[class~="text"],b'
    digest = hashlib.sha256(made.text.encode()).digest()
    assert made.integrity == "sha256-" + base64.b64encode(digest).decode()
    assert made.name == digest.hex()[:16] + ".js"


def test_the_shipped_program_has_one_place_for_the_settings_and_no_sink() -> None:
    program = shipped.guard_program()
    assert program.count(PLACE) == 1
    for sink in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "createElement", "Function("):
        assert sink not in program
