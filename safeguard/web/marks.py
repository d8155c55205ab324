"""Which stretches of a logged text decided: the log keeps the exact words of each finding, the excerpt begins somewhere in the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from safeguard.matching.verdict import Reason


def pieces(text: str, reasons: Iterable[Reason]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a word that decided; suppressed findings decide nothing."""
    marked = bytearray(len(text))
    for reason in reasons:
        if reason.suppressed_by is not None:
            continue
        at = 0
        for word in reason.words:
            found = text.find(word, at) if word else -1
            if found < 0:
                found = text.find(word) if word else -1  # two orders of words in one text
            if found >= 0:
                at = found + len(word)
                marked[found:at] = b"\1" * len(word)
    return _split(text, marked)


def cut(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The same where the stretches [start, end) are known."""
    marked = bytearray(len(text))
    for start, end in spans:
        end = min(end, len(text))
        marked[start:end] = b"\1" * max(0, end - start)
    return _split(text, marked)


def _split(text: str, marked: bytearray) -> list[tuple[str, bool]]:
    out: list[tuple[str, bool]] = []
    begin = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or marked[i] != marked[begin]:
            out.append((text[begin:i], bool(marked[begin])))
            begin = i
    return out
