"""What an entry of a family's list would change: in the log and in everyday harmless texts, and in which forms its words are found.

Both the command line and the parents' page show it before the entry holds. Pure: who asks brings the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from safeguard.matching.bare_names import Harmless, Names, find
from safeguard.matching.lists import Hit, Lists
from safeguard.policy.decision import HIDING
from safeguard.policy.incident import Incident
from safeguard.policy.profile import Action
from safeguard.ruleset import own_words
from safeguard.ruleset.model import CompiledRules, ListRule, OwnWord
from safeguard.text.unit import Segment, TextUnit

FORMS = 12  # forms of a word that are shown
LETTERS, HARD = 8, 400  # of a pattern, and length in code points of the texts it is tried on for its time


@dataclass(frozen=True, slots=True)
class Found:
    """A text with the places [start, end) the entry finds in it."""

    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What the entry would do.

    words:    those of the entry, with their forms;
    log:      entries of the log whose text it finds, of so many; log_problem: why the log could not be looked at;
    everyday: language -> (texts found, of how many);
    group:    title of a group whose bare name it would hide; slow: whether a pattern was cut off on any text that was tried.
    """

    rule: ListRule
    words: tuple[OwnWord, ...]
    log: tuple[tuple[Incident, Found], ...]
    log_size: int
    everyday: Mapping[str, tuple[tuple[Found, ...], int]]
    group: str
    slow: bool
    log_problem: str = ""

    @property
    def changed(self) -> list[tuple[Incident, Found]]:
        """The entries of the log that would be treated otherwise: suspect ones hidden, hidden ones shown. What was allowed stays so."""
        now = (Action.SHOW, Action.LOG, Action.WARN) if self.rule.hide else (*HIDING, Action.WARN)
        return [(i, f) for i, f in self.log if i.action in now]

    @property
    def doubtful(self) -> bool:
        """Whether it would hide what is harmless."""
        return bool(self.group) or (self.rule.hide and any(found for found, _ in self.everyday.values()))


class Tries:
    """What every entry is tried on: names of groups, and everyday texts (language -> texts). Worked out once for many entries."""

    def __init__(self, rules: CompiledRules, everyday: Mapping[str, Sequence[str]]) -> None:
        self.rules = rules
        self.names = Names(rules)
        self.everyday = {lang: Harmless(texts) for lang, texts in everyday.items()}


def preview(tries: Tries, rule: ListRule, log: Sequence[Incident], log_problem: str = "") -> Preview:
    """The preview of one entry."""
    rules = tries.rules
    table = own_words.listed([rule._replace(hide=True)], rules.stems[""], rules.inflection)
    one = Lists(table, rules.ordinary)
    units = [i for i in log if i.kind == "unit"]
    kept = [i.whole or i.excerpt for i in units]
    found = find(one, [TextUnit((Segment(t),), author=i.author) for i, t in zip(units, kept, strict=True)])
    met = [(i, _found(t, hits)) for i, t, hits in zip(units, kept, found, strict=True) if _spans(hits)]
    slow = [h for hits in found for h in hits if h.cut]
    out = {}
    for lang, harmless in tries.everyday.items() if rule.what != "account" else ():
        found = harmless.find(one)
        slow += [h for hits in found for h in hits if h.cut]
        met_here = tuple(_found(t, hits) for t, hits in zip(harmless.texts, found, strict=True) if _spans(hits))
        out[lang] = (met_here, len(harmless.texts))
    if rule.what == "regex":
        slow += [h for hits in find(one, _hard(rule.value)) for h in hits if h.cut]
    return Preview(rule, table.words, tuple(met), len(units), out, tries.names.hidden(rule, one), bool(slow), log_problem)


def _hard(pattern: str) -> list[TextUnit]:
    """Texts that a pattern with repeats inside repeats takes for ever on: its own letters, over and over."""
    letters = dict.fromkeys(c for c in pattern if c.isalnum())
    pieces = [*list(letters)[:LETTERS], "".join(letters), "a", "1", " ", "a "]
    return [TextUnit.of(piece * (HARD // max(1, len(piece))) + "!\n") for piece in dict.fromkeys(pieces) if piece]


def _spans(hits: list[Hit]) -> tuple[tuple[int, int], ...]:
    return tuple((h.start, h.end) for h in hits if not h.cut)


def _found(text: str, hits: list[Hit]) -> Found:
    return Found(text, _spans(hits))


def shaped(word: OwnWord) -> bool:
    """Whether it is found in more than the one form it is written in."""
    return len(word.forms) > 1 or word.forms[0][1] is None or len(word.forms[0][1]) > 1


def count(word: OwnWord) -> int:
    """In how many forms it is found; a word that may end in anything counts none."""
    return sum(len(endings) for _, endings in word.forms if endings is not None)


def forms(word: OwnWord, most: int = FORMS) -> list[str]:
    """Some forms of a word, shortest first, folded; of several that differ in vowel harmony alone the right one."""
    vowels = [c for c in word.word if c in "aeiou"]
    wrong = ""
    if vowels and set(word.langs) & {"tr", "az"}:
        wide = [c for c in vowels if c in "ae"]
        wrong = {"a": "e", "e": "a"}.get(wide[-1], "") if wide else ""
        wrong += "i" if vowels[-1] in "ou" else "u"
    out: dict[str, int] = {}
    for stem, endings in word.forms:
        for e in endings if endings is not None else ("…",):
            if not wrong or not (set(wrong) & set(e) or (e and e[0] in "aeiou" and stem[-1] in "aeiou")):
                out[stem + e] = len(e)
    return sorted(out, key=lambda form: (form != word.word, not form.startswith(word.word), out[form], form))[:most]
