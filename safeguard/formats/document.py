"""A body read once: its units, and where each text stands in it.

CONTRACT (formats/ fills it): every reader returns a Document; nobody else knows how a body is laid out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from safeguard.text.unit import TextUnit

Edit = tuple[int, int, str]
"""start, end, what stands there afterwards."""


class Run(NamedTuple):
    """One stretch of the body that shows (part of) a text.

    start, end: code points in the decoded body, end exclusive.
    escape:     turns plain text into what may stand there (JSON string, HTML text, HTML attribute, HTML inside JSON …).
    """

    start: int
    end: int
    escape: Callable[[str], str]


class Place(NamedTuple):
    """Where one segment's text stands: one run, or several where it is split (the notice goes into the first, the others empty)."""

    runs: tuple[Run, ...]


class Length(NamedTuple):
    """A number in the body, at start:end, that says how long the stretch first:last is; written anew where that changes.

    count: how long a text is in the number's own measure; digits: how a number is written there.
    """

    start: int
    end: int
    first: int
    last: int
    value: int
    count: Callable[[str], int]
    digits: Callable[[int], str] = str


@dataclass(frozen=True, slots=True)
class Document:
    """units: in reading order; places[segment.place] is where that segment stands; lang: the page's own language tag or "".

    lengths: of the packets a body is made of, in order.
    """

    body: str
    units: tuple[TextUnit, ...]
    places: tuple[Place, ...]
    lang: str = ""
    lengths: tuple[Length, ...] = ()

    def replaced(
        self, notices: Mapping[int, str], warnings: Mapping[int, str] | None = None, more: Sequence[tuple[int, int, str]] = ()
    ) -> str:
        """The body with the text at each place index replaced by its notice, or its warning before it, and more edits."""
        edits = list(more)
        for index, said in notices.items():
            for n, run in enumerate(self.places[index].runs):
                edits.append((run.start, run.end, run.escape(said) if n == 0 else ""))
        if warnings:
            texts = {s.place: s.text for u in self.units for s in u.segments if s.place in warnings}
            for index, said in warnings.items():
                run = self.places[index].runs[0]
                bare = run.escape("x") != "x"  # without quotes around it, the text has to be written again together with the warning
                edits.append((run.start, run.end, run.escape(said + texts[index])) if bare else (run.start, run.start, run.escape(said)))
        return apply(self.body, edits + self._lengths(edits) if self.lengths else edits)

    def _lengths(self, edits: list[Edit]) -> list[Edit]:
        """The numbers that are no longer true after those edits."""
        kept = outermost(edits)
        starts = [start for start, _, _ in kept]
        new = []
        for one in self.lengths:
            inside = kept[bisect_left(starts, one.first) : bisect_left(starts, one.last)]
            if inside:
                grown = sum(one.count(said) - one.count(self.body[start:end]) for start, end, said in inside)
                new.append((one.start, one.end, one.digits(one.value + grown)))
        return new


def outermost(edits: list[Edit]) -> list[Edit]:
    """The edits in order; of overlapping ones the outermost."""
    kept: list[Edit] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e[0], -e[1])):
        if edit[0] >= at:
            kept.append(edit)
            at = edit[1]
    return kept


def apply(body: str, edits: list[Edit]) -> str:
    """Splice the replacements in. Edits may come in any order; of overlapping ones the outermost wins."""
    out: list[str] = []
    at = 0
    for start, end, new in outermost(edits):
        out += (body[at:start], new)
        at = end
    out.append(body[at:])
    return "".join(out)
