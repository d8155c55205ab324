"""Warns of a family's list entry that would hide the bare name of a people, a faith or another group."""

from __future__ import annotations

from collections.abc import Iterator

from safeguard.matching.lists import Lists
from safeguard.ruleset.model import CompiledRules, ListRule
from safeguard.text.tokens import tokenize
from safeguard.text.unit import Segment, TextUnit

NAMES = ("GROUP", "COUNTRY")
TEXTUAL = ("word", "phrase", "hashtag", "fuzzy", "regex")


def hidden_name(rules: CompiledRules, entry: ListRule) -> str:
    """Title of a group whose bare name the entry would hide, "" where there is none."""
    if not entry.hide or entry.what not in TEXTUAL:
        return ""
    if entry.what != "regex":
        words = [w.lstrip("#") for w in tokenize((Segment(entry.value.rstrip("*")),)).word]
        found = [_group_of(rules, w) for w in words]
        if words and all(found):
            return _title(rules, found[0])
    one = Lists((entry,))
    mark = "#" if entry.what == "hashtag" else ""
    for name, group in _names(rules):
        unit = TextUnit.of(mark + name)
        if one.find(unit, tokenize(unit.segments)):
            return _title(rules, group)
    return ""


def _group_of(rules: CompiledRules, word: str) -> str:
    """The group that this word, in whatever form, names; "" for any other word."""
    native = rules.stems[""]
    for cut in range(len(word), 0, -1):
        for endings, sense in native.get(word[:cut], ()):
            if sense.meaning in NAMES and sense.word < 0 and sense.group and (endings is None or word[cut:] in endings):
                return sense.group
    return ""


def _names(rules: CompiledRules) -> Iterator[tuple[str, str]]:
    """(name, group id) of every name of one word, as it is folded and as its entry is written."""
    seen: set[str] = set()
    for stem, senses in rules.stems[""].items():
        for _, sense in senses:
            if sense.meaning in NAMES and sense.word < 0 and sense.group:
                for name in (stem, sense.source.partition("/")[0]):
                    if name and name not in seen:
                        seen.add(name)
                        yield name, sense.group


def _title(rules: CompiledRules, group: str) -> str:
    return rules.groups[group].title if group in rules.groups else group
