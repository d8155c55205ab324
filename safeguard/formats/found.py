"""What the readers find, gathered into a Document: drafts of units that can still grow or merge. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol

from safeguard.formats.document import Document, Length, Place, Run
from safeguard.formats.view import View
from safeguard.text.unit import Role, Segment, TextUnit

_LONE = re.compile("[\ud800-\udfff]")
LETTER = re.compile(r"[^\x00-@\[-`{-\x7f]")
"""A letter or anything beyond ASCII: what a text must have to be a person's."""
MAYBE_LETTER = re.compile(r"[^\x00-%'-@\[\]-`{-\x7f]")
"""The same before escapes are undone: `&` and a backslash may stand for a letter."""


def _where(found: tuple[str, Role, tuple[Run, ...]]) -> int:
    return found[2][0].start


def is_answer(found: tuple[object, Role, object]) -> bool:
    """Whether a text is a poll's answer: in a unit answers come after what asks, wherever they stand."""
    return found[1] is Role.POLL_OPTION


class Draft:
    """A unit while it is being read."""

    __slots__ = ("asks", "author", "found", "link")

    def __init__(self, found: list[tuple[str, Role, tuple[Run, ...]]] | None = None) -> None:
        self.found = found if found is not None else []
        self.author = ""
        self.link = ""
        self.asks = False

    def add(self, text: str, role: Role, runs: tuple[Run, ...]) -> None:
        if _LONE.search(text):
            text = _LONE.sub("\ufffd", text)
        if role is Role.POLL_OPTION:
            self.asks = True
        self.found.append((text, role, runs))

    def take(self, other: Draft) -> None:
        """Make the other draft's texts ours; the other is left empty."""
        self.found += other.found
        self.asks = self.asks or other.asks
        other.found = []
        self.author = self.author or other.author
        self.link = self.link or other.link


@dataclass(slots=True)
class Findings:
    """All drafts of one body."""

    drafts: list[Draft] = field(default_factory=list)
    lang: str = ""
    lengths: list[Length] = field(default_factory=list)

    def draft(self) -> Draft:
        new = Draft()
        self.drafts.append(new)
        return new

    def scatter(self, draft: Draft) -> None:
        """Make every text of the draft a unit of its own."""
        for one in draft.found:
            self.drafts.append(Draft([one]))
        draft.found = []

    def document(self, body: str) -> Document:
        units: list[TextUnit] = []
        places: list[Place] = []
        for d in self.drafts:
            d.found.sort(key=_where)
        for d in sorted((d for d in self.drafts if d.found), key=lambda d: _where(d.found[0])):
            segments = []
            for text, role, runs in sorted(d.found, key=is_answer) if d.asks else d.found:
                segments.append(Segment(text, role, len(places)))
                places.append(Place(runs))
            units.append(TextUnit(tuple(segments), d.author, d.link))
        return Document(body, tuple(units), tuple(places), self.lang, tuple(self.lengths))


class Reader(Protocol):
    """What a reader of one format asks of the others (nested.py does it)."""

    findings: Findings

    def string(self, view: View, start: int, end: int, quoted: str, draft: Draft | None, role: Role) -> None:
        """A string value at start:end of the view; quoted says how it is escaped: json, js, html, attr or plain."""

    def script(self, view: View, start: int, end: int, kind: str) -> None:
        """The content of a <script> whose type attribute is `kind`."""

    def markup(self, view: View, start: int, end: int) -> None:
        """Raw content that may be markup (a comment, <noscript>)."""
