"""What an entry would change: shown texts that would be hidden, hidden ones that would be shown, and harmless ones."""

from __future__ import annotations

import pytest

from safeguard.matching import bare_names
from safeguard.matching.lists import Lists
from safeguard.policy.preview import Tries, count, forms, preview, shaped
from safeguard.ruleset import own_words
from safeguard.ruleset.compiler import compile_rules
from safeguard.ruleset.model import CompiledRules, ListRule, OwnWord
from safeguard.text.tokens import tokenize
from safeguard.text.unit import TextUnit
from tests.cli.test_rule_preview import SMALL
from tests.store.conftest import incident

LOG = [
    incident("A", excerpt="a zorblat", action="log"),
    incident("B", excerpt="zorblats!", action="block"),
    incident("C", excerpt="zorblat", action="allowed"),
    incident("D", excerpt="quiet", action="log"),
    incident("E", excerpt="zorblat", action="block", kind="unchecked"),
]


@pytest.fixture(scope="module")
def rules() -> CompiledRules:
    return compile_rules([(name, text.encode()) for name, text in SMALL.items() if name.endswith(".yaml")])


@pytest.mark.parametrize(("hide", "changed", "doubtful"), [(True, ["A"], True), (False, ["B"], False)])
def test_the_log_and_harmless_texts(rules: CompiledRules, hide: bool, changed: list[str], doubtful: bool) -> None:
    made = preview(Tries(rules, {"en": ("two zorblats", "nothing")}), ListRule("list.own", "word", "zorblat", hide, lang="en"), LOG)
    assert [i.code for i, _ in made.log] == ["A", "B", "C"]
    assert made.log_size == 4
    assert [i.code for i, _ in made.changed] == changed
    found, size = made.everyday["en"]
    assert ([f.text for f in found], [f.spans for f in found], size) == (["two zorblats"], [((4, 12),)], 2)
    assert made.doubtful is doubtful


def test_forms(rules: CompiledRules) -> None:
    [word] = preview(Tries(rules, {}), ListRule("list.own", "word", "zorblat", True, lang="en"), ()).words
    assert forms(word) == ["zorblat", "zorblats", "zorblated", "zorblating"]
    assert forms(word, 2) == ["zorblat", "zorblats"]
    assert count(word) >= 4
    assert shaped(word)
    assert not shaped(OwnWord("zorblat", (("zorblat", {"": 0}),)))
    assert forms(OwnWord("zorb", (("zorb", None),))) == ["zorb…"]


def test_what_entries_are_tried_on_is_read_once(rules: CompiledRules, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = Tries(rules, {"en": ("two zorblats", "quiet", "a #zorblat of ours", "see https://x.test/zorblat")})
    read: list[object] = []
    monkeypatch.setattr(bare_names, "tokenize", lambda segments: (read.append(segments), tokenize(segments))[1])
    preview(tries, ListRule("list.own", "word", "nobody", True), ())
    assert len(read) > 4
    read.clear()
    preview(tries, ListRule("list.own", "word", "nothing", True), ())
    assert len(read) <= 1  # the entry itself


@pytest.mark.parametrize("what", ["word", "exact", "phrase", "fuzzy", "hashtag", "regex", "link"])
@pytest.mark.parametrize("value", ["zorblat", "two zorblats", "x.test/zorblat", "ours"])
def test_the_same_is_found_as_text_by_text(rules: CompiledRules, what: str, value: str) -> None:
    texts = ("two zorblats", "quiet", "a #zorblat of ours", "see https://x.test/zorblat", "zorblqt", "")
    one = Lists(own_words.listed([ListRule("list.own", what, value, True)], rules.stems[""], rules.inflection), rules.ordinary)
    harmless = bare_names.Harmless(texts)
    assert harmless.find(one) == bare_names.find(one, [TextUnit.of(t) for t in texts]) == harmless.find(one)
