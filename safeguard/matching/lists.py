"""Parents' simple lists: words, phrases, hashtags, accounts, links, `regex:` under a timeout, `fuzzy:`."""

from __future__ import annotations

from dataclasses import dataclass

import regex
from rapidfuzz import fuzz

from safeguard.ruleset.model import ListRule
from safeguard.text.fold import fold
from safeguard.text.tokens import Tokens, tokenize
from safeguard.text.unit import Segment, TextUnit

TIMEOUT = 0.05  # seconds a parent's pattern may take on one text; then it is cut off and reported
NEARNESS = 85.0  # rapidfuzz ratio (0-100) from which a fuzzy word counts as the same


@dataclass(frozen=True, slots=True)
class Hit:
    """A list entry found in a segment at code points [start, end). cut: the pattern took too long and was not finished."""

    rule: ListRule
    segment: int
    start: int
    end: int
    cut: bool = False


class Lists:
    """All list entries of a rule set, ready to match. Raises nothing: bad patterns were refused by lint."""

    def __init__(self, rules: tuple[ListRule, ...]) -> None:
        self._words: list[tuple[ListRule, list[str], bool]] = []
        self._patterns: list[tuple[ListRule, regex.Pattern[str]]] = []
        self._others: list[ListRule] = []
        for rule in rules:
            if rule.what in ("word", "phrase", "hashtag", "fuzzy"):
                value = rule.value if rule.what != "hashtag" or rule.value.startswith("#") else "#" + rule.value
                words = tokenize((Segment(value.rstrip("*")),)).word
                if words:
                    self._words.append((rule, words, value.endswith("*")))
            elif rule.what == "regex":
                self._patterns.append((rule, regex.compile(rule.value, regex.IGNORECASE | regex.V1)))
            else:
                self._others.append(rule)

    def __bool__(self) -> bool:
        return bool(self._words or self._patterns or self._others)

    def find(self, unit: TextUnit, tokens: Tokens) -> list[Hit]:
        """Every entry found in the unit."""
        out = []
        for rule, words, prefix in self._words:
            for t in range(len(tokens.word) - len(words) + 1):
                if all(self._same(rule, w, tokens.word[t + n], prefix and n == len(words) - 1) for n, w in enumerate(words)):
                    last = t + len(words) - 1
                    if tokens.seg[t] == tokens.seg[last]:
                        out.append(Hit(rule, tokens.seg[t], tokens.start[t], tokens.end[last]))
        for rule, pattern in self._patterns:
            for n, segment in enumerate(unit.segments):
                try:
                    if m := pattern.search(segment.text, timeout=TIMEOUT):
                        out.append(Hit(rule, n, m.start(), m.end()))
                except TimeoutError:
                    out.append(Hit(rule, n, 0, 0, cut=True))
        for rule in self._others:
            wanted = fold(rule.value.strip().lstrip("@"))
            if rule.what == "account" and fold(unit.author.lstrip("@")) == wanted:
                out.append(Hit(rule, 0, 0, len(unit.segments[0].text) if unit.segments else 0))
            if rule.what == "link":
                for n, segment in enumerate(unit.segments):
                    at = segment.text.lower().find(rule.value.lower())
                    if at >= 0:
                        out.append(Hit(rule, n, at, at + len(rule.value)))
        return out

    @staticmethod
    def _same(rule: ListRule, wanted: str, word: str, prefix: bool) -> bool:
        if rule.what == "fuzzy":
            return wanted == word or fuzz.ratio(wanted, word) >= NEARNESS
        return word.startswith(wanted) if prefix else word == wanted
