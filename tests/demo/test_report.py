"""The report counts a text as hidden or shown only where that is wholly true."""

from __future__ import annotations

import pytest

from safeguard.demo.content import Item
from safeguard.demo.reading import View
from safeguard.demo.report import compare
from safeguard.demo.table import as_json, reason, short
from safeguard.matching.verdict import Category, Level, Reason
from safeguard.policy.incident import Incident

BAD = Item("b", "en", "post", "bad words", "Mia", True, Category.SLUR)
GOOD = Item("g", "en", "post", "good words", "Tom", False)
NOTICE = "[Hidden by SafeGuard: hate. Code K7. Ask a parent.]"
FOUND = Incident(
    *("K7", "unit", "chorus", "https://x/", "block", "slur", 2, 1.0, None, "some-rule", "", "post", "bad words"),
    reasons=(Reason("some-rule", Category.SLUR, 2, 1.0, 0, 0, 3, ("bad",), Level.HARMFUL),),
)


def page(**texts: str) -> View:
    view = View()
    view.add_html("".join(f'<p data-id="{k}">{v}</p>' for k, v in texts.items() if k != "more") + texts.get("more", ""))
    return view


SENT = page(b="bad words", g="good words")


@pytest.mark.parametrize(
    ("after", "wrong_bad", "wrong_good"),
    [
        (page(b=NOTICE, g="good words"), "", ""),
        (SENT, "not hidden", ""),
        (page(b=NOTICE, g=NOTICE), "", "hidden although harmless"),
        (page(b=NOTICE, g="good word"), "", "changed"),
        (page(b=NOTICE, g="good words", more="<!-- bad words -->"), "hidden, but it still stands elsewhere in the page", ""),
        (page(b="", g="good words"), "gone, but no notice says so", ""),
        (page(g="good words"), "nothing came in its place", ""),
        (page(b=NOTICE), "", "nothing came in its place"),
    ],
    ids=["right", "unfiltered", "too much", "changed", "elsewhere", "no notice", "lost", "lost harmless"],
)
def test_judged(after: View, wrong_bad: str, wrong_good: str) -> None:
    found = compare([BAD, GOOD], SENT, after, [FOUND], "somebody")
    assert [r.wrong for r in found.rows] == [wrong_bad, wrong_good]
    assert [r.ok for r in found.rows] == [not wrong_bad, not wrong_good]
    assert found.last_line == f"demo: {int(not wrong_bad)} of 1 harmful texts hidden, {int(not wrong_good)} of 1 harmless texts shown"


def test_what_was_never_sent_is_no_success() -> None:
    found = compare([BAD], page(), page(b=NOTICE), [FOUND], "somebody")
    assert found.missed[0].wrong == "the sample network did not send it"


def test_the_finding_behind_a_notice_is_told() -> None:
    found = compare([BAD, GOOD], SENT, page(b=NOTICE, g="good words"), [FOUND], "somebody")
    assert reason(found.rows[0]) == "some-rule: slur (bad)"
    assert reason(found.rows[1]) == ""
    told = as_json(found)
    assert told["ok"] is True
    assert [(t["id"], t["rule"]) for t in told["texts"]] == [("b", "some-rule"), ("g", None)]


def test_texts_are_cut_and_harmless_for_a_terminal() -> None:
    assert short("abcdef", 4) == "abc…"
    assert "\x1b" not in short("\x1b[31m")
