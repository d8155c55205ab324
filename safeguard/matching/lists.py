"""Parents' lists: words in all their forms, phrases, hashtags, `fuzzy:`, accounts, links, and `regex:` under a timeout.

The cost of a text does not grow with the number of entries: words are found through a trie, all else but patterns by a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marisa_trie import Trie

from safeguard.matching.lazy import Remembered
from safeguard.ruleset.model import Endings, ListRule, ListTable
from safeguard.text import disguise
from safeguard.text.fold import begins_exactly, exact, fold
from safeguard.text.tokens import Tokens
from safeguard.text.unit import Role, TextUnit

if TYPE_CHECKING:
    import regex

TIMEOUT = 0.05  # seconds a parent's pattern may take on one text; then it is cut off and reported
QUICK = 0.002  # seconds, and QUICK_LETTER more a code point, in which a sane pattern is done
QUICK_LETTER = 2e-6
PATIENCE = 5  # texts of one batch that may take a pattern longer than that
PATIENCE_OF_ALL = 20  # the same for all patterns together
LONGEST = 64  # code points of a word that is looked at
LONGEST_HOST = 253  # characters of a host's name
_BITS = 61
_PIECE = 4  # most letters of a fuzzy word's piece that must stand there rightly
_LONG_NUMBER = re.compile(r"\d{5}")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_GOES_ON = re.compile(r"[\w-]")
_ADDRESS = re.compile(r"(?:\w+://)?(?:www\.)?(.*?)/?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Hit:
    """A list entry found in a segment at code points [start, end). cut: the pattern took too long and was not finished."""

    rule: ListRule
    segment: int
    start: int
    end: int
    cut: bool = False


class Lists:
    """All list entries of a rule set, ready to match; thread-safe. Raises nothing: bad patterns were refused by lint.

    ordinary: words that are never taken for a misspelt one.
    """

    def __init__(self, table: ListTable, ordinary: frozenset[str] = frozenset()) -> None:
        self._ordinary = ordinary
        self._exact = [w.exact for w in table.words]
        stems: dict[str, list[tuple[Endings | None, int]]] = {}
        self._pieces: dict[str, list[tuple[int, str, Endings, int, int]]] = {}
        self._shortened: dict[str, list[tuple[int, str, Endings]]] = {}
        for n, word in enumerate(table.words):
            for stem, endings in word.forms:
                stems.setdefault(stem, []).append((endings, n))
                if word.slips and endings is not None:
                    self._cut_up(n, stem, endings, word.slips)
        self._stems = stems
        self._trie = Trie(stems)
        self._sizes = sorted({len(p) for p in self._pieces})
        self._lengths = sorted({len(stem) + d for found in self._shortened.values() for _, stem, _ in found for d in (-1, 0, 1)})
        self._worded = table.worded
        self._by_word: dict[int, list[int]] = {}
        for number, (_, numbers, anchor) in enumerate(table.worded):
            self._by_word.setdefault(numbers[anchor], []).append(number)
        self._also = table.also
        self._memory: Remembered[str, tuple[int, ...]] = Remembered(lambda word: tuple(dict.fromkeys(self._read(word[:LONGEST]))))
        self._accounts: dict[str, list[ListRule]] = {}
        self._hosts: dict[str, list[tuple[ListRule, str]]] = {}
        self._patterns: list[tuple[ListRule, regex.Pattern[str]]] = []
        for rule in table.beside:
            if rule.what == "account":
                self._accounts.setdefault(_handle(rule.value), []).append(rule)
            elif rule.what == "link":
                host, rest = _address(rule.value)
                self._hosts.setdefault(host, []).append((rule, rest))
            else:
                from safeguard.ruleset import patterns  # slow to load, and few families have patterns

                self._patterns.append((rule, patterns.compiled(rule.value)))

    def __bool__(self) -> bool:
        return bool(self._worded or self._patterns or self._accounts or self._hosts)

    @property
    def worded(self) -> bool:
        """Whether any entry is found by its words."""
        return bool(self._worded)

    @property
    def numbered(self) -> bool:
        """Whether a word of an entry has a long number."""
        return any(_LONG_NUMBER.search(stem) for stem in self._stems)

    # ---- words

    def _cut_up(self, number: int, stem: str, endings: Endings, slips: int) -> None:
        """What a misspelt word is found by, if the stem is long enough: with one slip, the stem without a letter; with two, pieces of it.

        Of three pieces two slips leave one untouched: a letter stands between them, as swapped letters touch two.
        """
        if slips == 1:
            for short in _shortened(stem) if len(stem) > _PIECE else ():
                self._shortened.setdefault(short, []).append((number, stem, endings))
            return
        size = (len(stem) - slips) // (slips + 1)
        if size < 2:
            return
        letters = _letters(stem)
        for n in range(slips + 1):
            at = n * (size + 1)
            self._pieces.setdefault(stem[at : at + min(size, _PIECE)], []).append((number, stem, endings, at, letters))

    def begins(self, word: str) -> bool:
        """Whether an entry may stand in a text with this folded word."""
        return word in self._also or any(n in self._by_word for n in self._numbers(word))

    def _numbers(self, word: str) -> tuple[int, ...]:
        """The words of the lists that a folded word is, in whatever form or disguise."""
        return self._memory[word]

    def _read(self, word: str) -> list[int]:
        out = []
        for reading in dict.fromkeys((word, *_undisguised(word))):
            for stem in self._trie.prefixes(reading):
                rest = reading[len(stem) :]
                out += [n for endings, n in self._stems[stem] if endings is None or rest in endings]
        if (self._pieces or self._shortened) and not out and word.isalpha() and word not in self._ordinary:
            out += self._misspelt(word)
        return out

    def _misspelt(self, word: str) -> list[int]:
        tried: set[tuple[int, str, int]] = set()
        out = []
        if self._shortened:
            for size in self._lengths:
                for short in _shortened(word[:size]) if size <= len(word) else ():
                    for number, stem, endings in self._shortened.get(short, ()):
                        if (key := (number, stem, id(endings))) not in tried:
                            tried.add(key)
                            if _slipped(word, stem, endings, 1):
                                out.append(number)
        absent = ~_letters(word)
        for size in self._sizes:
            for at in range(len(word) - size + 1):
                for number, stem, endings, place, letters in self._pieces.get(word[at : at + size], ()):
                    if abs(at - place) <= 2 and (letters & absent).bit_count() <= 2 and (key := (number, stem, id(endings))) not in tried:
                        tried.add(key)
                        if _slipped(word, stem, endings, 2):
                            out.append(number)
        return out

    def find(self, tokens: Tokens) -> list[Hit]:
        """Every worded entry found among these tokens of a unit."""
        found = [self._numbers(w) for w in tokens.word]
        out: dict[tuple[int, int, int], Hit] = {}
        for t, numbers in enumerate(found):
            for n in numbers:
                for entry in self._by_word.get(n, ()):
                    rule, wanted, anchor = self._worded[entry]
                    first, last = t - anchor, t - anchor + len(wanted) - 1
                    if first < 0 or last >= len(found) or tokens.seg[first] != tokens.seg[last]:
                        continue
                    if all(w in found[first + k] and self._spelt(w, tokens.raw[first + k]) for k, w in enumerate(wanted)):
                        hit = Hit(rule, tokens.seg[first], tokens.start[first], tokens.end[last])
                        out.setdefault((entry, hit.segment, hit.start), hit)
        return [out[key] for key in sorted(out)]

    def _spelt(self, number: int, raw: str) -> bool:
        return not self._exact[number] or begins_exactly(exact(raw), self._exact[number])

    # ---- what is no word

    def beside(self, units: Sequence[TextUnit]) -> dict[int, list[Hit]]:
        """Accounts, links and patterns found, by number of the unit."""
        out: dict[int, list[Hit]] = {}
        if self._accounts:
            for n, unit in enumerate(units):
                for rule in self._accounts.get(_handle(unit.author), ()) if unit.author else ():
                    texts = _written(unit) if rule.hide else [(0, "")]  # what is allowed is allowed whole
                    if texts:
                        out.setdefault(n, []).extend(Hit(rule, i, 0, len(text)) for i, text in texts)
        if self._hosts:
            for n, unit in enumerate(units):
                for number, segment in enumerate(unit.segments):
                    if _dotted(segment.text) and (hits := self._links(number, segment.text)):
                        out.setdefault(n, []).extend(hits)
        if self._patterns:
            for n, hit in self._searched(units):
                out.setdefault(n, []).append(hit)
        return out

    def _links(self, number: int, text: str) -> list[Hit]:
        """Entries whose host, or one above it, stands in the text, with what follows of their address."""
        out: dict[ListRule, Hit] = {}
        for m in _HOST.finditer(text):
            host = m.group()[-LONGEST_HOST:]
            first = m.end() - len(host)
            at = 0
            while at >= 0:
                for rule, rest in self._hosts.get(host[at:].lower(), ()):
                    end = m.end() + len(rest)
                    if text[m.end() : end].lower() == rest and not (
                        rest and end < len(text) and (text[end].isalnum() or text[end] in "_-")
                    ):
                        out.setdefault(rule, Hit(rule, number, first + at, end))
                at = host.find(".", at) + 1 or -1
        return list(out.values())

    def _searched(self, units: Sequence[TextUnit]) -> Iterable[tuple[int, Hit]]:
        """Patterns found. Short texts first: those that may cost a pattern its patience come last, whatever their order."""
        texts = [(s.text, n, number) for n, u in enumerate(units) for number, s in enumerate(u.segments)]
        texts.sort(key=lambda t: (len(t[0]), t))
        of_all = PATIENCE_OF_ALL
        for rule, pattern in self._patterns:
            patience, given_up = min(PATIENCE, of_all), False
            for text, n, number in texts:
                if given_up:
                    yield n, Hit(rule, number, 0, 0, cut=True)
                    continue
                try:
                    m = pattern.search(text, timeout=min(TIMEOUT, QUICK + QUICK_LETTER * len(text)))
                except TimeoutError:
                    if patience <= 0:
                        given_up = True
                        yield n, Hit(rule, number, 0, 0, cut=True)
                        continue
                    patience, of_all = patience - 1, of_all - 1
                    try:  # a computer that had other work for a moment must not lose a find
                        m = pattern.search(text, timeout=TIMEOUT)
                    except TimeoutError:
                        yield n, Hit(rule, number, 0, 0, cut=True)
                        continue
                if m:
                    yield n, Hit(rule, number, m.start(), m.end())


def _undisguised(word: str) -> list[str]:
    """Other readings of a folded word: repeated letters, digits and symbols for letters, letters of other alphabets."""
    if word[:1] in "#@":
        return []
    out = disguise.unstretched(word)
    if disguise.has_symbols(word):
        out += disguise.unmixed(word) + disguise.unleet(word)
    elif not word.isascii() and len(disguise.scripts(word)) > 1:
        out += disguise.unmixed(word)
    return out


def _shortened(word: str) -> set[str]:
    """The word, and the word without any one letter."""
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


def _letters(word: str) -> int:
    """The letters of a word as a set of bits; some letters share one."""
    out = 0
    for c in word:
        out |= 1 << ord(c) % _BITS
    return out


def _slipped(word: str, stem: str, endings: Endings, slips: int) -> bool:
    """Whether the word is the stem with at most so many wrong letters, and an ending."""
    from rapidfuzz.distance.OSA import distance  # slow to load: not before a word asks for it

    return any(
        word[k:] in endings and distance(stem, word[:k], score_cutoff=slips) <= slips
        for k in range(max(1, len(stem) - slips), min(len(word), len(stem) + slips) + 1)
    )


def _dotted(text: str) -> bool:
    """Whether a dot stands before a letter or a digit, as in every address."""
    at = text.find(".")
    while at >= 0:
        if text[at + 1 : at + 2].isalnum():
            return True
        at = text.find(".", at + 1)
    return False


def _written(unit: TextUnit) -> list[tuple[int, str]]:
    """(number, text) of all that its author wrote in it; names are none of that, and stand beside others' texts too."""
    own = _handle(unit.author)
    return [(i, s.text) for i, s in enumerate(unit.segments) if s.role is not Role.NAME and _handle(s.text) != own]


def _handle(name: str) -> str:
    return fold(name.strip().lstrip("@"))


def _address(value: str) -> tuple[str, str]:
    """(host, what follows it) of an address, in small letters."""
    m = _ADDRESS.fullmatch(value.strip().lower())
    bare = m[1] if m else value.lower()
    found = _HOST.match(bare)
    host = found.group() if found else bare
    return host, bare[len(host) :]
