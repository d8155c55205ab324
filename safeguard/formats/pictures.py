"""Which pictures belong to a hidden unit: those that stand in its container, a box of HTML or an object of JSON. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from safeguard.formats import boxes
from safeguard.formats.addresses import family, joined, key
from safeguard.formats.boxes import PICTURE_KEY, Box, Tree
from safeguard.formats.document import Document
from safeguard.formats.sites.model import SiteProfile
from safeguard.text.unit import Role

GREY = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAB4AAAAUCAAAAAC/wNIYAAAAFUlEQVR42mOcxYAPMDGMSo9KU0kaAKdJAMKQTck2AAAAAElFTkSuQmCC"
"""Stands for a picture that is written out in its address: letters that mean the same in HTML, JSON, CSS and any of them in another."""
_FARTHEST = 200
"""Containers between a text and its picture."""
_ATTACHED = frozenset({Role.ALT, Role.NAME, Role.CARD, Role.TRANSLATION})
"""Texts that speak of the picture or its author: the unit that shows the picture may be farther out."""
_SPOKEN = re.compile(r"[^\W\d_][\"'’»)]*[,.;:!?…-]*\s+[\"'‘«(]*[^\W\d_]|[^\x00-\x7f]")
_TIME = re.compile(r"\d:\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Hidden:
    """The pictures that stand with hidden texts.

    keys:   key (or family, where no neighbour's picture is one of it) of each -> index of the text's place.
    inline: edits of the body that put GREY in place of those written out in it.
    """

    keys: dict[str, int]
    inline: tuple[tuple[int, int, str], ...]


def of_places(document: Document, hidden: Collection[int], base: str, site: SiteProfile | None = None) -> Hidden:
    """The pictures of the texts whose places are hidden. base: address of the body."""
    return of_tree(document, boxes.read(document.body, site), hidden, base)


def of_tree(document: Document, tree: Tree, hidden: Collection[int], base: str) -> Hidden:
    """The same where the body's tree is at hand."""
    near = _Near(document, tree, hidden)
    base = joined(base, tree.base)
    keys: dict[str, int] = {}
    neighbours: set[str] = set()
    inline = []
    for p in tree.pictures:
        owned, place = near.owner(p.at, p.box)
        if not p.url:
            if place is not None:
                inline.append((p.start, p.end, GREY))
        elif place is not None:
            if known := key(joined(base, p.url)):
                keys.setdefault(known, place)
        elif owned and p.seen and (known := key(joined(base, p.url))):
            neighbours.add(known)
    theirs = {family(k) for k in neighbours - keys.keys()} if keys else set()
    sizes = {f: place for k, place in keys.items() if (f := family(k)) and f not in theirs}
    return Hidden(keys | sizes, tuple(inline))


def is_said(text: str) -> bool:
    """Whether a string of JSON is likely a person's: several words, or letters of another alphabet; no "GraphImage" and no date."""
    return _SPOKEN.search(text) is not None and _TIME.search(text) is None


@dataclass(frozen=True, slots=True)
class _Text:
    """One text of a unit. whole: what it is a part of, a unit as far as one container holds it together."""

    at: int
    whole: tuple[int, int]


@dataclass(slots=True)
class _Least:
    """The texts that stand least deep in a container, in order; hidden: the place of the first hidden one."""

    depth: int = _FARTHEST
    texts: list[_Text] = field(default_factory=list)
    hidden: int | None = None

    def put(self, depth: int, text: _Text, hidden: int | None) -> None:
        if depth < self.depth:
            self.depth, self.texts, self.hidden = depth, [], None
        if depth == self.depth:
            self.texts.append(text)
            self.hidden = hidden if self.hidden is None else self.hidden


class _Near:
    """Which texts a picture belongs to."""

    def __init__(self, document: Document, tree: Tree, hidden: Collection[int]) -> None:
        self._hidden: dict[tuple[int, int], int] = {}
        self._levels: dict[int, tuple[_Least, _Least, _Least]] = {}
        """By the id of a container: what it shows of texts, of those that only describe a picture, and of words in JSON for machines."""
        texts = []
        for number, unit in enumerate(document.units):
            for s in unit.segments:
                if s.place not in hidden and boxes.is_address(s.text):
                    continue  # says nothing of whose picture it is
                at = document.places[s.place].runs[0].start
                box = tree.innermost(at)
                whole = number, self._kept_by(box).start
                kind = 1 if s.role in _ATTACHED else 2 if box.name and not is_said(s.text) else 0
                texts.append((at, box, _Text(at, whole), kind))
                if s.place in hidden:
                    self._hidden.setdefault(whole, s.place)
        for _, box, text, kind in sorted(texts, key=lambda t: t[0]):
            self._place(box, text, kind)

    def owner(self, at: int, inner: Box) -> tuple[bool, int | None]:
        """Whether a picture goes with any text; the place of a hidden one among them.

        Those in the smallest container that has any, then in what is around it as long as these only describe the picture, or where the
        container is a post that another one quotes. In an object every one, in a row the one before the picture and the one after it.
        """
        owned = False
        for box, least in self._around(inner):
            place = least.hidden
            if place is not None and (box.is_list or not box.name):
                behind = bisect_right(least.texts, at, key=lambda t: t.at)
                beside = least.texts[max(0, behind - 1) : behind + 1]
                place = next((self._hidden[t.whole] for t in beside if t.whole in self._hidden), None)
            if place is not None:
                return True, place
            owned = True
        return owned, None

    def _around(self, inner: Box) -> Iterator[tuple[Box, _Least]]:
        """Containers from the inside out, as far as what they show of texts may be about a picture inside."""
        box: Box | None = inner
        owned = False
        for _ in range(_FARTHEST):
            if box is None or (owned and box.is_list and not PICTURE_KEY.search(box.name)):
                return
            level = self._levels.get(id(box), ())
            for least in level:
                if least.texts:
                    yield box, least
            owned = owned or bool(level and level[2].texts)
            if level and level[0].texts and not PICTURE_KEY.search(box.name):
                while not (box is None or box.sealed or box.quoted):
                    box = box.parent
            if box is None or box.sealed:
                return
            box = box.parent

    def _kept_by(self, box: Box) -> Box:
        """The innermost container that keeps its texts to itself: a comment within a post is not the post."""
        while box.parent is not None and not (box.sealed or box.quoted):
            box = box.parent
        return box

    def _place(self, inner: Box, text: _Text, kind: int) -> None:
        """Make the text known to the containers around it, up to one that keeps its own for itself."""
        box: Box | None = inner
        for depth in range(_FARTHEST):
            if box is None:
                return
            self._levels.setdefault(id(box), (_Least(), _Least(), _Least()))[kind].put(depth, text, self._hidden.get(text.whole))
            if box.closed_off:
                return
            box = box.parent
