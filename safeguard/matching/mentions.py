"""From the words of a unit to its mentions: which meanings stand where, in which language, carried by which pronoun."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from safeguard.matching.lazy import Lazy
from safeguard.matching.lookup import FUZZY, NATIVE, Ann, Lookup, Meant, as_spelt
from safeguard.ruleset.model import ANY_LANG, LANG_BIT, SWALLOWING, TAG_BIT, CompiledRules, Item, Phrase
from safeguard.text.tokens import Tokens

MOST_GUESSED = 400  # unknown words of one unit that are tried as misspelt
_at = attrgetter("i")
_AZ = LANG_BIT["az"]
_SHARE = 0.65  # a language this near to the best one stays in play
TYPED_SHARE = 0.5  # of the best language's words that a language has where it is typed in another alphabet: else they are chance (my, մի)
_PLURAL = TAG_BIT["pl"]
_SINGULAR = TAG_BIT["sg"]
_ADJECTIVE = TAG_BIT["adj"]
_GENITIVE = TAG_BIT["noun"]
_TURKIC = LANG_BIT["tr"] | LANG_BIT["az"]
_PEOPLE = frozenset({"PEOPLE", "CHILD", "WOMENOF", "FAMILY", "VERMIN", "INSULT", "SUBHUMAN", "BADTRAIT", "KILLER"})
NAMING = frozenset({"GROUP", "SLUR"})
"""Meanings whose mentions a pronoun may stand for."""
NUMBER = TAG_BIT["sg"] | TAG_BIT["pl"]  # what a pronoun shares with the name it stands for
_CARRY = 2  # sentences over which "they" still means the group named before
_MOST_STEPS = 64  # of one phrase, over its gaps and optional words


@dataclass(slots=True, eq=False)
class Mention:
    """A meaning at tokens [i, j); carried: stands for something said before (a pronoun, a poll's question).

    holes: stretches inside a phrase that its gaps skipped; what stands there is not taken by it.
    """

    meaning: str
    tags: int
    langs: int
    group: str
    i: int
    j: int
    quality: int
    carried: bool = False
    holes: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Reading:
    """A unit read.

    mentions: by position; langs: sentence -> the languages it may be in (bits); typed: sentence -> language -> words known of it;
    names:    segments that are names, which say nothing about the other segments.
    """

    tokens: Tokens
    mentions: list[Mention]
    langs: dict[int, int]
    names: frozenset[int] = frozenset()
    typed: dict[int, dict[int, float]] = field(default_factory=dict)
    _by_meaning: dict[str, list[Mention]] = field(default_factory=dict)

    def of(self, meanings: frozenset[str]) -> list[Mention]:
        """The mentions of these meanings, by position within each meaning."""
        if not self._by_meaning:
            for m in self.mentions:
                self._by_meaning.setdefault(m.meaning, []).append(m)
        return [m for meaning in meanings for m in self._by_meaning.get(meaning, ())]

    def between(self, start: int, end: int) -> list[Mention]:
        """The mentions that begin at tokens [start, end), by position; what stands behind the last token belongs to it."""
        begin = bisect_left(self.mentions, start, key=_at)
        return self.mentions[begin : bisect_left(self.mentions, end, key=_at) if end < len(self.tokens) else None]


_Pairs = Lazy[int, dict[int, list[Phrase]] | None]


class Reader:
    """Tokens -> Reading over one set of compiled rules."""

    def __init__(self, rules: CompiledRules, lookup: Lookup) -> None:
        self._lookup = lookup
        self._literal: _Pairs = Lazy(lambda number: _paired(rules.phrases.get(number, ()), number, literal=True))
        self._open: _Pairs = Lazy(lambda number: _paired(rules.phrases.get(number, ()), number, literal=False))
        self._by_meaning: Lazy[str, tuple[Phrase, ...]] = Lazy(lambda meaning: rules.phrases.get(meaning, ()))

    def annotate(self, tokens: Tokens) -> tuple[Tokens, list[Meant]]:
        """The meanings of each token; hashtags and words run together are taken apart first."""
        tokens = self.apart(tokens)
        return tokens, self._looked_up(tokens)

    def apart(self, tokens: Tokens) -> Tokens:
        """The tokens with hashtags and words run together taken apart; the very same where there are none."""
        parts = [self._lookup.parts(w, raw) for w, raw in zip(tokens.word, tokens.raw, strict=True)]
        if any(len(p) > 1 or p[0] != w for p, w in zip(parts, tokens.word, strict=True)):
            return _apart(tokens, parts)
        return tokens

    def _looked_up(self, tokens: Tokens) -> list[Meant]:
        found = [self._lookup.meant(w) for w in tokens.word]
        for t, meant in enumerate(found):
            if meant.exact:
                found[t] = Meant(tokens.word[t], as_spelt(meant, tokens.raw[t]))
        return found

    def guessed(self, tokens: Tokens, meant: list[Meant]) -> tuple[Tokens, list[Meant]] | None:
        """The same with unknown words read as misspelt or as exactly two known ones (ihate); None where nothing is new."""
        halves = {t: two for t, m in enumerate(meant) if not m.native and (two := self._lookup.halves(tokens.word[t]))}
        new = bool(halves)
        if halves:
            tokens = _apart(tokens, [halves.get(t, (word,)) for t, word in enumerate(tokens.word)])
            guessed = [t in halves for t, word in enumerate(meant) for _ in halves.get(t, (word,))]
            meant = [
                Meant(word, tuple(a._replace(quality=FUZZY) for a in m.anns)) if g else m
                for m, g, word in zip(self._looked_up(tokens), guessed, tokens.word, strict=True)
            ]
        out, tried = [], 0
        for word, m in zip(tokens.word, meant, strict=True):
            if tried < MOST_GUESSED and not self._lookup.knows(word):
                tried += 1
                if more := self._lookup.misspelt(word):
                    m = Meant(word, (*m.anns, *more))
                    new = True
            out.append(m)
        return (tokens, out) if new else None

    def read(self, tokens: Tokens, meant: list[Meant]) -> Reading:
        """The mentions of a unit from the meanings of its words."""
        langs, typed, in_other_letters = self._languages(tokens, meant)
        kept = [m.in_play(langs[sentence], in_other_letters) for m, sentence in zip(meant, tokens.sent, strict=True)]
        mentions = [
            Mention(a.sense.meaning, a.tags, a.sense.langs, a.sense.group, t, t + 1, a.quality)
            for t, (found, _) in enumerate(kept)
            for a in found
        ]
        numbers = [words for _, words in kept]
        where: dict[int, list[int]] = {}
        for t, words in enumerate(numbers):
            for number in words:
                where.setdefault(number, []).append(t)
        mentions += self._phrases(tokens, numbers, where, mentions, literal=True)
        mentions += self._phrases(tokens, numbers, where, mentions, literal=False)
        mentions = _swallowed(_distinct(mentions))
        _adjectives(mentions)
        mentions += _carried(tokens, mentions)
        mentions.sort(key=lambda m: (m.i, m.j))
        return Reading(tokens, mentions, langs, typed=typed)

    def _languages(self, tokens: Tokens, meant: list[Meant]) -> tuple[dict[int, int], dict[int, dict[int, float]], int]:
        """Per sentence the languages it may be in, from the words known of each, the unit's own counting half; and those counts.

        Last, the languages of which the unit has enough words that they may be typed in another alphabet.
        """
        whole = dict.fromkeys(LANG_BIT.values(), 0.0)
        by_sentence: dict[int, dict[int, float]] = {}
        for m, number, raw in zip(meant, tokens.sent, tokens.raw, strict=True):
            sentence = by_sentence.get(number)
            if sentence is None:
                sentence = by_sentence[number] = dict.fromkeys(LANG_BIT.values(), 0.0)
            if not m.spoken:
                continue  # an emoji is of no language
            for bit, weight in m.weights:
                sentence[bit] += weight
                whole[bit] += weight
            if "ə" in raw or "Ə" in raw:
                sentence[_AZ] += 1.0
                whole[_AZ] += 1.0
        out = {}
        most = max(whole.values())
        for number, scores in by_sentence.items():
            # No more than the sentence itself says: one in another language than a long unit around it keeps its own.
            share = 0.5 * min(1.0, 2 * max(scores.values()) / most) if most else 0.0
            total = [(bit, score + share * whole[bit]) for bit, score in scores.items()]
            best = max([score for _, score in total])
            out[number] = sum([bit for bit, score in total if score >= _SHARE * best]) if best else ANY_LANG
        enough = TYPED_SHARE * max(whole.values())
        return out, by_sentence, sum([bit for bit, score in whole.items() if score >= enough])

    def _phrases(
        self, tokens: Tokens, numbers: list[dict[int, Ann]], where: dict[int, list[int]], mentions: list[Mention], *, literal: bool
    ) -> list[Mention]:
        by_pair = self._literal if literal else self._open
        words = where.keys()
        candidates: list[Phrase] = []
        for number in where:
            others = by_pair[number]
            if others is not None:
                candidates += others.get(-1, ())
                if not words.isdisjoint(others):
                    for other in words & others.keys():
                        candidates += others[other]
        if not literal:
            candidates += [p for meaning in {m.meaning for m in mentions} for p in self._by_meaning[meaning]]
        out: list[Mention] = []
        by_token: dict[int, list[Mention]] = {}
        by_meaning: dict[str, list[int]] = {}
        longest = 1
        if not literal:
            for m in mentions:
                by_token.setdefault(m.i, []).append(m)
                by_meaning.setdefault(m.meaning, []).append(m.i)
                longest = max(longest, m.j - m.i)
        for phrase in dict.fromkeys(candidates):
            starts = _starts(phrase, where, by_meaning, longest)
            for t in starts:
                found = _match(phrase, t, tokens, numbers, by_token)
                if found:
                    # What a phrase over meanings says of itself counts, not what its words say: `<KILL:inf> են =past`.
                    tags = phrase.tags if phrase.tags and not phrase.literal else found.tags | phrase.tags
                    out.append(Mention(phrase.meaning, tags, phrase.langs, phrase.group, t, found.end, found.quality, holes=found.holes))
        return out


def _starts(phrase: Phrase, where: Mapping[int, list[int]], by_meaning: Mapping[str, list[int]], longest: int) -> set[int]:
    """The tokens from which the phrase may stand: every word it needs is there, the rarest of them near enough behind.

    where, by_meaning: places of words and of mentions; longest: tokens of a mention.
    """
    found = []
    for item in phrase.needed:
        places = _places(item, where, by_meaning)
        if not places:
            return places
        found.append(places)
    rarest = min(found, key=len, default=set())
    if not rarest:
        return rarest
    starts = found[0] if phrase.items[0] is phrase.needed[0] else _places(phrase.items[0], where, by_meaning)
    if len(starts) < 3 or rarest is starts:
        return starts
    reach = sum([item.gap or (longest if item.meaning else 1) for item in phrase.items])
    return {t for at in rarest for t in range(at - reach, at + 1) if t in starts}


def _places(item: Item, where: Mapping[int, list[int]], by_meaning: Mapping[str, list[int]]) -> set[int]:
    if item.meaning:
        return set(by_meaning.get(item.meaning, ()))
    known = item.words & where.keys()
    return {t for n in known for t in where[n]} if known else set()


def _paired(phrases: Iterable[Phrase], number: int, *, literal: bool) -> dict[int, list[Phrase]] | None:
    """Of phrases found by a word: another word -> those that need both, -1 -> those that need that one alone; None where there are none."""
    out: dict[int, list[Phrase]] = {}
    for phrase in phrases:
        if phrase.literal is literal:
            others = [i.words for i in phrase.needed if i.words and number not in i.words]
            for other in min(others, key=len) if others else (-1,):
                out.setdefault(other, []).append(phrase)
    return out or None


def _apart(tokens: Tokens, parts: Sequence[Sequence[str]]) -> Tokens:
    """The tokens with each as these pieces."""
    out = Tokens(question=tokens.question)
    for t, pieces in enumerate(parts):
        _put(out, tokens, t, pieces)
    return out


def _put(out: Tokens, tokens: Tokens, t: int, pieces: Sequence[str]) -> None:
    """Token t as these pieces, all at its place in the text."""
    for piece in pieces:
        out.add(piece, tokens.start[t], tokens.end[t], tokens.seg[t], tokens.sent[t], tokens.clause[t], tokens.option[t], tokens.raw[t])
        out.quote[-1] = tokens.quote[t]


class _Found(NamedTuple):
    """A phrase found: where it ends, the tags of its words, its poorest quality, and the words its gaps skipped."""

    end: int
    tags: int
    quality: int
    holes: tuple[tuple[int, int], ...]


def _match(phrase: Phrase, start: int, tokens: Tokens, numbers: list[dict[int, Ann]], by_token: dict[int, list[Mention]]) -> _Found | None:
    """The longest reading of the phrase from a token, within its sentence; None where it does not stand there."""
    size, sentence = len(tokens), tokens.sent[start]
    steps = 0
    best: _Found | None = None
    todo = [(0, start, _Found(start, 0, NATIVE, ()))]  # next item, next token, what is found so far
    while todo and steps < _MOST_STEPS:
        steps += 1
        n, t, found = todo.pop()
        if n == len(phrase.items):
            if best is None or found.end > best.end:
                best = found
            continue
        item = phrase.items[n]
        if item.gap:
            todo += [(n + 1, t + g, found._replace(holes=(*found.holes, (t, t + g))) if g else found) for g in range(item.gap, -1, -1)]
            continue
        if item.optional:
            todo.append((n + 1, t, found))
        if t >= size or tokens.sent[t] != sentence:
            if item.negated:
                todo.append((n + 1, t, found))
            continue
        hits: list[tuple[int, int, int]] = []
        if item.meaning:
            hits = [
                (m.j, m.tags, m.quality) for m in by_token.get(t, ()) if m.meaning == item.meaning and (not item.tags or m.tags & item.tags)
            ]
        else:
            hits = [(t + 1, a.tags, a.quality) for number, a in numbers[t].items() if number in item.words]
        if item.negated:  # looks ahead only: the word is no part of the phrase
            if not hits:
                todo.append((n + 1, t + 1, found))
            continue
        todo += [(n + 1, j, _Found(j, found.tags | tags, max(found.quality, q), found.holes)) for j, tags, q in hits]
    return best


def _distinct(mentions: list[Mention]) -> list[Mention]:
    """One mention per meaning, tags, group and place: the best reading's; a phrase takes out what it covers of its own meaning."""
    merged: dict[tuple[str, int, str, int, int], Mention] = {}
    for m in mentions:
        key = (m.meaning, m.tags, m.group, m.i, m.j)
        kept = merged.get(key)
        if kept is None or m.quality < kept.quality:
            merged[key] = m
        elif m.quality == kept.quality:
            kept.langs |= m.langs
    kept_all = list(merged.values())
    longer = _by_place(m for m in kept_all if m.j - m.i > 1)
    if not longer:
        return kept_all
    return [m for m in kept_all if not any(p is not m and _covers(p, m) for p in longer.get(m.i, ()))]


def _by_place(mentions: Iterable[Mention]) -> dict[int, list[Mention]]:
    """Token -> the mentions that span it."""
    out: dict[int, list[Mention]] = {}
    for m in mentions:
        for t in range(m.i, m.j):
            out.setdefault(t, []).append(m)
    return out


def _covers(phrase: Mention, m: Mention) -> bool:
    """Whether the phrase says what the mention inside it says, only more exactly."""
    return (
        phrase.meaning == m.meaning
        and phrase.group == m.group
        and phrase.i <= m.i
        and m.j <= phrase.j
        and m.j - m.i < phrase.j - phrase.i
        and not any(i <= m.i and m.j <= j for i, j in phrase.holes)
    )


def _swallowed(mentions: list[Mention]) -> list[Mention]:
    """Without mentions inside an idiom or a thing's name (gypsy moth, dying of laughter), and slurs inside a longer neutral name."""
    covers = _by_place(m for m in mentions if m.meaning in SWALLOWING and m.j - m.i > 1)
    slurs = {(m.i, m.j) for m in mentions if m.meaning == "SLUR"}
    names = _by_place(m for m in mentions if m.meaning == "GROUP" and m.j - m.i > 1 and (m.i, m.j) not in slurs)
    if not covers and not names:
        return mentions
    return [
        m
        for m in mentions
        if m.meaning in SWALLOWING
        or not (
            any(m.j <= c.j for c in covers.get(m.i, ()))
            or (m.meaning == "SLUR" and any(m.j <= n.j and m.j - m.i < n.j - n.i for n in names.get(m.i, ())))
        )
    ]


def _adjectives(mentions: list[Mention]) -> None:
    """A group's name before the noun of a thing is an adjective: Armenian bread, the Turkish government."""
    things = {m.i for m in mentions if m.meaning == "NONPEOPLE"}
    own = {(m.i, m.j) for m in mentions if m.meaning == "NONPEOPLE"}
    people = {m.i for m in mentions if m.meaning in _PEOPLE}
    for m in mentions:
        if m.meaning == "GROUP" and m.langs == LANG_BIT["ru"] and m.tags & _ADJECTIVE and not m.tags & NUMBER:
            # In Russian only an adjective: армянские дети are people, армянская кухня is not.
            if not any(t in people for t in range(m.j, m.j + 3)):
                m.meaning = "GROUPADJ"
            continue
        if m.meaning == "GROUP" and m.j in things and not m.tags & _PLURAL and (m.i, m.j) not in own and not _has_case(m):
            m.meaning = "GROUPADJ"


def _has_case(m: Mention) -> bool:
    """Whether a Turkish or Azerbaijani name stands in a case in which it belongs to no thing (Yahudiye ekmek yok: to a Jew)."""
    return bool(m.tags & _SINGULAR) and not m.tags & (_ADJECTIVE | _GENITIVE) and not m.langs & ~_TURKIC


def _carried(tokens: Tokens, mentions: list[Mention]) -> list[Mention]:
    """Groups that a pronoun or a poll's option stands for."""
    groups = sorted((m for m in mentions if m.meaning in NAMING), key=lambda m: m.i)
    out: list[Mention] = []
    if not groups:
        return out
    named = {m.i for m in groups}
    ends = sorted(groups, key=lambda g: g.j)
    starts = [g.j for g in ends]
    for m in mentions:
        if m.meaning == "PRON" and m.i not in named:
            nearest = bisect_right(starts, m.i) - 1
            if nearest >= 0 and tokens.sent[m.i] - tokens.sent[ends[nearest].i] <= _CARRY:
                g = ends[nearest]
                out.append(Mention("GROUP", g.tags & NUMBER, ANY_LANG, g.group, m.i, m.j, g.quality, carried=True))
    with_group = {tokens.sent[m.i] for m in groups}
    seen: set[int] = set()
    for t, option in enumerate(tokens.option):
        sentence = tokens.sent[t]
        if option and sentence not in seen:
            seen.add(sentence)
            before = [g for g in groups if tokens.option[g.i] == 0 and g.j <= t]
            if before and sentence not in with_group:
                out.append(Mention("GROUP", before[-1].tags & NUMBER, ANY_LANG, before[-1].group, t, t, before[-1].quality, carried=True))
                out.append(Mention("OUGHT", 0, ANY_LANG, "", t, t, NATIVE, carried=True))
    return out
