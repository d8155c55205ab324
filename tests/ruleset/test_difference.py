"""What is new, other or gone, by id; where it stands in a file is nothing."""

from __future__ import annotations

from safeguard.ruleset.compiler import compile_rules
from safeguard.ruleset.difference import Difference, difference, rules_by_id
from tests.matching.small import FILES


def compiled(frames: str) -> dict[str, object]:
    return rules_by_id(compile_rules((name, text.encode()) for name, text in (FILES | {"frames.yaml": frames}).items()))


def test_by_id() -> None:
    assert difference({"a": 1, "b": 2, "c": 3}, {"b": 2, "c": 4, "e": 5, "d": 6}) == Difference(("d", "e"), ("c",), ("a",))
    assert not difference({"a": 1}, {"a": 1})


def test_a_rule_is_another_when_it_says_something_else_not_where_it_stands() -> None:
    before = FILES["frames.yaml"]
    old = compiled(before)
    assert {"x.kill", "c.quoted"} <= old.keys()
    assert not difference(old, compiled(before.replace("frames:\n", "frames:\n\n# a comment\n")))
    assert difference(old, compiled(before.replace("severity: 2", "severity: 3"))) == Difference(changed=("x.vermin",))
