"""What an entry would change: shown texts that would be hidden, hidden ones that would be shown, and harmless ones."""

from __future__ import annotations

import pytest

from safeguard.policy.preview import count, forms, preview, shaped
from safeguard.ruleset.compiler import compile_rules
from safeguard.ruleset.model import CompiledRules, ListRule, OwnWord
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
    made = preview(rules, ListRule("list.own", "word", "zorblat", hide, lang="en"), LOG, {"en": ("two zorblats", "nothing")})
    assert [i.code for i, _ in made.log] == ["A", "B", "C"]
    assert made.log_size == 4
    assert [i.code for i, _ in made.changed] == changed
    found, size = made.everyday["en"]
    assert ([f.text for f in found], [f.spans for f in found], size) == (["two zorblats"], [((4, 12),)], 2)
    assert made.doubtful is doubtful


def test_forms(rules: CompiledRules) -> None:
    [word] = preview(rules, ListRule("list.own", "word", "zorblat", True, lang="en"), (), {}).words
    assert forms(word) == ["zorblat", "zorblats", "zorblated", "zorblating"]
    assert forms(word, 2) == ["zorblat", "zorblats"]
    assert count(word) >= 4
    assert shaped(word)
    assert not shaped(OwnWord("zorblat", (("zorblat", {"": 0}),)))
    assert forms(OwnWord("zorb", (("zorb", None),))) == ["zorb…"]
