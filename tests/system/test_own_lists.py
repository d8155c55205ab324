"""The family's lists as they stand: also those that ended, those written by hand, and what is wrong."""

from __future__ import annotations

from pathlib import Path

from safeguard.ruleset.model import ListRule
from safeguard.system.own_lists import OwnLists, Part
from safeguard.system.own_rules import OwnRules, Place


def test_what_there_is(tmp_path: Path) -> None:
    own, lists = OwnRules(tmp_path), OwnLists(tmp_path)
    assert lists.read() == ([], [])
    place = Place("school", hide=False, until="2020-01-31", lang="en")
    data = own.with_entry(place, "words", "one")
    assert data is not None
    own.write(own.path(place), data)
    (tmp_path / "mine.yaml").write_text("'kind': list\nid: Mine\nlinks: [a.test]\nlinsk: []\n")
    (tmp_path / "frames.yaml").write_text("kind: frames\nframes: []\n")
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "x.yaml").write_text("title: [")
    parts, problems = lists.read()
    assert parts == [
        Part(
            "by-command/school-allow-in-en-until-2020-01-31.yaml",
            place,
            (ListRule("list.school", "word", "one", False, "2020-01-31", "en"),),
            True,
        ),
        Part("mine.yaml", Place("Mine"), (ListRule("list.Mine", "link", "a.test", True),), False),
    ]
    assert [p.line for p in problems] == [4]
    (tmp_path / "mine.yaml").write_text("kind: list\nid: Mine\nlinks: [b.test]\n")
    assert [e.value for p in lists.read()[0] for e in p.entries] == ["one", "b.test"]


def test_a_file_of_ours_that_says_something_else_is_not_changed(tmp_path: Path) -> None:
    (tmp_path / "by-command").mkdir()
    (tmp_path / "by-command" / "own.yaml").write_text("kind: list\nid: other\nwords: [one]\n")
    assert [p.ours for p in OwnLists(tmp_path).read()[0]] == [False]
