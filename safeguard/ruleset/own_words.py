"""The words of parents' lists with all their forms: language and classes guessed from the word, so that nobody must know of classes.

The shapes are data (rules/inflection/own_words.yaml); a word that a lexicon has is inflected as there, too.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from safeguard.ruleset.model import ANY_LANG, LANG_BIT, LANGS, TAG_BIT, Endings, Inflection, ListRule, ListTable, OwnWord, Sense
from safeguard.ruleset.packed import Stems
from safeguard.ruleset.parser import RawRules
from safeguard.text.fold import exact, fold
from safeguard.text.tokens import SPACED, folded, tokenize, unglued, words
from safeguard.text.unit import Segment

WORDED = ("word", "exact", "phrase", "fuzzy", "hashtag")
_ALONE: Endings = {"": 0}
_LATIN = ("en", "tr", "az")
_LEAST = 3  # letters of a word that is inflected
_NEAR = 0.25  # two languages whose likelihoods (logarithm, a letter) differ by less are both taken
_BASE = TAG_BIT["inf"] | TAG_BIT["nom"] | TAG_BIT["sg"]
_BEFORE = "  "  # a word, so that its first letters are told from others
_SHORT = 4
_WHOLE = 500  # endings of a class that has all forms of a word
_ONE_SLIP, _TWO_SLIPS = 5, 9  # letters from which a fuzzy word may have one, two wrong


def classes_of(raw: RawRules) -> dict[tuple[str, str], list[tuple[str, Endings]]]:
    """The classes that shapes name: each prefix with the endings of its forms."""
    out = {}
    for lang, rows in raw.shapes.items():
        for cls in sorted({c for row in rows for _, _, c in row.classes if (lang, c) in raw.classes}):
            table = raw.classes[lang, cls]
            forms: list[tuple[str, Endings]] = [("", table)]
            for prefix, changes in raw.prefixes.get((lang, cls), {}).items():
                forms += [(fold(prefix), {e: t for e, t in table.items() if t & old} if old else table) for old in changes]
            out[lang, cls] = forms
    return out


def likelihoods(stems: Mapping[str, Iterable[str]]) -> dict[str, dict[str, float]]:
    """How likely three letters follow each other in the languages of one alphabet, from the stems of each language."""
    out = {}
    for lang in _LATIN:
        found = [stem for stem in stems.get(lang, ()) if len(stem) >= _LEAST and stem.isascii() and stem.isalpha()]
        text = _BEFORE + _BEFORE.join(found)
        count = Counter(zip(text, text[1:], text[2:], strict=False))  # all words at once; what ends with a blank lies between two
        total = sum(map(len, found)) + 5000
        out[lang] = {a + b + c: math.log((n + 0.5) / total) for (a, b, c), n in count.items() if c != " "} | {"": math.log(0.5 / total)}
    return out


def _triples(word: str) -> list[str]:
    padded = _BEFORE + word
    return [padded[n : n + 3] for n in range(len(word))]


def languages(said: Sequence[str], text: str, stems: Stems, inflection: Inflection) -> tuple[str, ...]:
    """The languages folded words may be of, from their letters, the lexicons, and which letters follow each other; () for none of ours."""
    letters = set(text.lower())
    if any("ա" <= c <= "և" for c in letters):
        return ("hy",)
    if any("а" <= c <= "я" or c == "ё" for c in letters):
        return () if letters & set("әҝҹөүғһј") else ("ru",)
    if "ə" in letters:
        return ("az",)
    known = [s.langs for w in said for _, _, s in _known(w, stems) if s.langs != ANY_LANG]
    if known:
        votes = [sum(1 for langs in known if langs & LANG_BIT[lang]) for lang in _LATIN]
        langs = [lang for lang, n in zip(_LATIN, votes, strict=True) if n == max(votes) and n]
    else:
        langs = _likely(said, inflection, short=len(text) <= _SHORT)
    if letters & set("ığşçöü"):
        langs = [lang for lang in langs if lang != "en"] or ["tr", "az"]
    return tuple(langs)


def _likely(said: Sequence[str], inflection: Inflection, *, short: bool) -> list[str]:
    """The languages in which the letters of unknown words follow each other most often."""
    triples = [t for w in said for t in _triples(w)]
    chances = {}
    for lang, table in inflection.pairs.items():
        never = table[""]
        chances[lang] = sum([table.get(t, never) for t in triples]) / max(1, len(triples))
    likely = max(chances, key=lambda lang: chances[lang], default="")
    if short:  # bet, beta: endings of another family make other words of short ones
        chances = {lang: chance for lang, chance in chances.items() if (lang == "en") is (likely == "en")}
    return [lang for lang, chance in chances.items() if chance >= chances[likely] - _NEAR]


def _known(word: str, stems: Stems) -> list[tuple[str, Endings, Sense]]:
    """The lexicons' words of which this is the form a dictionary has."""
    out = []
    for stem in reversed(stems.prefixes(word)):
        rest = word[len(stem) :]
        if len(stem) > 1:
            out += [(stem, e, s) for e, s in stems[stem] if e is not None and rest in e and (not rest or e[rest] & _BASE)]
    return out


@lru_cache(maxsize=500)
def _end(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?:{pattern})$")


def forms(word: str, langs: Iterable[str], stems: Stems, inflection: Inflection) -> tuple[tuple[str, Endings], ...]:
    """The stems of a folded word in these languages, with the endings each may take; the word itself is always among them."""
    out: dict[tuple[str, int], tuple[str, Endings]] = {}
    if len(word) >= _LEAST and word.isalpha():
        known = _known(word, stems)
        for lang in langs:
            bit = LANG_BIT[lang]
            if any(s.meaning == "FUNC" and s.langs & bit and len(endings) == 1 for _, endings, s in known):
                continue  # a little word, such as in a phrase, has no forms
            found = [(stem, endings) for stem, endings, s in known if s.langs == bit and len(stem) >= _LEAST]
            whole = any(len(endings) >= _WHOLE for _, endings in found)  # axmaq, a fool: no infinitive
            row = next((r for r in inflection.shapes.get(lang, ()) if _end(r.end).search(word)), None)
            for cut, put, cls in row.classes if row and not whole else ():
                stem = word[: len(word) - cut] + put
                found += [(prefix + stem, table) for prefix, table in inflection.classes.get((lang, cls), ()) if len(stem) > 1]
            out.update({(stem, id(endings)): (stem, endings) for stem, endings in found})
    if not any(stem == word[: len(stem)] and word[len(stem) :] in endings for stem, endings in out.values()):
        out[word, 0] = (word, _ALONE)
    return tuple(out.values())


def listed(lists: Iterable[ListRule], stems: Stems, inflection: Inflection) -> ListTable:
    """The table of these entries."""
    numbers: dict[tuple[str, str, int, tuple[str, ...], bool], int] = {}
    made: list[OwnWord] = []
    worded: list[tuple[ListRule, tuple[int, ...], int]] = []
    beside: list[ListRule] = []
    also: set[str] = set()
    read: list[tuple[ListRule, str, list[tuple[str, str]]]] = []
    for rule in lists:
        if rule.what in WORDED:
            value = "#" + rule.value.lstrip("#") if rule.what == "hashtag" else rule.value
            read.append((rule, value, _pieces(value.rstrip("*"))))
        else:
            beside.append(rule)
    uses = Counter(word for _, _, pieces in read for word, _ in pieces)
    for rule, value, pieces in read:
        if not pieces:
            continue
        inflected = rule.what in ("word", "phrase", "fuzzy")
        langs: tuple[str, ...] = ()
        if inflected:
            langs = (rule.lang,) if rule.lang in LANGS else languages([w for w, _ in pieces], value, stems, inflection)
        here = []
        for n, (word, spelt) in enumerate(pieces):
            slips = _slips(word) if rule.what == "fuzzy" else 0
            open_ended = value.endswith("*") and n == len(pieces) - 1
            key = (word, spelt, slips, langs, open_ended)
            if key not in numbers:
                numbers[key] = len(made)
                found: tuple[tuple[str, Endings | None], ...] = ((word, None if open_ended else _ALONE),)
                if inflected and not open_ended:
                    found = forms(word, langs, stems, inflection)
                made.append(OwnWord(word, found, spelt, slips, langs))
            here.append(numbers[key])
        anchor = 0
        if not value.isalpha():
            whole = {folded(p) for raw in words(value) for p in unglued(raw)}
            anchor = max(range(len(pieces)), key=lambda n: _rank(pieces[n][0], whole, uses, stems))
            if pieces[anchor][0] not in whole and not open_ended and not SPACED.search(value):
                also |= whole
        worded.append((rule, tuple(here), anchor))
    return ListTable(tuple(made), tuple(worded), tuple(beside), frozenset(also))


def _pieces(value: str) -> list[tuple[str, str]]:
    """(folded word, its very letters where it begins with `^`, else "") of each word."""
    if value.isalpha():
        return [(folded(value), "")]
    if "^" not in value:
        return [(w, "") for w in tokenize((Segment(value),)).word]
    out = []
    for part in value.split():
        spelt = part.startswith("^")
        tokens = tokenize((Segment(part.lstrip("^")),))
        out += [(w, exact(raw) if spelt else "") for w, raw in zip(tokens.word, tokens.raw, strict=True)]
    return out


def _rank(word: str, whole: set[str], uses: Counter[str], stems: Stems) -> tuple[bool, bool, int, int]:
    """The higher, the better a text is searched for this word of an entry: it stands there as it is read, is no little word, and rare."""
    return word in whole, not any(s.meaning == "FUNC" for _, s in stems.get(word, ())), -uses[word], len(word)


def _slips(word: str) -> int:
    return 0 if len(word) < _ONE_SLIP or not word.isalpha() else 1 if len(word) < _TWO_SLIPS else 2
