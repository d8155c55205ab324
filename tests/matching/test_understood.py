"""The tables of rules/README.md say what the shipped rules understand; every example in them has the verdict of its row."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeguard.matching.engine import Engine
from safeguard.ruleset.model import LANGS
from safeguard.text.unit import Role, Segment, TextUnit

README = Path(__file__).parents[2] / "rules" / "README.md"
SECTION = README.read_text(encoding="utf-8").partition("## What it understands")[2].partition("\n## ")[0]
NONE = "—"


def rows() -> Iterator[tuple[str, str, str, list[str]]]:
    """(heading, what, verdict, examples) of each row, as a reader sees them."""
    for heading, table in re.findall(r"^### (.+)$((?:\n(?!###).*)*)", SECTION, re.M):
        lines = [line for line in table.splitlines() if line.startswith("|")]
        assert lines[0] == f"| what | verdict | {' | '.join(LANGS)} |"
        for line in lines[2:]:
            what, verdict, *examples = (html.unescape(cell.strip()) for cell in line.strip("|").split("|"))
            yield heading, what, verdict, examples


ROWS = list(rows())
EXAMPLES = [
    pytest.param(what, verdict, lang, text, id=f"{heading}-{what}-{lang}".replace(" ", "_"))
    for heading, what, verdict, examples in ROWS
    for lang, text in zip(LANGS, examples, strict=True)
    if text != NONE
]


def unit(what: str, text: str) -> TextUnit:
    if not what.startswith("as a poll"):
        return TextUnit.of(text)
    question, *options = text.split(" / ")
    return TextUnit((Segment(question, Role.POLL_QUESTION), *(Segment(o, Role.POLL_OPTION) for o in options)))


@pytest.mark.parametrize(("what", "verdict", "lang", "text"), EXAMPLES)
def test_example_has_the_verdict_of_its_row(engine: Engine, what: str, verdict: str, lang: str, text: str) -> None:
    [found] = engine.check_many([unit(what, text)])
    assert found.level.label == verdict, found.reasons


@pytest.mark.parametrize(
    ("heading", "least", "verdicts"), [("Hateful", 32, {"harmful"}), ("Disguised", 16, {"harmful"}), ("Harmless", 29, {"clean"})]
)
def test_no_kind_went_lost(heading: str, least: int, verdicts: set[str]) -> None:
    here = [row for row in ROWS if row[0] == heading]
    assert len(here) >= least
    assert {verdict for _, _, verdict, _ in here} == verdicts
    assert len({what for _, what, _, _ in here}) == len(here)


def test_every_language_has_every_kind_but_disguises_it_does_not_know() -> None:
    missing = {what for heading, what, _, examples in ROWS if heading != "Disguised" and NONE in examples}
    assert missing == set()
    assert all(len(examples) == len(LANGS) and all(examples) for _, _, _, examples in ROWS)
