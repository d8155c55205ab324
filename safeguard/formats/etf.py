"""Erlang's external term format, which a gateway may speak in place of JSON (`encoding=etf`). Pure.

Shown to the readers as the JSON it stands for; what they change in its strings goes back into the terms, all else byte for byte.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from itertools import pairwise
from typing import NamedTuple

from safeguard.errors import Unchecked
from safeguard.formats.literals import json_string

VERSION = b"\x83"
DEEPEST = 100
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.S)
_PACKED = 80
_NUMBERS = {97: 1, 98: 4, 99: 31, 70: 8}
"""Tag -> bytes of a number after it."""
_BIG = {110: 1, 111: 4}
"""Tag -> bytes of the length of a large number, whose sign takes one more."""
_TEXTS = {109: 4, 107: 2, 100: 2, 115: 1, 118: 2, 119: 1}
"""Tag -> bytes of its length: binary, string, atoms."""
_ATOMS = frozenset((100, 115, 118, 119))
_ROWS = {108: 4, 104: 1, 105: 4}
"""Tag -> bytes of the count: list, small and large tuple."""
_EMPTY, _MAP = 106, 116
_WORDS = {b"true": "true", b"false": "false", b"nil": "null", b"null": "null"}


class Term(NamedTuple):
    """json: what the readers see; strings: where its strings stand in `data`, from their tags on, in the same order."""

    json: str
    data: bytes
    strings: tuple[tuple[int, int], ...]

    def holding(self, text: str) -> bytes:
        """The term with the strings of `text`, which is `json` with some strings changed."""
        out = []
        edges = [1]
        for old, new, (start, end) in zip(_STRING.finditer(self.json), _STRING.finditer(text), self.strings, strict=True):
            if old[1] != new[1]:
                said = json_string(text, *new.span(1)).encode("utf-8", "surrogateescape")
                out.append(struct.pack(">BI", 109, len(said)) + said)
                edges += (start, end)
        edges.append(len(self.data))
        kept = [self.data[a:b] for a, b in list(pairwise(edges))[::2]]
        return VERSION + kept[0] + b"".join(new + rest for new, rest in zip(out, kept[1:], strict=True))


def read_term(data: bytes, limit: int) -> Term:
    """The one term of a message. Raises Unchecked for what is none, is cut off, or goes on behind it."""
    if data[:2] == VERSION + bytes([_PACKED]):
        worker = zlib.decompressobj()
        try:
            data = VERSION + worker.decompress(data[6:], limit)
        except zlib.error as e:
            raise Unchecked("a packed term is broken") from e
        if not worker.eof:
            raise Unchecked("a packed term is cut off or too large")
    reader = _Reader(data)
    try:
        reader.term(0)
    except (IndexError, struct.error) as e:
        raise Unchecked("a term is cut off") from e
    if reader.at != len(data):
        raise Unchecked("there is more behind a term")
    return Term("".join(reader.out), data, tuple(reader.strings))


class _Reader:
    """One pass over one term."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 1
        self.out: list[str] = []
        self.strings: list[tuple[int, int]] = []

    def number(self, size: int) -> int:
        start = self.at
        self.skip(size)
        return int.from_bytes(self.data[start : self.at])

    def skip(self, size: int) -> None:
        self.at += size
        if self.at > len(self.data):
            raise IndexError

    def term(self, depth: int, key: bool = False) -> None:
        """One term; the key of a map is a string in JSON whatever it is."""
        if depth > DEEPEST:
            raise Unchecked("a term is nested too deep")
        start = self.at
        tag = self.number(1)
        if tag in _TEXTS:
            size = self.number(_TEXTS[tag])
            text = self.at
            self.skip(size)
            self.text(start, self.data[text : self.at], tag in _ATOMS and not key)
        elif tag in _NUMBERS:
            self.skip(_NUMBERS[tag])
            self.plain(start, key)
        elif tag in _BIG:
            self.skip(self.number(_BIG[tag]) + 1)
            self.plain(start, key)
        elif key:
            raise Unchecked("a map whose keys are no words")
        elif tag == _EMPTY:
            self.out.append("[]")
        elif tag in _ROWS:
            self.row(self.number(_ROWS[tag]), depth)
            if tag == 108 and self.number(1) != _EMPTY:
                raise Unchecked("a list with an odd end")
        elif tag == _MAP:
            self.map(depth)
        else:
            raise Unchecked(f"a term with the unknown tag {tag}")

    def plain(self, start: int, key: bool) -> None:
        """A number: no text, whatever its value."""
        self.out.append('"0"' if key else "0")
        if key:
            self.strings.append((start, self.at))

    def text(self, start: int, said: bytes, word: bool) -> None:
        if word and said in _WORDS:
            self.out.append(_WORDS[said])
            return
        self.out.append(json.dumps(said.decode("utf-8", "surrogateescape"), ensure_ascii=False))
        self.strings.append((start, self.at))

    def row(self, count: int, depth: int) -> None:
        self.out.append("[")
        for n in range(count):
            if n:
                self.out.append(",")
            self.term(depth + 1)
        self.out.append("]")

    def map(self, depth: int) -> None:
        self.out.append("{")
        for n in range(self.number(4)):
            if n:
                self.out.append(",")
            self.term(depth + 1, key=True)
            self.out.append(":")
            self.term(depth + 1)
        self.out.append("}")
