"""The everyday texts: enough of them in each language, and taken for texts, not for rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard.ruleset.model import LANGS
from safeguard.system import everyday, rule_files, shipped

MANY = 500


@pytest.mark.parametrize("lang", LANGS)
def test_there_are_many_and_each_is_another(lang: str) -> None:
    texts = everyday.texts()[lang]
    assert len({" ".join(t.casefold().split()) for t in texts}) >= MANY
    assert not any(t.startswith("# ") for t in texts)


def test_they_are_no_rules(tmp_path: Path) -> None:
    files = rule_files.gather(tmp_path)
    assert not any("everyday" in name for name, _ in (*files.rules, *files.sites))


def test_comments_and_empty_lines_are_no_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "everyday").mkdir()
    (tmp_path / "everyday" / "en.txt").write_text("# a comment\n\n#monday again\n  hello \n")
    monkeypatch.setattr(shipped, "rules", lambda: tmp_path)
    assert everyday.texts() == {"en": ("#monday again", "hello")}
