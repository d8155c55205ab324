"""Tables of compiled rules as bytes, taken apart entry by entry when a text first asks for one: ready at once, and small in memory.

A memory of what was taken apart changes no answer; a pickle leaves it out.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from sys import intern
from typing import Any, NamedTuple

from marisa_trie import BytesTrie, Trie

from safeguard.ruleset.model import Endings, Item, Phrase, Sense

LONGEST_SLIP = 25  # letters of a stem that a misspelt word can be
_NUMBER = 4  # bytes of a stem's number


class _Forgetful:
    """Pickles without what it remembers."""

    _made: dict[Any, Any]

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_made": {}}


class Records:
    """Plain values (numbers, texts, and tuples, sets and dicts of these) by number."""

    def __init__(self, values: Iterable[Any]) -> None:
        pieces = [marshal.dumps(v) for v in values]
        self._data = b"".join(pieces)
        self._at = array("I", accumulate(map(len, pieces), initial=0))

    def __len__(self) -> int:
        return len(self._at) - 1

    def __getitem__(self, number: int) -> Any:
        return marshal.loads(self._data[self._at[number] : self._at[number + 1]])


class Rows:
    """Rows of numbers by number."""

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self._values = array("I", chain.from_iterable(rows))
        self._at = array("I", accumulate(map(len, rows), initial=0))

    def __len__(self) -> int:
        return len(self._at) - 1

    def __getitem__(self, number: int) -> array[int]:
        return self._values[self._at[number] : self._at[number + 1]]


class Columns:
    """Tuples of texts and small numbers by number, each place of all of them together."""

    def __init__(self, columns: Sequence[Sequence[Any]]) -> None:
        self._values = [tuple(dict.fromkeys(column)) for column in columns]
        numbers = [{value: number for number, value in enumerate(values)} for values in self._values]
        self._at = [array("I", map(of.__getitem__, column)) for of, column in zip(numbers, columns, strict=True)]

    def __len__(self) -> int:
        return len(self._at[0])

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        return tuple([values[at[number]] for values, at in zip(self._values, self._at, strict=True)])


class Numbered(NamedTuple):
    """A phrase with the numbers of its items."""

    meaning: str
    tags: int
    langs: int
    group: str
    items: tuple[int, ...]


class Phrases(_Forgetful):
    """Every phrase by number, the same object each time: a phrase is told from others by what it is, not by what it says."""

    def __init__(
        self,
        phrases: Sequence[tuple[str, int, int, str, Sequence[int]]],
        items: Sequence[tuple[Collection[int], str, int, bool, int, bool]],
    ) -> None:
        """phrases: `Numbered`, items: `Item`, or as plain values."""
        words, *others = list(zip(*items, strict=True)) or [()] * len(Item._fields)
        self._item_words = Rows(words)
        self._items = Columns(others)
        *others, places = list(zip(*phrases, strict=True)) or [()] * len(Numbered._fields)
        self._places = Rows(places)
        self._kept = Columns(others)
        self._made: dict[int, Phrase] = {}

    def __len__(self) -> int:
        return len(self._places)

    def _item(self, number: int) -> Item:
        return Item(frozenset(self._item_words[number]), *self._items[number])

    def __getitem__(self, number: int) -> Phrase:
        made = self._made.get(number)
        if made is None:
            meaning, tags, langs, group = self._kept[number]
            items = tuple([self._item(n) for n in self._places[number]])
            # Two threads may make one phrase at once: the first counts for both.
            made = self._made.setdefault(number, Phrase.of(meaning, tags, langs, group, items))
        return made


class PhraseIndex(Mapping[int | str, tuple[Phrase, ...]]):
    """Phrases by what they are found by: the number of a word, or a meaning."""

    def __init__(self, phrases: Phrases, rows: Mapping[int | str, Sequence[int]]) -> None:
        self._phrases = phrases
        self._rows = Rows(list(rows.values()))
        self._meanings = {key: row for row, key in enumerate(rows) if isinstance(key, str)}
        numbered = {key: row for row, key in enumerate(rows) if isinstance(key, int)}
        self._words = array("i", [numbered.get(key, -1) for key in range(max(numbered, default=-1) + 1)])  # most of these have a row

    def __getitem__(self, key: int | str) -> tuple[Phrase, ...]:
        if isinstance(key, str):
            row = self._meanings[key]
        elif not 0 <= key < len(self._words) or (row := self._words[key]) < 0:
            raise KeyError(key)
        return tuple([self._phrases[n] for n in self._rows[row]])

    def __iter__(self) -> Iterator[int | str]:
        yield from (key for key, row in enumerate(self._words) if row >= 0)
        yield from self._meanings

    def __len__(self) -> int:
        return len(self._rows)


class EndingTables(_Forgetful):
    """Every table of endings by number; number 0 is None, which stands for any ending."""

    def __init__(self, tables: Iterable[Endings]) -> None:
        self._kept = Records({intern(ending): tags for ending, tags in t.items()} for t in tables)  # once in memory for all tables
        self._made: dict[int, Endings] = {}

    def __len__(self) -> int:
        return len(self._kept) + 1

    def __getitem__(self, number: int) -> Endings | None:
        if not number:
            return None
        made = self._made.get(number)
        if made is None:
            made = self._made[number] = self._kept[number - 1]
        return made


class Classes(Mapping[tuple[str, str], tuple[tuple[str, Endings], ...]]):
    """(language, class) -> each prefix with the endings of its forms."""

    def __init__(self, rows: Mapping[tuple[str, str], Sequence[tuple[str, int]]], tables: EndingTables) -> None:
        """rows: prefixes with the numbers of their tables."""
        self._kept = dict(rows)
        self._tables = tables

    def __getitem__(self, key: tuple[str, str]) -> tuple[tuple[str, Endings], ...]:
        return tuple((prefix, self._tables[number] or {}) for prefix, number in self._kept[key])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


class Packed(_Forgetful, Mapping[str, Any]):
    """Plain values by name."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._names = {name: n for n, name in enumerate(values)}
        self._kept = Records(values.values())
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._kept[self._names[name]]
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Senses:
    """Every sense by number."""

    def __init__(self, senses: Sequence[tuple[str, int, int, str, int, str, str]]) -> None:
        columns: list[tuple[Any, ...]] = list(zip(*senses, strict=True)) or [()] * len(Sense._fields)
        meaning, tags, langs, group, word, source, exact = columns
        texts = {t: n for n, t in enumerate(dict.fromkeys(chain(meaning, group, source, exact)))}
        self._texts = tuple(texts)
        self._numbers = [array("i", column) for column in (tags, langs, word)]
        self._named = [array("I", map(texts.__getitem__, column)) for column in (meaning, group, source, exact)]

    def __len__(self) -> int:
        return len(self._numbers[0])

    def __getitem__(self, number: int) -> Sense:
        tags, langs, word = [column[number] for column in self._numbers]
        meaning, group, source, exact = [self._texts[column[number]] for column in self._named]
        return Sense(meaning, tags, langs, group, word, source, exact)


Means = tuple[tuple[Endings | None, Sense], ...]
"""What a stem may mean, each with the endings it may take (None: any)."""


class Stems(_Forgetful, Mapping[str, Means]):
    """Stem -> what it may mean."""

    def __init__(self, table: Mapping[str, Sequence[int]], endings: EndingTables, senses: Senses) -> None:
        """table: stem -> number of a table of endings, number of a sense, and so on in turn."""
        self._trie = Trie(table)
        self._endings = endings
        self._senses = senses
        rows: list[Sequence[int]] = [()] * len(table)
        for number, row in zip(map(self._trie.__getitem__, table), table.values(), strict=True):  # the trie gives them numbers of its own
            rows[number] = row
        self._rows = Rows(rows)
        self._made: dict[str, tuple[tuple[Endings | None, tuple[Sense, ...]], ...]] = {}

    def __getitem__(self, stem: str) -> Means:
        row = iter(self._rows[self._trie[stem]])
        return tuple((self._endings[e], self._senses[s]) for e, s in zip(row, row, strict=True))

    def by_endings(self, stem: str) -> tuple[tuple[Endings | None, tuple[Sense, ...]], ...]:
        """What a stem may mean, each table of endings once."""
        made = self._made.get(stem)
        if made is None:
            row = iter(self._rows[self._trie[stem]])
            found: dict[int, list[Sense]] = {}
            for table, sense in zip(row, row, strict=True):
                found.setdefault(table, []).append(self._senses[sense])
            made = self._made[stem] = tuple((self._endings[table], tuple(senses)) for table, senses in found.items())
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._trie)

    def __len__(self) -> int:
        return len(self._trie)

    def prefixes(self, text: str) -> list[str]:
        """All stems that the text begins with."""
        found: list[str] = self._trie.prefixes(text)
        return found

    def begin(self, text: str) -> bool:
        """Whether a stem begins with the text, or is it."""
        return _begins(self._trie, text)

    def reach(self, text: str) -> int:
        """From how many letters of the text on nothing begins so; all of them where that is never."""
        return _reach(self._trie, text)

    def number(self, stem: str) -> int:
        """The number of a stem in this table. Raises KeyError."""
        number: int = self._trie[stem]
        return number

    def stem(self, number: int) -> str:
        """The stem of that number."""
        stem: str = self._trie.restore_key(number)
        return stem


def _begins(trie: Any, text: str) -> bool:
    """Whether a key of the trie begins with the text, or is it."""
    return next(trie.iterkeys(text), None) is not None


def _reach(trie: Any, text: str) -> int:
    return next((size for size in range(1, len(text)) if not _begins(trie, text[:size])), len(text))


class Slips:
    """Stems by what is left of them with one letter missing."""

    def __init__(self, stems: Stems, chosen: Iterable[str]) -> None:
        """chosen: those of the stems that a misspelt word may be; of LONGEST_SLIP letters at most."""
        left: list[str] = []
        told: list[int] = []
        for stem in chosen:
            number = stems.number(stem) << 8
            left += [stem[:k] + stem[k + 1 :] for k in range(1, len(stem))]
            told += range(number + 1, number + len(stem))
        self._stems = stems
        self._trie = BytesTrie(zip(left, [n.to_bytes(_NUMBER + 1) for n in told], strict=True))

    def reach(self, text: str) -> int:
        """The same as Stems.reach."""
        return _reach(self._trie, text)

    def beginning(self, text: str) -> Iterator[tuple[int, list[tuple[str, int]]]]:
        """For each number of letters with which the text begins as such a stem: the stems, and the place of the letter that is missing."""
        for left in self._trie.prefixes(text):
            yield len(left), [(self._stems.stem(int.from_bytes(at[:_NUMBER])), at[_NUMBER]) for at in self._trie[left]]
