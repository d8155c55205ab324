"""What a single word may mean, in every reading: as it stands, in another alphabet, undisguised, misspelt.

A word's answer depends on the word alone, so it is remembered; the memory changes no verdict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from typing import NamedTuple

from safeguard.matching.lazy import Remembered
from safeguard.ruleset.model import ANY_LANG, LANG_BIT, CompiledRules, Endings, Sense
from safeguard.text import disguise, translit
from safeguard.text.fold import begins_exactly, exact, fold
from safeguard.text.tokens import folded, unglued

NATIVE, SKELETON, DISGUISED, FUZZY = range(4)
_CAMEL = re.compile(r"[A-ZА-ЯЁԱ-ՖÇĞİÖŞÜƏ]?[^A-ZА-ЯЁԱ-ՖÇĞİÖŞÜƏ_\W\d]+|[A-ZА-ЯЁԱ-ՖÇĞİÖŞÜƏ]+|\d+")
LONGEST = 64  # a longer run of letters is no word in any of our languages
_VOWELS = {"l": tuple("aeiou"), "c": tuple("аеиоуыя"), "a": (*"աեիոույը", "ու")}
_NUMBERED = re.compile(r"([^\W\d_]{3,})_?\d{3,}$")  # a name or a hashtag with a year: its digits stand for no letters
_TYPED_READINGS = 4  # of a disguised word that are also tried as typed in another alphabet
_SHORTEST_SEGMENTED = 8
_SHORTEST_HALVED = 5
_SHORTEST_SPACED = 4
_PIECE = 3.5  # least mean length of the pieces of a word run together
_NO_CONTENT = frozenset({"", "FUNC"})
WEIGHT = {NATIVE: 1.0, SKELETON: 0.8, DISGUISED: 0.6, FUZZY: 0.0}
"""How much a word read in that way says about a text's language."""


class Ann(NamedTuple):
    """One possible meaning of a word: the sense, the bits of its tags, and how it was read (NATIVE .. FUZZY).

    chance: it is only begun by `stem*`, with more behind the stem than in it (`çöp*` and copyright), which tells no language.
    """

    sense: Sense
    tags: int
    quality: int
    chance: bool = False


class Meant:
    """What a token may mean, made ready for reading: by the languages its sentence may be in.

    exact: one of its meanings asks for the very letters; native: one is as it stands; spoken: no emoji;
    weights: how much it says for each language.
    """

    __slots__ = ("_kept", "_word", "anns", "exact", "native", "spoken", "weights")

    def __init__(self, word: str, anns: tuple[Ann, ...]) -> None:
        self.anns = anns
        self._word = word
        self._kept: dict[tuple[int, int], Kept] = {}
        self.exact = any(a.sense.exact for a in anns)
        self.spoken = word[0].isalnum() or word[0] in "#@"
        self.native = any(a.quality == NATIVE for a in anns)
        weights: dict[int, float] = {}
        for ann in anns:
            if ann.sense.langs != ANY_LANG and not ann.chance:
                for bit in LANG_BIT.values():
                    if ann.sense.langs & bit:
                        weights[bit] = max(weights.get(bit, 0.0), WEIGHT[ann.quality])
        self.weights = tuple(weights.items())

    def in_play(self, langs: int, typed: int) -> Kept:
        """The meanings that count in a sentence of these languages; typed: those that may be written in another alphabet there."""
        kept = self._kept.get((langs, typed))
        if kept is None:
            anns = [a for a in self.anns if self._counts(a, langs, typed)]
            numbers = {a.sense.word: a for a in anns if a.sense.word >= 0}
            kept = self._kept[langs, typed] = (tuple(a for a in anns if a.sense.meaning not in _NO_CONTENT), numbers)
        return kept

    def _counts(self, ann: Ann, langs: int, typed: int) -> bool:
        if ann.quality == SKELETON:
            return bool(ann.sense.langs & langs & typed)
        if ann.sense.langs == ANY_LANG or ann.sense.langs & langs:
            return True
        if ann.quality == NATIVE:
            return disguise.scripts(self._word) in ("c", "a")
        return ann.quality >= DISGUISED


def as_spelt(meant: Meant, raw: str) -> tuple[Ann, ...]:
    """The meanings of a word as it is written: some ask for the very letters."""
    if not meant.exact:
        return meant.anns
    letters = exact(raw)
    return tuple(a for a in meant.anns if not a.sense.exact or _spelt(a, letters))


def _spelt(ann: Ann, letters: str) -> bool:
    """Whether a word that must be spelt with its very letters is; other alphabets keep them apart anyway, disguises do not count."""
    return ann.quality == SKELETON or (ann.quality == NATIVE and begins_exactly(letters, ann.sense.exact))


Kept = tuple[tuple[Ann, ...], dict[int, Ann]]
"""Meanings of a word that say something, and the phrases' words it is."""


class Lookup:
    """Word -> Anns over one set of compiled rules."""

    def __init__(self, rules: CompiledRules) -> None:
        self._stems = rules.stems
        self._slips = rules.slips
        self._ordinary = rules.ordinary
        self._memory: Remembered[str, Meant] = Remembered(lambda word: Meant(word, tuple(dict.fromkeys(self._read(word[:LONGEST])))))
        self._parts: Remembered[tuple[str, str], tuple[str, ...]] = Remembered(lambda key: self._apart(*key))
        self._fuzzy_memory: Remembered[str, tuple[Ann, ...]] = Remembered(lambda word: tuple(dict.fromkeys(self._guess(word))))
        self._known: Remembered[str, bool] = Remembered(
            lambda word: bool(self._whole(word)) or any(a.quality == DISGUISED for a in self.word(word))
        )
        self._halves: Remembered[str, tuple[str, ...]] = Remembered(self._halved)
        self._pieces: Remembered[str, tuple[str, ...]] = Remembered(lambda word: self._segmented(word.lstrip("#")))

    def _find(self, reading: str, word: str, quality: int, langs: int = -1) -> Iterator[Ann]:
        stems = self._stems[reading]
        for stem in stems.prefixes(word):
            rest = word[len(stem) :]
            for endings, senses in stems.by_endings(stem):
                tags = _any_ending(stem[-1], rest) if endings is None else endings.get(rest, -1)
                chance = endings is None and len(rest) > len(stem)
                if tags >= 0:
                    for sense in senses:
                        if sense.langs & langs:
                            own = sense if langs < 0 else sense._replace(langs=sense.langs & langs)
                            yield Ann(own, tags | sense.tags, quality, chance)

    def _whole(self, word: str) -> list[Ann]:
        """Native meanings of a piece of a longer word; `word*` counts for its bare stem alone, or it would swallow what follows."""
        stems = self._stems[""]
        found = []
        for stem in stems.prefixes(word):
            rest = word[len(stem) :]
            for endings, senses in stems.by_endings(stem):
                tags = (-1 if rest else 0) if endings is None else endings.get(rest, -1)
                if tags >= 0:
                    found += [Ann(sense, tags | sense.tags, NATIVE) for sense in senses]
        return found

    def meant(self, word: str) -> Meant:
        """Every exact or disguised meaning of a folded word, ready for reading."""
        return self._memory[word]

    def word(self, word: str) -> tuple[Ann, ...]:
        """Every exact or disguised meaning of a folded word."""
        return self.meant(word).anns

    def knows(self, word: str) -> bool:
        """Whether the folded word stands in a lexicon as it is, or disguised.

        Another alphabet's reading alone is too weak, and so is `word*` over the beginning of the word.
        """
        return self._known[word]

    def _read(self, word: str) -> list[Ann]:
        found = list(self._find("", word, NATIVE))
        if word.isdigit():
            return found  # a number disguises nothing
        script = disguise.scripts(word)
        if script == "l":
            for skeleton in translit.ru_from_latin(word):
                found += self._find("ru", skeleton, SKELETON)
            for skeleton in translit.hy_from_latin(word):
                found += self._find("hy", skeleton, SKELETON)
        elif script == "c":
            found += self._find("", translit.az_from_cyrillic(word), SKELETON, LANG_BIT["az"])
            for skeleton in translit.hy_from_cyrillic(word):
                found += self._find("hy", skeleton, SKELETON)
        if not any(a.quality == NATIVE for a in found) or not self._whole(word):
            found += self._undisguised(word, script)
        return found

    def _undisguised(self, word: str, script: str) -> list[Ann]:
        numbered = _NUMBERED.match(word)
        if numbered:
            return [a._replace(quality=DISGUISED) for a in self.word(numbered.group(1)) if a.quality != SKELETON]
        readings = disguise.unstretched(word)
        if disguise.has_symbols(word):
            readings += disguise.unmixed(word) + disguise.unleet(word)
        elif len(script) > 1 or script == "g":
            readings += disguise.unmixed(word)
        readings += [u for r in readings[:8] for u in disguise.unstretched(r)]
        found: list[Ann] = []
        for n, reading in enumerate(dict.fromkeys(readings)):
            found += self._find("", reading, DISGUISED)
            if not found and n < _TYPED_READINGS and disguise.scripts(reading) == "l":
                for skeleton in translit.ru_from_latin(reading):
                    found += self._find("ru", skeleton, DISGUISED)
                for skeleton in translit.hy_from_latin(reading):
                    found += self._find("hy", skeleton, DISGUISED)
            elif not found and n < _TYPED_READINGS and len(script) > 1 and disguise.scripts(reading) == "c":
                # A Latin ə among Cyrillic letters: half of the keyboards have no other.
                found += self._find("", translit.az_from_cyrillic(reading), DISGUISED, LANG_BIT["az"])
        return found

    def pieces(self, word: str) -> tuple[str, ...]:
        """The words run together in an unknown long word, or () where it does not come apart into known ones."""
        return self._pieces[word]

    def spoken(self, raw: str) -> list[str]:
        """The folded words of one as it is written: without its clitic, taken apart."""
        return [part for part, _ in self.spoken_as(raw)]

    def spoken_as(self, raw: str) -> list[tuple[str, str]]:
        """The same, each with what it stands in as it is written."""
        return [(part, piece) for piece in unglued(raw) if (word := folded(piece)) for part in self.parts(word, piece) if part]

    def parts(self, word: str, raw: str) -> tuple[str, ...]:
        """The words in a folded token: those of a hashtag or of an unknown long word, else the word itself."""
        return self._parts[word, raw]

    def _apart(self, word: str, raw: str) -> tuple[str, ...]:
        if word[0] == "#":
            camel = [fold(p) for p in _CAMEL.findall(raw[1:])]
            return tuple(q for c in camel for q in (self.pieces(c) or (c,))) or (word,)
        if word[0] == "@" or word.isdigit() or self.knows(word):
            return (word,)
        if len(word) >= _SHORTEST_SPACED and len(raw) >= 2 * len(word) - 1:
            # Letters spaced out may have taken in a one-letter word beside them: is, and, I.
            for parts in ((word[0], word[1:]), (word[:-1], word[-1])):
                if all(self._whole(p) for p in parts):
                    return parts
        pieces = self.pieces(word) if len(word) >= _SHORTEST_SEGMENTED else ()
        if pieces and min(map(len, pieces)) < 3 and any(a.sense.meaning not in _NO_CONTENT for a in self.word(word)):
            return (word,)  # typed in another alphabet, it has a meaning as it stands
        if len(pieces) == 2 and min(map(len, pieces)) < 4:
            return (word,)  # chance: fin|can is a cup in Azerbaijani
        return pieces or (word,)

    def _segmented(self, word: str) -> tuple[str, ...]:
        """Best cover by known words: longer pieces weigh more; accepted where they cover 85 % and two of them mean something."""
        if numbered := _NUMBERED.match(word):
            word = numbered.group(1)
        if not _SHORTEST_SEGMENTED <= len(word) <= LONGEST or not word.isalnum() or word in self._ordinary:
            return ()
        size = len(word)
        spare = size - int(0.85 * size + 0.999)  # letters that may stand in no piece
        # (letters left out, score) of the best way to each place; a place that cannot be reached has none
        best: list[tuple[int, int, int, bool] | None] = [None] * (size + 1)  # score, letters left out, start of the last piece, known
        best[0] = (0, 0, 0, False)
        for start in range(size):
            reached = best[start]
            if reached is None:
                continue
            score, left_out, _, _ = reached
            if left_out < spare and ((after := best[start + 1]) is None or score - 4 > after[0]):
                best[start + 1] = (score - 4, left_out + 1, start, False)
            for end in self._ends(word[start : start + 24]):
                after = best[start + end]
                if after is None or score + end * end > after[0]:
                    best[start + end] = (score + end * end, left_out, start, True)
        if best[size] is None:
            return ()
        pieces, covered, at = [], 0, size
        while at > 0:
            step = best[at]
            assert step is not None
            _, _, start, is_known = step
            if is_known:
                pieces.append(word[start:at])
                covered += at - start
            at = start
        pieces.reverse()
        known = [self._whole(p) for p in pieces]
        content = sum(_carries(piece, found) for piece, found in zip(pieces, known, strict=True))
        if content < 2 or covered < 0.85 * size or covered < _PIECE * len(pieces) or (covered < size and min(map(len, pieces)) < 4):
            return ()
        shared = -1
        for found in known:
            langs = 0
            for ann in found:
                langs |= ann.sense.langs
            shared &= langs
        return tuple(pieces) if shared else ()

    def _ends(self, text: str, shortest: int = 2) -> list[int]:
        """Lengths of the known words that a text without blanks begins with."""
        stems = self._stems[""]
        out: set[int] = set()
        for stem in stems.prefixes(text):
            size = len(stem)
            for endings, _ in stems.by_endings(stem):
                if endings is None:
                    out.add(size)
                else:
                    out.update(end for end in range(size, len(text) + 1) if end not in out and text[size:end] in endings)
        return sorted(size for size in out if size >= shortest)

    def halves(self, word: str) -> tuple[str, ...]:
        """An unknown word as exactly two known ones that cover it (ihate, todie), or (). Only asked beside another cue of a frame."""
        return self._halves[word]

    def _halved(self, word: str) -> tuple[str, ...]:
        if not _SHORTEST_HALVED <= len(word) <= LONGEST or not word.isalpha() or word in self._ordinary:
            return ()
        best: tuple[int, tuple[str, ...]] = (0, ())
        for k in self._ends(word, 1):
            if k > len(word) - 3:
                break
            head, tail = word[:k], word[k:]
            if (k == 1 and (head != "i" or len(tail) < 4)) or max(k, len(tail)) < 4:
                continue
            first = self._whole(head)
            second = self._whole(tail) if first else []
            if second and any(a.sense.meaning not in _NO_CONTENT for a in (*first, *second) if len(head) > 3 or a in second):
                weight = max(len(head), len(tail))
                if weight > best[0]:
                    best = (weight, (head, tail))
        return best[1]

    # ---- misspelt words

    def misspelt(self, word: str) -> tuple[Ann, ...]:
        """Meanings of an unknown word one slip away: swapped, missing, doubled, wrong letter (optimal string alignment distance 1)."""
        return self._fuzzy_memory[word]

    def _guess(self, word: str) -> list[Ann]:
        if not 3 <= len(word) <= 24 or word in self._ordinary or not word.isalpha():
            return []
        size = len(word)
        tried: list[tuple[int, str]] = []  # letters that stay as they are, the word with the others mended
        if size >= 4:
            tried += [(k, word[:k] + word[k + 1] + word[k] + word[k + 2 :]) for k in range(size - 1) if word[k] != word[k + 1]]
        if size >= 5:
            tried += [(k, word[:k] + word[k + 1 :]) for k in range(1, size)]
        for vowel in _VOWELS.get(disguise.scripts(word)[:1], ()):
            tried += [(k, word[:k] + vowel + word[k:]) for k in range(1, size) if size >= 4 or k < size - 1]
        found = self._mended(word, tried)
        from rapidfuzz.distance.OSA import distance  # slow to load: not before a word asks for it

        # A stem may lack a letter of the word's, or have another one in the place `gone`.
        slips = [(k, 0, stems) for k, stems in self._slips.beginning(word) if k >= 3]
        for gone in range(1, min(size, self._slips.reach(word))):
            slips += [(k + 1, gone, stems) for k, stems in self._slips.beginning(word[:gone] + word[gone + 1 :]) if k >= max(4, gone)]
        for k, gone, stems in sorted(slips):
            for stem, place in stems:
                if not gone or (place == gone and len(stem) >= 5):
                    found += self._slip(stem, word, word[k:], distance)
        return found

    def _mended(self, word: str, tried: Sequence[tuple[int, str]]) -> list[Ann]:
        """What the tried words mean, each as (letters it shares with the beginning of `word`, the word)."""
        stems = self._stems[""]
        found: list[Ann] = []
        for stem in stems.prefixes(word):
            if means := self._content(stem):
                size = len(stem)
                found += _ended(stem, means, {candidate[size:] for kept, candidate in tried if kept >= size})
        reached = stems.reach(word)
        for kept, candidate in tried:
            if kept < reached and stems.begin(candidate[: kept + 1]):
                for stem in stems.prefixes(candidate):
                    if len(stem) > kept:
                        found += _ended(stem, self._content(stem), {candidate[len(stem) :]})
        return found

    def _content(self, stem: str) -> list[tuple[Endings | None, tuple[Sense, ...]]]:
        """What a stem may mean, but for little words."""
        means = self._stems[""].by_endings(stem)
        return [(endings, said) for endings, senses in means if (said := tuple(s for s in senses if s.meaning != "FUNC"))]

    def _slip(self, stem: str, word: str, rest: str, distance: Callable[..., int]) -> list[Ann]:
        head = word[: len(word) - len(rest)]
        if stem[0] != word[0] or distance(stem, head, score_cutoff=1) > 1 or head == stem[:-1]:
            return []
        out = []
        for endings, senses in self._stems[""].by_endings(stem):
            tags = 0 if endings is None else endings.get(rest, -1)
            if tags >= 0:
                out += [Ann(sense, tags | sense.tags, FUZZY) for sense in senses if sense.meaning != "FUNC"]
        return out


def _ended(stem: str, means: Sequence[tuple[Endings | None, tuple[Sense, ...]]], rests: Set[str]) -> list[Ann]:
    """A stem's meanings with these endings, as guesses."""
    found = []
    for endings, senses in means:
        if endings is None:
            ended = {(0, len(rest) > len(stem)) for rest in rests if _any_ending(stem[-1], rest) >= 0}
        else:
            ended = {(endings[rest], False) for rest in endings.keys() & rests}
        found += [Ann(sense, tags | sense.tags, FUZZY, chance) for tags, chance in sorted(ended) for sense in senses]
    return found


def _any_ending(last: str, rest: str) -> int:
    """0 where `word*` takes this rest, else -1: `19*` is a year, and no disguised word that begins with a digit."""
    return 0 if not rest or last.isalpha() or rest.isdigit() else -1


def _carries(piece: str, found: list[Ann]) -> bool:
    """Whether a piece of a word run together means something: four letters, three for a group's name."""
    meanings = {a.sense.meaning for a in found} - _NO_CONTENT
    return bool(meanings) and (len(piece) >= 4 or (len(piece) == 3 and "GROUP" in meanings))
