"""Lexicon entries that are read otherwise than they look: each check is a mistake that once cost somebody an afternoon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from safeguard.errors import Problem
from safeguard.language import _
from safeguard.ruleset.entries import Part
from safeguard.ruleset.model import ANY_LANG, LANG_BIT, LANGS
from safeguard.ruleset.parser import LexLine, RawRules
from safeguard.text.disguise import has_symbols, unleet
from safeguard.text.fold import fold

LITTLE = ("FUNC", "NEG")
DENYING = ("NEG", "NOBODY")
_NOT_BEFORE = ("en", "ru")  # languages in which a little word denies what stands behind it: not, не
_LITTLE_LETTERS = 3
_NAMES = ("GROUP", "COUNTRY", "SLUR")


def entry_problems(raw: RawRules) -> list[Problem]:
    """What is wrong with the entries, alone and with the rules that use them."""
    return [*_hollow(raw), *_split_alternatives(raw), *_leet(raw), *_alone(raw), *_in_both(raw)]


def _needed(parts: tuple[Part, ...]) -> list[Part]:
    return [p for p in parts if not (p.optional or p.gap or p.negated)]


def _single(raw: RawRules, meanings: tuple[str, ...]) -> set[tuple[str, str]]:
    """(language, stem) of the entries of one word."""
    found = (x for x in raw.lines if x.meaning in meanings and len(x.entry.parts) == 1)
    return {(x.lang, w.stem) for x in found for w in x.entry.parts[0].words}


def _hollow(raw: RawRules) -> Iterator[Problem]:
    """Phrases of which a little word alone is left when all that may be missing is missing: `not (a) (human)`."""
    little = _single(raw, LITTLE)
    for x in raw.lines:
        parts = x.entry.parts
        if x.meaning not in LITTLE and len(parts) > 1 and all(p.optional or p.gap for p in parts[1:]):
            for word in parts[0].words:
                if not word.cls and (x.lang, word.stem) in little:
                    values = {"entry": repr(x.entry.source), "word": repr(word.stem)}
                    what = _("%(entry)s: %(word)s alone would do, as (…) may be missing; write a|b without brackets", **values)
                    yield Problem(x.file, x.line, what)


def _split_alternatives(raw: RawRules) -> Iterator[Problem]:
    """`false|not true that`: `|` joins words, not phrases, so this is (false|not) + true + that."""
    denying = _single(raw, ("NEG",))
    for x in raw.lines if denying else ():
        for part, behind in zip(x.entry.parts, x.entry.parts[1:], strict=False):
            *stems, last = [w.stem for w in part.words] or [""]
            if x.lang not in _NOT_BEFORE or len(last) > _LITTLE_LETTERS or (x.lang, last) not in denying:
                continue
            if (
                stems
                and behind.words
                and not (part.optional or part.negated or behind.optional or any((x.lang, s) in denying for s in stems))
            ):
                said, then = "|".join((*stems, last)), "|".join(w.stem for w in behind.words)
                what = _(
                    "`%(said)s %(then)s` reads as (%(said)s) and then (%(then)s); write two lines, "
                    "or, if so meant, %(last)s before the others",
                    said=said,
                    then=then,
                    last=repr(last),
                )
                yield Problem(x.file, x.line, what)


def _leet(raw: RawRules) -> Iterator[Problem]:
    """A word with a digit or sign in place of a letter (k1ll) is known then as it stands, and no longer read as the word it disguises."""
    plain = {(x.lang, fold(w.stem)) for x in raw.lines for p in x.entry.parts for w in p.words if not has_symbols(w.stem)}
    for x in raw.lines:
        for word in (w for p in x.entry.parts for w in p.words):
            folded = fold(word.stem)
            if not has_symbols(folded) or not folded[-1].isalpha():
                continue  # f1, ww2, 1915-: numbers
            meant = next((r for r in unleet(folded) if (x.lang, r) in plain), None)
            if meant is not None and meant.isalpha():
                what = _(
                    "%(word)s would no longer be read as %(meant)s in disguise; leave it out, disguises are undone before the lexicon",
                    word=repr(word.stem),
                    meant=repr(meant),
                )
                yield Problem(x.file, x.line, what)


def _alone(raw: RawRules) -> Iterator[Problem]:
    """Where a meaning is a finding by itself, a phrase whose words may all be missing but one makes that word a finding."""
    enough: dict[str, int] = defaultdict(int)
    for frame in raw.frames.values():
        for e in frame.all[0] if len(frame.all) == 1 else ():
            enough[e.meaning] |= frame.langs
    for x in raw.lines:
        if not enough.get(x.meaning, 0) & LANG_BIT.get(x.lang, ANY_LANG) or not ("(" in x.written or ".." in x.written):
            continue
        needed = _needed(x.entry.parts)
        if len(needed) == 1 and needed[0].words:
            word = "|".join(w.stem for w in needed[0].words)
            what = _(
                "%(entry)s: %(word)s alone would do, as the rest may be missing, and %(meaning)s is a finding by itself; "
                "write the word alone if so meant, else take a bracket away",
                entry=repr(x.written),
                word=repr(word),
                meaning=x.meaning,
            )
            yield Problem(x.file, x.line, what)


def _in_both(raw: RawRules) -> Iterator[Problem]:
    """A word that a frame both needs and forbids: where it is taken as needed, it no longer forbids."""
    words: dict[tuple[str, str], dict[tuple[str, str], LexLine]] = defaultdict(dict)
    for x in raw.lines:
        if len(x.entry.parts) == 1:
            for w in x.entry.parts[0].words:
                words[x.meaning, x.lang][fold(w.stem), w.cls] = x
    told: set[tuple[str, str, str]] = set()
    for frame in raw.frames.values():
        for needed in dict.fromkeys(e.meaning for alternatives in frame.all for e in alternatives):
            for forbidden in dict.fromkeys(e.meaning for e in frame.blockers):
                for lang in LANGS if needed != forbidden and needed not in _NAMES else ():
                    both = words[needed, lang].keys() & words[forbidden, lang].keys() if frame.langs & LANG_BIT[lang] else ()
                    if both and (needed, forbidden, lang) not in told:
                        told.add((needed, forbidden, lang))
                        x = words[needed, lang][min(both)]
                        what = _(
                            "%(words)s: both %(needed)s and %(forbidden)s, which %(rule)s needs and forbids; "
                            "as %(needed)s it does not forbid",
                            words=", ".join(sorted(stem for stem, __ in both)),
                            needed=needed,
                            forbidden=forbidden,
                            rule=frame.id,
                        )
                        yield Problem(x.file, x.line, what, warning=forbidden not in DENYING)
