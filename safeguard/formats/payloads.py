"""Payloads of long polling: packets with their lengths before them, as engine.io 2 and 3 and Google's channels write them. Pure.

engine.io: `12:42["a","b"]`, the length in UTF-16 code units as JavaScript counts them; or, to a browser that takes binary answers,
0 (text) or 1 (binary), the digits as one byte each, 255, and that many bytes. Its first releases wrote UTF-8 twice over.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from safeguard.formats.document import Length
from safeguard.formats.view import View

_TEXT = re.compile(r"([0-9]{1,9})(:|\n)")
_BYTES = re.compile(r"([\x00\x01])([\x00-\x09]{1,9})\xff")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_TWICE = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_TO_DIGITS = str.maketrans({i: str(i) for i in range(10)})
_FROM_DIGITS = str.maketrans({str(i): chr(i) for i in range(10)})


MOST = 10_000
"""Packets of one payload; with more it is taken for none."""


class Packet(NamedTuple):
    """One packet at start:end of the payload, and the number that says how long it is."""

    start: int
    end: int
    binary: bool
    length: Length


def units(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return len(text) + len(_BEYOND.findall(text))


def packets(text: str) -> list[Packet] | None:
    """The packets of a payload; None for what is none: the lengths have to fit to the last letter."""
    header = _TEXT.match(text)
    if header is None:
        return None
    divider = header[2]
    beyond = [m.start() for m in _BEYOND.finditer(text)]
    out: list[Packet] = []
    at = 0
    while at < len(text):
        header = _TEXT.match(text, at)
        if header is None or header[2] != divider or len(out) == MOST:
            return None
        start, value = header.end(), int(header[1])
        end = start + value if not beyond else _after(text, beyond, start, value)
        if end is None or end > len(text):
            return None
        out.append(Packet(start, end, False, Length(header.start(1), header.end(1), start, end, value, units)))
        at = end
    return out


def _after(text: str, beyond: list[int], start: int, value: int) -> int | None:
    """Where that many UTF-16 code units after `start` end; None within a letter of two of them."""

    def measure(i: int) -> int:
        return i + bisect_left(beyond, i)

    wanted = measure(start) + value
    end = bisect_left(range(len(text) + 1), wanted, key=measure)
    return end if end <= len(text) and measure(end) == wanted else None


def byte_packets(text: str) -> list[Packet] | None:
    """The same for a binary payload, its bytes given as the letters U+0000 to U+00FF."""
    out: list[Packet] = []
    at = 0
    while at < len(text):
        header = _BYTES.match(text, at)
        if header is None or len(out) == MOST:
            return None
        start, value = header.end(), int(header[2].translate(_TO_DIGITS))
        if start + value > len(text):
            return None
        length = Length(header.start(2), header.end(2), start, start + value, value, len, _byte_digits)
        out.append(Packet(start, start + value, header[1] == "\x01", length))
        at = start + value
    return out or None


def _byte_digits(number: int) -> str:
    return str(number).translate(_FROM_DIGITS)


def once(view: View, start: int, end: int) -> View | None:
    """What stands there in UTF-8 written once more as letters up to U+00FF, or as such bytes, with that undone; None for any other."""
    raw = view.text[start:end]
    if not _TWICE.search(raw):
        return None
    try:
        said = raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
    return view.inside(start, end, said, _twice, _TWICE, _undone)


def _undone(m: re.Match[str]) -> str:
    return m[0].encode("latin-1").decode("utf-8", "replace")


def _twice(text: str) -> str:
    return text.encode("utf-8", "replace").decode("latin-1")
