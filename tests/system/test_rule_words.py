"""What rules say in another language: out of the shipped catalogue, over it that of the pack in force; else English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from safeguard.language import LANGS
from safeguard.system import rule_files, rule_words, shipped
from safeguard.system.packs import Packs
from tests.system.publishing import LATER, Publisher

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
OURS = f'{HEAD}\nmsgid "Says A."\nmsgstr "A dit."\n\nmsgid "Says B."\nmsgstr "B dit."\n'


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Packs]:
    """No pack; the shipped catalogue has two texts."""
    (tmp_path / "rules" / "locale").mkdir(parents=True)
    (tmp_path / "rules" / "locale" / "tr.po").write_text(OURS)
    monkeypatch.setattr(shipped, "rules", lambda: tmp_path / "rules")
    rule_words._read.cache_clear()
    yield Packs(tmp_path / "packs")
    rule_words._read.cache_clear()


def test_the_shipped_catalogue(packs: Packs) -> None:
    assert rule_words.words("tr", packs) == {"Says A.": "A dit.", "Says B.": "B dit."}
    assert rule_words.words("hy", packs) == {}
    assert rule_words.words(LANGS[0], packs) == {}


def test_it_is_read_once(packs: Packs) -> None:
    assert rule_words.words("tr", packs) is rule_words.words("tr", packs)


def test_a_pack_brings_its_own_words_and_leaves_the_others(packs: Packs, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = f'{HEAD}\nmsgid "Says B."\nmsgstr "B diyor."\n\nmsgid "Says C."\nmsgstr "C diyor."\n'
    made = Publisher(monkeypatch).pack({"frames/a.yaml": "kind: frames\nframes: []\n", "locale/tr.po": theirs})
    before = rule_words.words("tr", packs)
    packs.install(made, LATER)
    assert rule_words.words("tr", packs) == before | {"Says B.": "B diyor.", "Says C.": "C diyor."}
    packs.rollback()
    assert rule_words.words("tr", packs) == before


def test_a_pack_without_words_is_said_in_the_shipped_ones(packs: Packs, monkeypatch: pytest.MonkeyPatch) -> None:
    packs.install(Publisher(monkeypatch).pack({"frames/a.yaml": "kind: frames\nframes: []\n"}), LATER)
    assert rule_words.words("tr", packs)["Says A."] == "A dit."


@pytest.mark.parametrize("broken", [b"\xff\xfe", b'msgid "a\n', b"no catalogue", b""], ids=["no UTF-8", "cut off", "prose", "empty"])
def test_a_broken_catalogue_costs_its_words_alone(packs: Packs, broken: bytes) -> None:
    (shipped.rules() / "locale" / "tr.po").write_bytes(broken)
    assert rule_words.words("tr", packs) == {}


def test_words_are_no_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packs: Packs) -> None:
    """A changed translation compiles no rule again, and is no file that the rules are read from."""
    seen = rule_files.gather(tmp_path / "own"), rule_files.snapshot(tmp_path / "own")
    (shipped.rules() / "locale" / "tr.po").write_text(OURS + "\n# another\n")
    assert (rule_files.gather(tmp_path / "own"), rule_files.snapshot(tmp_path / "own")) == seen
    packs.install(Publisher(monkeypatch).pack({"frames/a.yaml": "kind: frames", "locale/tr.po": OURS}), LATER)
    found = rule_files.of_pack(packs.read(LATER))
    assert [name for name, _ in (*found.rules, *found.sites, *found.help)] == ["rules/frames/a.yaml"]
