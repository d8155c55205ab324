"""What commands write into the family's folder: whole files, ours alone, that say the same when read back."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard import strict_yaml
from safeguard.errors import InputError
from safeguard.system.own_rules import OwnRules, Place, hand_written


@pytest.fixture
def own(tmp_path: Path) -> OwnRules:
    return OwnRules(tmp_path / "rules")


def put(own: OwnRules, place: Place, kind: str, value: str) -> None:
    data = own.with_entry(place, kind, value)
    assert data is not None
    own.write(own.path(place), data)


def test_one_file_a_list(own: OwnRules) -> None:
    put(own, Place("own"), "words", "one")
    put(own, Place("own"), "phrases", "two three")
    put(own, Place("own", hide=False), "words", "four")
    put(own, Place("own", until="2099-01-31"), "words", "five")
    files = {f.name: strict_yaml.load(f.name, f.read_bytes()) for f in own.folder.iterdir()}
    assert files == {
        "own.yaml": {"kind": "list", "id": "own", "action": "hide", "words": ["one"], "phrases": ["two three"]},
        "own-allow.yaml": {"kind": "list", "id": "own", "action": "allow", "words": ["four"]},
        "own-until-2099-01-31.yaml": {"kind": "list", "id": "own", "action": "hide", "expires": "2099-01-31", "words": ["five"]},
    }
    assert own.with_entry(Place("own"), "words", "one") is None


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
    | st.sampled_from(["no", "on", "true", "null", "~", "12", "1.5", "2027-01-31", "- a", "a: b", "# x"])
)
def test_any_text_is_read_back_the_same(value: str) -> None:
    data = OwnRules(Path("/nowhere")).with_entry(Place("own"), "words", value)
    assert data is not None
    doc = strict_yaml.load("x", data)
    assert doc["words"] == [value]
    assert isinstance(doc["words"][0], str)


def test_remove(own: OwnRules) -> None:
    put(own, Place("own"), "words", "one")
    put(own, Place("own"), "words", "two")
    put(own, Place("school"), "phrases", "one")
    assert [p.name for p in own.remove("one")] == ["own.yaml", "school.yaml"]
    assert [f.name for f in own.folder.iterdir()] == ["own.yaml"]
    assert own.remove("one") == []


def test_disable_and_enable(own: OwnRules) -> None:
    assert own.disabled() == []
    assert own.disable("some.rule", True)
    assert not own.disable("some.rule", True)
    assert own.disable("other-rule", True)
    assert own.disabled() == ["some.rule", "other-rule"]
    assert own.remove("some.rule") == []
    assert own.disable("some.rule", False)
    assert own.disabled() == ["other-rule"]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_files_are_private_and_no_draft_stays(own: OwnRules) -> None:
    put(own, Place("own"), "words", "one")
    own.disable("some.rule", True)
    assert {f.name: stat.S_IMODE(f.stat().st_mode) for f in own.folder.iterdir()} == {"own.yaml": 0o600, "overrides.yaml": 0o600}


def test_a_file_that_was_broken_by_hand_is_left_alone(own: OwnRules) -> None:
    put(own, Place("own"), "words", "one")
    own.path(Place("own")).write_text("kind: [")
    with pytest.raises(InputError, match="mend or delete"):
        own.with_entry(Place("own"), "words", "two")
    assert own.path(Place("own")).read_text() == "kind: ["


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("a file")
    with pytest.raises(InputError, match="cannot be"):
        OwnRules(tmp_path / "rules").disable("some.rule", True)


def test_where_it_was_written_by_hand() -> None:
    files = (
        ("/r/mine.yaml", b"# note\nkind: list\nwords:\n  - one\n"),
        ("/r/by-command/own.yaml", b"words: [one]\n"),
        ("/r/bad.yaml", b"["),
    )
    assert hand_written(files, "one", Path("/r/by-command")) == ["/r/mine.yaml:4"]


def test_last_days(own: OwnRules) -> None:
    assert own.expiring() == {}
    assert own.expire("list.school", "2099-01-31")
    assert own.expire("some.rule", "2099-02-01")
    assert not own.expire("some.rule", "2099-02-01")
    own.disable("other.rule", True)
    assert own.expiring() == {"list.school": "2099-01-31", "some.rule": "2099-02-01"}
    assert own.expire("list.school", "")
    assert not own.expire("list.school", "")
    doc = strict_yaml.load("x", (own.folder / "overrides.yaml").read_bytes())
    assert doc == {"kind": "overrides", "expires": {"some.rule": "2099-02-01"}, "disable": ["other.rule"]}


def test_many_at_once(own: OwnRules) -> None:
    data, new = own.with_entries(Place("own"), {"words": ["one", "two", "one"], "links": ["a.test"]})
    assert data is not None
    assert new == 3
    own.write(own.path(Place("own")), data)
    assert own.with_entries(Place("own"), {"words": ["two"]}) == (None, 0)


def test_two_lists_never_share_a_file(own: OwnRules) -> None:
    """`own-allow` that hides would else be written into the file of `own` that allows."""
    put(own, Place("own", hide=False), "words", "one")
    with pytest.raises(InputError, match="choose another name"):
        own.with_entry(Place("own-allow"), "words", "two")
