"""What an entry of a family's list would change: in the log and in everyday harmless texts, and in which forms its words are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from safeguard.cli.common import console, marked, say
from safeguard.cli.log_entry import words
from safeguard.cli.rule_warnings import find, hidden_name
from safeguard.matching.lists import Hit, Lists
from safeguard.policy.decision import HIDING
from safeguard.policy.profile import Action
from safeguard.ruleset import own_words
from safeguard.ruleset.model import CompiledRules, ListRule, OwnWord
from safeguard.store import Entry
from safeguard.system.terminal import safe
from safeguard.text.unit import Segment, TextUnit

LANGUAGES = {"en": "English", "ru": "Russian", "tr": "Turkish", "az": "Azerbaijani", "hy": "Armenian"}
FORMS = 12  # forms of a word that are shown
SHOWN = 5  # texts that are shown, of the log and of each language
LETTERS, HARD = 8, 400  # of a pattern, and length in code points of the texts it is tried on for its time
NOT_STORED = "Texts that were shown are not stored: of the past, only those in which something was found can be looked at."


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
    log: tuple[tuple[Entry, Found], ...]
    log_size: int
    everyday: Mapping[str, tuple[tuple[Found, ...], int]]
    group: str
    slow: bool
    log_problem: str = ""

    @property
    def changed(self) -> list[tuple[Entry, Found]]:
        """The entries of the log that would be treated otherwise: suspect ones hidden, hidden ones shown. What was allowed stays so."""
        now = (Action.SHOW, Action.LOG, Action.WARN) if self.rule.hide else (*HIDING, Action.WARN)
        return [(e, f) for e, f in self.log if e.incident.action in now]

    @property
    def doubtful(self) -> bool:
        """Whether it would hide what is harmless."""
        return bool(self.group) or (self.rule.hide and any(found for found, _ in self.everyday.values()))


def preview(
    rules: CompiledRules, rule: ListRule, log: Sequence[Entry], everyday: Mapping[str, Sequence[str]], log_problem: str = ""
) -> Preview:
    """The preview of one entry."""
    table = own_words.listed([rule._replace(hide=True)], rules.stems[""], rules.inflection)
    one = Lists(table, rules.ordinary)
    units = [e for e in log if e.incident.kind == "unit"]
    kept = [e.incident.whole or e.incident.excerpt for e in units]
    found = find(one, [TextUnit((Segment(t),), author=e.incident.author) for e, t in zip(units, kept, strict=True)])
    met = [(e, _found(t, hits)) for e, t, hits in zip(units, kept, found, strict=True) if _spans(hits)]
    slow = [h for hits in found for h in hits if h.cut]
    out = {}
    for lang, texts in everyday.items() if rule.what != "account" else ():
        found = find(one, [TextUnit.of(t) for t in texts])
        slow += [h for hits in found for h in hits if h.cut]
        out[lang] = (tuple(_found(t, hits) for t, hits in zip(texts, found, strict=True) if _spans(hits)), len(texts))
    if rule.what == "regex":
        slow += [h for hits in find(one, _hard(rule.value)) for h in hits if h.cut]
    return Preview(rule, table.words, tuple(met), len(units), out, hidden_name(rules, rule, one), bool(slow), log_problem)


def _hard(pattern: str) -> list[TextUnit]:
    """Texts that a pattern with repeats inside repeats takes for ever on: its own letters, over and over."""
    letters = dict.fromkeys(c for c in pattern if c.isalnum())
    pieces = [*list(letters)[:LETTERS], "".join(letters), "a", "1", " ", "a "]
    return [TextUnit.of(piece * (HARD // max(1, len(piece))) + "!\n") for piece in dict.fromkeys(pieces) if piece]


def _spans(hits: list[Hit]) -> tuple[tuple[int, int], ...]:
    return tuple((h.start, h.end) for h in hits if not h.cut)


def _found(text: str, hits: list[Hit]) -> Found:
    return Found(text, _spans(hits))


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


def show(made: Preview) -> None:
    """Prints it for a parent."""
    hide = made.rule.hide
    for word in made.words:
        if len(word.forms) > 1 or word.forms[0][1] is None or len(word.forms[0][1]) > 1:
            count = sum(len(e) for _, e in word.forms if e is not None)
            langs = ", ".join(LANGUAGES[lang] for lang in word.langs)
            more = f", and {count - FORMS} more" if count > FORMS else ""
            click.echo(f"Found as{f' ({langs})' if langs else ''}: {safe(', '.join(forms(word)))}{more}")
    out = console()
    if made.log_problem:
        say(f"warning: {made.log_problem}; what it would change there is not known")
    elif not made.log_size:
        click.echo("Your log is empty.")
    else:
        done = "would be hidden from now on" if hide else "would be shown from now on"
        click.echo(f"In your log: found in {len(made.log)} of {made.log_size} entries; {len(made.changed)} of them {done}.")
        for entry, found in made.changed[:SHOWN]:
            i = entry.incident
            out.print(f"  {safe(i.code)}  {safe(i.site)}  {words(i.action)}  ", end="")
            out.print(marked(found.text, found.spans))
    click.echo(NOT_STORED)
    if made.everyday and hide:
        counts = ", ".join(f"{LANGUAGES[lang]} {len(found)} of {size}" for lang, (found, size) in made.everyday.items())
        click.echo(f"In everyday harmless texts it would hide: {counts}.")
        for harmless, _ in made.everyday.values():
            for f in harmless[:SHOWN]:
                out.print("  ", end="")
                out.print(marked(f.text, f.spans))
    if made.slow:
        say("warning: the pattern takes too long on some texts; there it is cut off and finds nothing")
    if made.group:
        say(f"warning: this hides the bare name of a group ({made.group}), so news and ordinary talk of it too")


def as_dict(made: Preview) -> dict[str, object]:
    """It for scripts."""
    changed = {e.incident.code for e, _ in made.changed}
    return {
        "words": [{"word": w.word, "langs": list(w.langs), "forms": forms(w, 500)} for w in made.words],
        "log": {
            "entries": made.log_size,
            "found": [{"code": e.incident.code, "action": e.incident.action, "changes": e.incident.code in changed} for e, _ in made.log],
            "problem": made.log_problem or None,
        },
        "everyday": {
            lang: {"texts": size, "found": [{"text": f.text, "spans": list(f.spans)} for f in found]}
            for lang, (found, size) in made.everyday.items()
        },
        "group": made.group or None,
        "slow": made.slow,
    }
