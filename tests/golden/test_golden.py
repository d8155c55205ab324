"""Whole bodies written by us, before and after. A change here is a change in what a child's browser gets: read it before you accept it.

To write the expected files anew after a wanted change: delete the `.after` file and run the test twice.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard.pipeline import Exchange, Result
from tests.formats.fake import BAD, pipeline

HERE = Path(__file__).parent
KINDS = {"feed.json": "application/json", "page.html": "text/html", "live.events.txt": "text/event-stream"}


@pytest.mark.parametrize(("name", "content_type"), KINDS.items(), ids=KINDS)
def test_golden(name: str, content_type: str) -> None:
    outcome = pipeline().check_body(Exchange(f"https://site.test/{name}", "site.test", content_type), (HERE / name).read_bytes())
    expected = HERE / f"{name}.after"
    if not expected.exists():
        expected.write_bytes(outcome.body)
        pytest.fail(f"{expected.name} was missing and has been written; read it, then run again")
    assert outcome.result is Result.EDIT
    assert BAD not in outcome.body.decode()
    assert outcome.body.decode() == expected.read_text(encoding="utf-8")
